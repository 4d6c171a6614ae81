import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connect, createServer } from 'node:tls';
import { expect, test } from 'vitest';
import { LocalAuthority } from './local-authority.ts';

const DAY_MS = 24 * 3_600_000;
const HOSTS = ['localhost', '127.0.0.1', '::1', '192.168.1.7', 'box', 'box.local'];

async function setupFolder() {
  const folder = path.join(await mkdtemp(path.join(tmpdir(), 'roost-tls-')), 'tls');
  let at = Date.now();
  return {
    folder,
    pass: (ms: number) => (at += ms),
    open: (hosts = HOSTS) => LocalAuthority.open({ folder, hosts, name: 'box', now: () => at }),
    [Symbol.asyncDispose]: () => rm(path.dirname(folder), { recursive: true })
  };
}

const leafOf = (pem: string) => new X509Certificate(pem);

/** What a client that trusts `ca` makes of a server of this name: null when all is well. */
async function handshake(server: { cert: string; key: string }, ca: string, name: string): Promise<string | null> {
  const tls = createServer(server).listen(0, '127.0.0.1');
  tls.on('tlsClientError', () => undefined);
  await once(tls, 'listening');
  const { port } = tls.address() as AddressInfo;
  const socket = connect({
    port,
    host: '127.0.0.1',
    ca,
    servername: name.includes(':') || /^\d/.test(name) ? '' : name,
    checkServerIdentity: (_host, certificate) => {
      const leaf = new X509Certificate(certificate.raw);
      const fits = /^\d|:/.test(name) ? leaf.checkIP(name) : leaf.checkHost(name);
      return fits === undefined ? new Error(`not for ${name}`) : undefined;
    }
  });
  try {
    await once(socket, 'secureConnect');
    return null;
  } catch (error) {
    return (error as Error).message;
  } finally {
    socket.destroy();
    tls.close();
  }
}

test('[TLS-1] who trusts the authority trusts the server under each of its addresses', async () => {
  await using fixture = await setupFolder();
  const authority = await fixture.open();
  const server = await authority.certificateFor(HOSTS);
  expect(server.leftOut).toEqual([]);
  for (const name of HOSTS) expect(await handshake(server, authority.certificate, name), name).toBeNull();
  expect(await handshake(server, authority.certificate, 'example.org')).toBe('not for example.org');
});

test('[TLS-1] who does not trust it is warned', async () => {
  await using fixture = await setupFolder();
  await using other = await setupFolder();
  const server = await (await fixture.open()).certificateFor(HOSTS);
  expect(await handshake(server, (await other.open()).certificate, 'localhost')).not.toBeNull();
});

test('[TLS-2] the authority vouches for private names and addresses alone', async () => {
  await using fixture = await setupFolder();
  const authority = await fixture.open();
  const { cert, leftOut } = await authority.certificateFor([...HOSTS, 'bank.example', '93.184.216.34', '10.1.2.3']);
  expect(leftOut).toEqual(['bank.example', '93.184.216.34']);
  expect(leafOf(cert).subjectAltName).toContain('IP Address:10.1.2.3');
  expect(leafOf(cert).subjectAltName).not.toContain('bank.example');
});

test('[TLS-2] a public address and name of one’s own at the first start are within its bounds', async () => {
  await using fixture = await setupFolder();
  const authority = await fixture.open([...HOSTS, '93.184.216.34', 'chat.example.org']);
  const server = await authority.certificateFor(['93.184.216.34', 'chat.example.org']);
  expect(server.leftOut).toEqual([]);
  expect(await handshake(server, authority.certificate, 'chat.example.org')).toBeNull();
  expect(await handshake(server, authority.certificate, '93.184.216.34')).toBeNull();
});

test('[TLS-3] the server’s certificate lives at most 398 days, is for servers, and no authority', async () => {
  await using fixture = await setupFolder();
  const leaf = leafOf((await (await fixture.open()).certificateFor(HOSTS)).cert);
  expect(Date.parse(leaf.validTo) - Date.parse(leaf.validFrom)).toBeLessThanOrEqual(398 * DAY_MS);
  expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
  expect(leaf.ca).toBe(false);
});

test('[TLS-3] it stays the same over starts, and is renewed near its end or for a new address', async () => {
  await using fixture = await setupFolder();
  const authority = await fixture.open();
  const first = await authority.certificateFor(HOSTS);
  const again = await (await fixture.open()).certificateFor(HOSTS);
  expect(again.cert).toBe(first.cert);
  const moved = await authority.certificateFor([...HOSTS, '192.168.1.8']);
  expect(leafOf(moved.cert).fingerprint256).not.toBe(leafOf(first.cert).fingerprint256);
  fixture.pass(370 * DAY_MS);
  const renewed = await (await fixture.open()).certificateFor(HOSTS);
  expect(leafOf(renewed.cert).fingerprint256).not.toBe(leafOf(moved.cert).fingerprint256);
  expect((await fixture.open()).fingerprint, 'people need not trust it anew').toBe(authority.fingerprint);
});

test('[TLS-4] its folder and files are for their owner alone', async () => {
  await using fixture = await setupFolder();
  await (await fixture.open()).certificateFor(HOSTS);
  expect((await stat(fixture.folder)).mode & 0o777).toBe(0o700);
  for (const file of await readdir(fixture.folder)) {
    expect((await stat(path.join(fixture.folder, file))).mode & 0o777, file).toBe(0o600);
  }
});

test('a damaged server certificate is made anew; a damaged authority is one line, as people would have to trust another', async () => {
  await using fixture = await setupFolder();
  const authority = await fixture.open();
  await authority.certificateFor(HOSTS);
  await writeFile(path.join(fixture.folder, 'server.crt'), 'damaged');
  expect(await handshake(await authority.certificateFor(HOSTS), authority.certificate, 'localhost')).toBeNull();
  await writeFile(path.join(fixture.folder, 'ca.key'), 'damaged');
  await expect(fixture.open()).rejects.toThrow(/^The certificate authority in .* cannot be read: .*\.$/);
});
