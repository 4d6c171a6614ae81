// The certificate authority of this one server, made at its first start on a local network, and the certificates
// it issues to it. People install the authority's certificate once; browsers then take the server for secure.
// Invariant: keys never leave the folder, which only its owner reads.

import 'reflect-metadata';
import { createPrivateKey, X509Certificate as NodeCertificate } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import path from 'node:path';
import * as x509 from '@peculiar/x509';
import * as v from 'valibot';
import { ConfigError } from '../config-error.ts';
import {
  encodeNameConstraints,
  isPermitted,
  NAME_CONSTRAINTS_OID,
  permitted,
  type Permitted
} from './name-constraints.ts';

const DAY_MS = 24 * 3_600_000;
const AUTHORITY_LIFE_MS = 3_652 * DAY_MS;
/** Browsers take no more than 398 days. */
const LEAF_LIFE_MS = 397 * DAY_MS;
const RENEW_BEFORE_MS = 30 * DAY_MS;
/** Devices whose clocks are behind take it all the same. */
const BACKDATED_MS = 2 * DAY_MS;

const KEY_ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' };
const SIGNING_ALGORITHM = { name: 'ECDSA', hash: 'SHA-256' };

const permittedRecord = v.object({ names: v.array(v.string()), ranges: v.array(v.tuple([v.string(), v.number()])) });

export interface ServerCertificate {
  /** PEM: the server's, then the authority's. */
  readonly cert: string;
  /** PEM. */
  readonly key: string;
  /** Hosts that it could not be issued for, since the authority is confined to other names. */
  readonly leftOut: readonly string[];
}

export interface LocalAuthorityOptions {
  readonly folder: string;
  /** Names and addresses of this machine now. */
  readonly hosts: readonly string[];
  /** What people see in their list of authorities. */
  readonly name: string;
  /** Epoch ms. */
  readonly now: () => number;
}

export class LocalAuthority {
  /** PEM of the authority's certificate. */
  readonly certificate: string;
  readonly #folder: string;
  readonly #key: string;
  readonly #permitted: Permitted;
  readonly #now: () => number;

  private constructor(folder: string, certificate: string, key: string, names: Permitted, now: () => number) {
    this.#folder = folder;
    this.certificate = certificate;
    this.#key = key;
    this.#permitted = names;
    this.#now = now;
  }

