// A server of uploads in memory, behind the real requests: it keeps what it is sent, and misbehaves as a test says.

import type { UploadState } from '#protocol/api/file.ts';
import type { ApiErrorCode } from '#protocol/api/problem.ts';
import type { Environment } from '../../environment.ts';

interface Upload {
  readonly hash: string;
  readonly length: number;
  readonly bytes: number[];
}

export class FakeTus {
  online = true;
  /** A Problem to answer a request with, instead of doing it. */
  problem: (method: string, offset: number) => ApiErrorCode | null = () => null;
  /** Pieces wait for it. */
  gate: Promise<void> = Promise.resolve();
  readonly requests: string[] = [];
  readonly uploads = new Map<string, Upload>();
  /** Whole files by hash. */
  readonly files = new Map<string, Uint8Array>();
  #ids = 0;

  readonly fetch: Environment['fetch'] = async (path, init = {}) => {
    if (!this.online || init.signal?.aborted) throw new TypeError('fetch failed');
    const method = init.method ?? 'GET';
    const headers = new Headers(init.headers);
    this.requests.push(method);
    const offset = Number(headers.get('upload-offset'));
    const code = this.problem(method, offset);
    if (code) return Response.json({ code }, { status: 400 });
    if (method === 'POST') return this.#create(headers);
    const id = path.split('/').at(-1)!;
    const upload = this.uploads.get(id);
    if (!upload) return Response.json({ code: 'not-found' }, { status: 404 });
    if (method === 'GET') return this.#state(id, upload.bytes.length, upload.length);
    if (method === 'DELETE') {
      this.uploads.delete(id);
      return new Response(null, { status: 204 });
    }
    await this.gate;
    if (offset !== upload.bytes.length) return Response.json({ code: 'upload-offset' }, { status: 409 });
    const piece = new Uint8Array(await (init.body as Blob).arrayBuffer());
    const sum = Buffer.from(await crypto.subtle.digest('SHA-256', piece)).toString('base64');
    if (headers.get('upload-checksum') !== `sha256 ${sum}`)
      return Response.json({ code: 'upload-checksum' }, { status: 460 });
    for (const byte of piece) upload.bytes.push(byte);
    if (upload.bytes.length === upload.length) {
      this.files.set(upload.hash, Uint8Array.from(upload.bytes));
      this.uploads.delete(id);
    }
    return new Response(null, { status: 204, headers: { 'upload-offset': String(upload.bytes.length) } });
  };

  #create(headers: Headers): Response {
    const length = Number(headers.get('upload-length'));
    const hash = atob(headers.get('upload-metadata')!.split(' ')[1]!);
    const id = `upload-${(this.#ids += 1)}`;
    if (this.files.has(hash)) return this.#state(id, length, length);
    this.uploads.set(id, { hash, length, bytes: [] });
    return this.#state(id, 0, length);
  }

  #state(id: string, offset: number, length: number): Response {
    return Response.json({ id, offset, length, expiresAt: 0 } satisfies UploadState);
  }
}
