// Somebody who uploads files and names them in messages, over HTTP as any tus client does.

import { createHash, randomBytes } from 'node:crypto';
import type { Attachment } from '#protocol/attachment.ts';
import { mediaTypeOf } from '#protocol/media/media-type.ts';
import type { Person } from './http-fixture.ts';

export interface FileAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
  /** Of a problem. */
  readonly code: string | null;
}

export const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('base64url');
/** Bytes of no known kind, that nobody else has. */
export const someBytes = (length = 1_000): Buffer<ArrayBuffer> =>
  Buffer.concat([Buffer.from([0, 255]), randomBytes(length - 2)]);

export const attachmentOf = (bytes: Uint8Array, more: Partial<Attachment> = {}): Attachment => ({
  ...{ hash: hashOf(bytes), name: 'Plan.bin', type: mediaTypeOf(bytes), size: bytes.length },
  ...more
});
export const messageWith = (...files: readonly Attachment[]) => ({ type: 'message', body: '', attachments: files });

export class FileClient {
  readonly #origin: string;
  readonly #credentials: Record<string, string>;

  constructor(origin: string, who: Pick<Person, 'cookie'> | { readonly token: string }) {
    this.#origin = origin;
    this.#credentials = 'token' in who ? { authorization: `Bearer ${who.token}` } : { cookie: who.cookie };
  }

  async call(
    method: string,
    address: string,
    headers: Record<string, string> = {},
    body?: BodyInit | null
  ): Promise<FileAnswer> {
    const response = await fetch(this.#origin + address, {
      method,
      headers: { ...this.#credentials, origin: this.#origin, 'tus-resumable': '1.0.0', ...headers },
      ...(body !== undefined && { body, duplex: 'half' })
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    const isProblem = bytes.length > 0 && response.headers.get('content-type')?.startsWith('application/problem+json');
    const code = isProblem ? (JSON.parse(bytes.toString()) as { code: string }).code : null;
    return { status: response.status, headers: response.headers, bytes, code };
  }

  create(hash: string, length: number): Promise<FileAnswer> {
    const metadata = `filename ${Buffer.from('../../etc/passwd').toString('base64')},hash ${Buffer.from(hash).toString('base64')}`;
    return this.call('POST', '/api/uploads', { 'upload-length': String(length), 'upload-metadata': metadata });
  }

  /** The address of an upload that takes bytes. */
  async begin(bytes: Uint8Array, hash = hashOf(bytes)): Promise<string> {
    const { status, headers, code } = await this.create(hash, bytes.length);
    if (status !== 201) throw new Error(`${status} ${code}`);
    return headers.get('location')!;
  }

  patch(
    address: string,
    offset: number | string,
    bytes: Uint8Array<ArrayBuffer> | ReadableStream,
    headers: Record<string, string> = {}
  ): Promise<FileAnswer> {
    const type = 'application/offset+octet-stream';
    return this.call('PATCH', address, { 'content-type': type, 'upload-offset': String(offset), ...headers }, bytes);
  }

  /** How many bytes of an upload are there; null: there is none. */
  async offset(address: string): Promise<number | null> {
    const { status, headers } = await this.call('HEAD', address);
    return status === 200 ? Number(headers.get('upload-offset')) : null;
  }

  /** @returns the answer to the last bytes */
  async upload(bytes: Uint8Array<ArrayBuffer>, hash = hashOf(bytes)): Promise<FileAnswer> {
    return this.patch(await this.begin(bytes, hash), 0, bytes);
  }

  get(room: string, hash: string, headers: Record<string, string> = {}): Promise<FileAnswer> {
    return this.call('GET', `/api/rooms/${room}/blobs/${hash}`, headers);
  }
}
