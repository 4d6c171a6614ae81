// The lines of a file of any length, gunzipped where it is gzip, a few at a time in memory.

import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';

/** A longer line is no message; it is passed over without being kept. */
const LINE_MAX_BYTES = 1024 * 1024;
const NEWLINE = 0x0a;

export interface FileLine {
  /** From 1. */
  readonly number: number;
  /** Without its line end; null: longer than a message can be. */
  readonly bytes: Uint8Array | null;
  /** How much of the file has been read, 0 to 1. */
  readonly done: number;
}

export async function* fileLines(path: string): AsyncGenerator<FileLine> {
  const { size, isGzip } = await look(path);
  const file = createReadStream(path, { highWaterMark: 256 * 1024 });
  const source = isGzip ? file.pipe(createGunzip()) : file;
  // `pipe` does not carry errors along.
  file.on('error', (error) => source.destroy(error));
  let number = 0;
  let pieces: Buffer[] = [];
  let length = 0;
  const line = (): FileLine => {
    const bytes = length > LINE_MAX_BYTES ? null : Buffer.concat(pieces);
    pieces = [];
    length = 0;
    number += 1;
    return { number, bytes, done: size === 0 ? 1 : file.bytesRead / size };
  };
  const keep = (piece: Buffer): void => {
    length += piece.length;
    if (length <= LINE_MAX_BYTES) pieces.push(piece);
    else pieces = [];
  };
  for await (const chunk of source as AsyncIterable<Buffer>) {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, from)) {
      keep(chunk.subarray(from, end));
      yield line();
      from = end + 1;
    }
    keep(chunk.subarray(from));
  }
  if (length > 0) yield line();
}

async function look(path: string): Promise<{ size: number; isGzip: boolean }> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    return { size, isGzip: bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b };
  } finally {
    await handle.close();
  }
}