  /** Opens the authority of a folder; makes it when there is none, or when it nears its end. */
  static async open({ folder, hosts, name, now }: LocalAuthorityOptions): Promise<LocalAuthority> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const file = (base: string): string => path.join(folder, base);
    const [certificate, key, names] = await Promise.all([
      readIfThere(file('ca.crt')),
      readIfThere(file('ca.key')),
      readIfThere(file('ca.names.json'))
    ]);
    if (certificate !== null && key !== null && names !== null) {
      const known = readAuthority(folder, certificate, key, names);
      if (Date.parse(new NodeCertificate(certificate).validTo) - now() > LEAF_LIFE_MS) {
        return new LocalAuthority(folder, certificate, key, known, now);
      }
    }
    const made = await makeAuthority(name, permitted(hosts), now());
    await writeSecret(file('ca.key'), made.key);
    await writeSecret(file('ca.names.json'), JSON.stringify(made.permitted));
    await writeSecret(file('ca.crt'), made.certificate);
    return new LocalAuthority(folder, made.certificate, made.key, made.permitted, now);
  }

  /** SHA-256 of the certificate, in the form that systems show: pairs of hex digits. */
  get fingerprint(): string {
    return new NodeCertificate(this.certificate).fingerprint256;
  }

  /** DER, as phones take it. */
  get der(): Buffer {
    return new NodeCertificate(this.certificate).raw;
  }

  /** The server's certificate for these hosts: the one at hand, or a new one when it would not do. */
  async certificateFor(hosts: readonly string[]): Promise<ServerCertificate> {
    const wanted = [...new Set(hosts)];
    const covered = wanted.filter((host) => host === '::1' || isPermitted(host, this.#permitted));
    const leftOut = wanted.filter((host) => !covered.includes(host));
    const [cert, key] = await Promise.all([
      readIfThere(path.join(this.#folder, 'server.crt')),
      readIfThere(path.join(this.#folder, 'server.key'))
    ]);
    if (cert !== null && key !== null && this.#stillGood(cert, key, covered)) return { cert, key, leftOut };
    return { ...(await this.#issue(covered)), leftOut };
  }

  #stillGood(cert: string, key: string, hosts: readonly string[]): boolean {
    try {
      const leaf = new NodeCertificate(cert);
      return (
        leaf.verify(new NodeCertificate(this.certificate).publicKey) &&
        leaf.checkPrivateKey(createPrivateKey(key)) &&
        Date.parse(leaf.validTo) - this.#now() > RENEW_BEFORE_MS &&
        hosts.every((host) => (isIP(host) ? leaf.checkIP(host) : leaf.checkHost(host)) !== undefined)
      );
    } catch {
      return false;
    }
  }

  async #issue(hosts: readonly string[]): Promise<{ cert: string; key: string }> {
    const authority = new x509.X509Certificate(this.certificate);
    const signingKey = await importSigningKey(this.#key);
    const keys = await crypto.subtle.generateKey(KEY_ALGORITHM, true, ['sign', 'verify']);
    const now = this.#now();
    const leaf = await x509.X509CertificateGenerator.create({
      serialNumber: newSerial(),
      subject: [{ CN: ['Roost'] }],
      issuer: authority.subjectName,
      notBefore: new Date(now - BACKDATED_MS),
      notAfter: new Date(now - BACKDATED_MS + LEAF_LIFE_MS),
      publicKey: keys.publicKey,
      signingKey,
      signingAlgorithm: SIGNING_ALGORITHM,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension(
          hosts.map((host) => ({ type: isIP(host) ? ('ip' as const) : ('dns' as const), value: host }))
        ),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
        await x509.AuthorityKeyIdentifierExtension.create(authority.publicKey)
      ]
    });
    const cert = `${leaf.toString('pem')}\n${this.certificate}`;
    const key = await exportKey(keys.privateKey);
    await writeSecret(path.join(this.#folder, 'server.key'), key);
    await writeSecret(path.join(this.#folder, 'server.crt'), cert);
    return { cert, key };
  }
}

async function makeAuthority(name: string, names: Permitted, now: number) {
  const keys = await crypto.subtle.generateKey(KEY_ALGORITHM, true, ['sign', 'verify']);
  // A number of its own in the name: two servers, or one made anew, are told apart in a system's list.
  const mark = newSerial().slice(2, 8);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    name: [{ CN: [`Roost on ${name} (${mark})`] }, { O: ['Roost local authority'] }],
    notBefore: new Date(now - BACKDATED_MS),
    notAfter: new Date(now + AUTHORITY_LIFE_MS),
    keys,
    signingAlgorithm: SIGNING_ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      new x509.Extension(NAME_CONSTRAINTS_OID, true, new Uint8Array(encodeNameConstraints(names))),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey)
    ]
  });
  return { certificate: `${certificate.toString('pem')}\n`, key: await exportKey(keys.privateKey), permitted: names };
}

/** @throws ConfigError when the files do not belong together */
function readAuthority(folder: string, certificate: string, key: string, names: string): Permitted {
  try {
    if (!new NodeCertificate(certificate).checkPrivateKey(createPrivateKey(key))) throw new Error('other key');
    return v.parse(permittedRecord, JSON.parse(names));
  } catch (cause) {
    const advice =
      'put them back from a backup, or delete the folder to make a new authority, which people then trust anew';
    throw new ConfigError(`The certificate authority in ${folder} cannot be read: ${advice}.`, { cause });
  }
}

const importSigningKey = (pem: string): Promise<CryptoKey> =>
  crypto.subtle.importKey(
    'pkcs8',
    new Uint8Array(createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' })),
    KEY_ALGORITHM,
    false,
    ['sign']
  );

const exportKey = async (key: CryptoKey): Promise<string> => {
  const bytes = Buffer.from(await crypto.subtle.exportKey('pkcs8', key));
  return createPrivateKey({ key: bytes, format: 'der', type: 'pkcs8' })
    .export({ type: 'pkcs8', format: 'pem' })
    .toString();
};

/** 127 random bits, hex; positive, as RFC 5280 wants serial numbers. */
function newSerial(): string {
  const bytes = crypto.getRandomValues(Buffer.alloc(16));
  bytes[0] = (bytes[0]! & 0x7f) | 0x40;
  return bytes.toString('hex');
}

async function readIfThere(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw cause;
  }
}

/** Whole or not at all, and readable by its owner alone from the first byte on. */
async function writeSecret(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text, { mode: 0o600, flush: true });
  await rename(`${file}.new`, file);
}
