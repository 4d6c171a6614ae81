// Fetches a page or a picture that a message links to. Whoever is signed in names the address, so it could be any: http or
// https on its usual port, a public address, and so for each redirect. Invariants: never rejects; what it reads is bounded, after
// decompression, and so is the time; it sends no cookie, no name, and where a link leads it tells nobody.

import http from 'node:http';
import https from 'node:https';
import { PassThrough, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { checkedLookup, isReachedAddress, mayBePublicHost, type Resolve } from '../outbound/public-host.ts';

const REDIRECTS_MAX = 3;

export interface Fetched {
  /** Where the last redirect led. */
  readonly url: URL;
  /** As the site says. */
  readonly contentType: string;
  readonly bytes: Buffer;
}

export interface FetchWish {
  /** Media types that are read, `image/` for all of that kind; whatever else it is, nothing of it is. */
  readonly accept: readonly string[];
  readonly maxBytes: number;
  /** What is longer is cut, rather than not taken. */
  readonly cut: boolean;
  readonly signal: AbortSignal;
}

export interface PageFetchOptions {
  /** How the server names itself to sites. */
  readonly userAgent: string;
  /** Origins that may be anywhere, and on any port. */
  readonly ownSites?: readonly string[];
  // What tests put in place of the network.
  readonly ports?: readonly string[];
  readonly resolve?: Resolve;
  readonly isReached?: (address: string) => boolean;
}

export class PageFetch {
  readonly #options: PageFetchOptions;
  readonly #own: ReadonlySet<string>;
  readonly #isReached: (address: string) => boolean;

  constructor(options: PageFetchOptions) {
    this.#options = options;
    this.#own = new Set(options.ownSites ?? []);
    this.#isReached = options.isReached ?? isReachedAddress;
  }

  /** Whether a request would be sent at all, by the address alone. */
  mayFetch(url: URL): boolean {
    if ((url.protocol !== 'http:' && url.protocol !== 'https:') || url.username !== '' || url.password !== '')
      return false;
    if (this.#own.has(url.origin)) return true;
    // The usual port of either protocol is '' in a URL; 443 over http and 80 over https are nobody's.
    return (this.#options.ports ?? ['']).includes(url.port) && mayBePublicHost(url.hostname, this.#isReached);
  }

  /** null: nothing that was wished for, for whatever reason. */
  async fetch(from: URL, wish: FetchWish): Promise<Fetched | null> {
    let url = from;
    for (let redirects = 0; redirects <= REDIRECTS_MAX; redirects += 1) {
      if (!this.mayFetch(url)) return null;
      const step = await this.#request(url, wish).catch(() => null);
      if (step === null || 'bytes' in step) return step;
      url = step.to;
    }
    return null;
  }

  async #request(url: URL, wish: FetchWish): Promise<Fetched | { readonly to: URL } | null> {
    const response = await this.#answer(url, wish);
    try {
      const { statusCode = 0, headers } = response;
      if ([301, 302, 303, 307, 308].includes(statusCode)) {
        const { location } = headers;
        return location !== undefined && URL.canParse(location, url) ? { to: new URL(location, url) } : null;
      }
      const contentType = headers['content-type'] ?? '';
      if (statusCode !== 200 || !isAmong(contentType, wish.accept)) return null;
      const bytes = await readBody(response, wish);
      return bytes && { url, contentType, bytes };
    } finally {
      response.destroy();
    }
  }

  #answer(url: URL, { accept, signal }: FetchWish): Promise<http.IncomingMessage> {
    const isOwn = this.#own.has(url.origin);
    return new Promise((resolve, reject) => {
      const request = (url.protocol === 'http:' ? http : https).get(url, {
        // Each with a connection of its own: one that is kept would go where its name led before.
        agent: false,
        lookup: checkedLookup(new Set(isOwn ? [url.hostname] : []), this.#options.resolve, this.#isReached),
        headers: {
          'user-agent': this.#options.userAgent,
          accept: accept.map((type) => (type.endsWith('/') ? `${type}*` : type)).join(', '),
          'accept-encoding': 'gzip, deflate, br'
        },
        signal
      });
      request.on('error', reject);
      // After a 101 there is neither an answer nor an error, and no signal ends it any more.
      request.on('close', () => reject(new Error('closed without an answer')));
      request.on('response', (response) => {
        // Whoever reads it hears of it; after that nobody has to.
        response.on('error', () => undefined);
        resolve(response);
      });
    });
  }
}

function isAmong(contentType: string, accept: readonly string[]): boolean {
  const type = contentType.split(';')[0]!.trim().toLowerCase();
  return accept.some((one) => (one.endsWith('/') ? type.startsWith(one) : type === one));
}

/** Ends the reading of what is long enough. */
class EnoughError extends Error {}

/** null: longer than wished for, or packed in a way that nobody asked for. Rejects where it ends early, or takes too long. */
async function readBody(response: http.IncomingMessage, { maxBytes, cut, signal }: FetchWish): Promise<Buffer | null> {
  const unpacking = unpackerOf(response.headers['content-encoding']);
  if (unpacking === null) return null;
  const chunks: Buffer[] = [];
  let bytes = 0;
  const collect = async (source: AsyncIterable<Buffer>): Promise<void> => {
    for await (const chunk of source) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > maxBytes) throw new EnoughError();
    }
  };
  try {
    await pipeline(response, unpacking, collect, { signal });
  } catch (error) {
    if (!(error instanceof EnoughError)) throw error;
    if (!cut) return null;
  }
  return Buffer.concat(chunks).subarray(0, maxBytes);
}

/** null: unknown. What one unpacks takes no more memory at once than its window, whatever is packed in it. */
function unpackerOf(encoding: string | undefined): Transform | null {
  switch (encoding?.trim().toLowerCase() ?? '') {
    case '':
    case 'identity':
      return new PassThrough();
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'deflate':
      return createInflate();
    case 'br':
      return createBrotliDecompress();
    default:
      return null;
  }
}
