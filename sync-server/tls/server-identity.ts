// How this server proves who it is: by a certificate that the host gave, or by one of its own authority, which
// follows the machine's addresses and is renewed in time. No certificate: plain http alone.

import path from 'node:path';
import { hostname } from 'node:os';
import type { LocalAuthority } from './local-authority.ts';
import { lanAddresses, lanNames } from './network-addresses.ts';
import { readCertificate, type CertificateFiles } from './server-certificate.ts';

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export interface ServerIdentityOptions {
  readonly files: CertificateFiles | null;
  readonly lan: boolean;
  readonly dataDir: string;
  readonly publicUrl: string | null;
  /** Epoch ms. */
  readonly now: () => number;
}

export class ServerIdentity {
  readonly #options: ServerIdentityOptions;
  /** null: the host's own certificate, or none. */
  readonly authority: LocalAuthority | null;

  private constructor(options: ServerIdentityOptions, authority: LocalAuthority | null) {
    this.#options = options;
    this.authority = authority;
  }

  static async open(options: ServerIdentityOptions): Promise<ServerIdentity> {
    if (options.files !== null || !options.lan) return new ServerIdentity(options, null);
    // Loaded here alone: few starts need it, and it is the largest of the server's parts.
    const { LocalAuthority } = await import('./local-authority.ts');
    const authority = await LocalAuthority.open({
      folder: path.join(options.dataDir, 'tls'),
      hosts: hostsOf(options),
      name: hostname(),
      now: options.now
    });
    return new ServerIdentity(options, authority);
  }

  /** The certificate for the addresses that the machine has now; null without TLS. */
  async certificate(): Promise<Certificate | null> {
    const { files } = this.#options;
    if (files !== null) return readCertificate(files);
    return this.authority && this.authority.certificateFor(hostsOf(this.#options));
  }
}

function hostsOf({ publicUrl }: ServerIdentityOptions): string[] {
  const own = publicUrl === null ? [] : [new URL(publicUrl).hostname.replace(/^\[|\]$/g, '')];
  return ['localhost', '127.0.0.1', '::1', ...lanAddresses(), ...lanNames(), ...own];
}
