// Which pages may speak to this server with a person's cookie: those that it serves itself, under any of the
// addresses it listens on, and the public address. Compared exactly, never by pattern.

import { LOOPBACK_HOSTS, urlHost } from '../tls/network-addresses.ts';

export interface ServedAt {
  /** Known once the server listens. */
  readonly port: () => number;
  /** Host as configured; with `everywhere`, all addresses of the machine count. */
  readonly host: string;
  readonly everywhere: boolean;
  readonly tls: boolean;
  readonly publicUrl: string | null;
}

export interface AllowedOriginsDeps {
  readonly served: ServedAt;
  /** Hosts of the local network now: addresses and names. */
  readonly lanHosts: () => readonly string[];
  /** Epoch ms. */
  readonly now: () => number;
}

/** The network may change under a running server; looking again this often is cheap. */
const LOOK_AGAIN_MS = 5_000;

export class AllowedOrigins {
  readonly #served: ServedAt;
  readonly #lanHosts: () => readonly string[];
  readonly #now: () => number;
  #origins: ReadonlySet<string> = new Set();
  #lookedAt = -Infinity;

  constructor({ served, lanHosts, now }: AllowedOriginsDeps) {
    this.#served = served;
    this.#lanHosts = lanHosts;
    this.#now = now;
  }

  /** @param origin the Origin header, as it came */
  has(origin: string): boolean {
    const now = this.#now();
    if (now - this.#lookedAt >= LOOK_AGAIN_MS) {
      this.#origins = this.#list();
      this.#lookedAt = now;
    }
    return this.#origins.has(origin);
  }

  #list(): Set<string> {
    const { port, host, everywhere, tls, publicUrl } = this.#served;
    const hosts: string[] = [host, ...(everywhere || isLoopback(host) ? LOOPBACK_HOSTS : [])];
    if (everywhere) hosts.push(...this.#lanHosts());
    const origins = new Set(publicUrl === null ? [] : [publicUrl]);
    for (const name of hosts) {
      origins.add(originOf('http', name, port()));
      if (tls) origins.add(originOf('https', name, port()));
    }
    return origins;
  }
}

export const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || host.startsWith('127.');
export const isEverywhere = (host: string): boolean => host === '0.0.0.0' || host === '::';

/** A browser leaves out the port that the scheme has anyway, and so does URL. */
export const originOf = (scheme: 'http' | 'https', host: string, port: number): string =>
  new URL(`${scheme}://${urlHost(host)}:${port}`).origin;
