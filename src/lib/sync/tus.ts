// The few requests of tus 1.0.0 that bring a file to the server. Invariant: never throws; each answer is one of what is
// to be done next. Pieces go with their checksum, so that none is taken that was damaged on its way.

import { type UploadState } from '#protocol/api/file.ts';
import { API_ERROR_CODES, type ApiErrorCode, type Problem } from '#protocol/api/problem.ts';
import type { BlobHash } from '#protocol/ids.ts';

/** What another try does not change; the words for it are those of the API. */
export const FINAL_CODES = [
  'too-large',
  'quota',
  'disk-full',
  'file-differs',
  'file-type',
  'file-broken',
  'file-pixels',
  'file-metadata'
] as const satisfies readonly ApiErrorCode[];
export type FinalCode = (typeof FINAL_CODES)[number];

export type Step =
  | { readonly kind: 'at'; readonly id: string; readonly offset: number }
  /** The server knows no such upload any more. */
  | { readonly kind: 'gone' }
  /** What was sent does not fit what the server has. */
  | { readonly kind: 'out-of-step' }
  | { readonly kind: 'failed'; readonly code: FinalCode }
  /** No line, or a server that cannot now. */
  | { readonly kind: 'later' };

const VERSION = { 'tus-resumable': '1.0.0' };
/** For one piece, however slow the line; the queue makes pieces smaller when it takes long. */
const REQUEST_TIMEOUT_MS = 60_000;

export type Fetch = (path: string, init?: RequestInit) => Promise<Response>;
/** 32 bytes. */
type Sha256 = (bytes: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>;

export class Tus {
  readonly #fetch: Fetch;
  readonly #sha256: Sha256;

  constructor(fetch: Fetch, sha256: Sha256) {
    this.#fetch = fetch;
    this.#sha256 = sha256;
  }

  /** `at` with the whole length: the server has all of it already. */
  async begin(hash: BlobHash, length: number, signal: AbortSignal): Promise<Step> {
    return this.#step('POST', '/api/uploads', signal, {
      'upload-length': String(length),
      'upload-metadata': `hash ${btoa(hash)}`
    });
  }

  async where(id: string, signal: AbortSignal): Promise<Step> {
    return this.#step('GET', pathOf(id), signal, {});
  }

  async send(id: string, offset: number, piece: Blob, signal: AbortSignal): Promise<Step> {
    const bytes = await piece.arrayBuffer().then(
      (buffer) => new Uint8Array(buffer),
      () => null
    );
    // The disk may answer at the next try.
    if (!bytes) return { kind: 'later' };
    const sum = await this.#sha256(bytes);
    const headers = {
      'content-type': 'application/offset+octet-stream',
      'upload-offset': String(offset),
      'upload-checksum': `sha256 ${btoa(String.fromCharCode(...sum))}`
    };
    // Of bytes a browser keeps a copy in the tab's memory until it collects the request; of a piece of a file it keeps none.
    const step = await this.#step('PATCH', pathOf(id), signal, headers, piece);
    return step.kind === 'at' ? { kind: 'at', id, offset: step.offset || offset + bytes.length } : step;
  }

  /** The server need not keep what it has of it. */
  async end(id: string): Promise<void> {
    await this.#fetch(pathOf(id), { method: 'DELETE', headers: VERSION }).catch(() => undefined);
  }

  async #step(
    method: string,
    path: string,
    signal: AbortSignal,
    headers: Readonly<Record<string, string>>,
    body?: Blob
  ): Promise<Step> {
    try {
      const response = await this.#fetch(path, {
        ...{ method, credentials: 'same-origin', cache: 'no-store' },
        headers: { ...VERSION, ...headers },
        ...(body && { body }),
        signal: AbortSignal.any([signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)])
      });
      if (!response.ok) return await refusalOf(response);
      if (response.status === 204) return { kind: 'at', id: '', offset: Number(response.headers.get('upload-offset')) };
      const { id, offset } = (await response.json()) as UploadState;
      return { kind: 'at', id, offset };
    } catch {
      return { kind: 'later' };
    }
  }
}

const pathOf = (id: string): string => `/api/uploads/${encodeURIComponent(id)}`;

async function refusalOf(response: Response): Promise<Step> {
  const problem = (await response.json().catch(() => ({}))) as Partial<Problem>;
  const code = API_ERROR_CODES.find((known) => known === problem.code);
  const final = FINAL_CODES.find((known) => known === code);
  if (final) return { kind: 'failed', code: final };
  if (code === 'upload-offset' || code === 'upload-checksum') return { kind: 'out-of-step' };
  return { kind: code === 'not-found' ? 'gone' : 'later' };
}
