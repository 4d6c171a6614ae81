// Takes out of a picture that moves what is not shown of it: comments, what programs wrote of themselves, where it was
// taken. Made anew it would stand still, and as it is the server refuses it. Pure. Invariant: not a bit of what is shown
// is another; what cannot be read stays as it was.

import { COLOUR_PROFILE_MAX_BYTES } from '#protocol/limits.ts';
import { ascii, u32le } from '#protocol/media/byte-reader.ts';

export function tidyAnimation(type: string, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const parts = type === 'image/gif' ? gifParts(bytes) : type === 'image/webp' ? webpParts(bytes) : null;
  return joined(parts ?? [bytes]);
}

const GIF_HEAD_BYTES = 13;
const IMAGE = 0x2c;
const EXTENSION = 0x21;
const TRAILER = 0x3b;
const GRAPHIC_CONTROL = 0xf9;
const APPLICATION = 0xff;
/** How often it is played. */
const LOOPS: readonly string[] = ['NETSCAPE2.0', 'ANIMEXTS1.0'];
const LOOP_BYTES = 19;

/** null: it cannot be read. */
function gifParts(bytes: Uint8Array): Uint8Array[] | null {
  if (bytes.length < GIF_HEAD_BYTES) return null;
  let at = GIF_HEAD_BYTES + coloursBytes(bytes[10]!);
  const parts = [bytes.subarray(0, at)];
  while (at < bytes.length && bytes[at] !== TRAILER) {
    const from = at;
    if (bytes[at] === IMAGE) at = pastBlocks(bytes, at + 11 + coloursBytes(bytes[at + 9] ?? 0));
    else if (bytes[at] === EXTENSION) at = pastBlocks(bytes, at + 2);
    else return null;
    if (at > bytes.length) return null;
    if (isShownBlock(bytes, from, at)) parts.push(bytes.subarray(from, at));
  }
  // Some end without one, and some say more behind it.
  return [...parts, Uint8Array.of(TRAILER)];
}

function isShownBlock(bytes: Uint8Array, from: number, end: number): boolean {
  if (bytes[from] === IMAGE || bytes[from + 1] === GRAPHIC_CONTROL) return true;
  return (
    bytes[from + 1] === APPLICATION && end - from === LOOP_BYTES && LOOPS.includes(ascii(bytes, from + 3, from + 14))
  );
}

const coloursBytes = (flags: number): number => (flags & 0x80 ? 3 * 2 ** ((flags & 0x07) + 1) : 0);

/** @returns where the blocks that begin here end, after the empty one; beyond the end where there is none */
function pastBlocks(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && bytes[at] !== 0) at += bytes[at]! + 1;
  return at + 1;
}

const RIFF_HEAD_BYTES = 12;
const CHUNK_HEAD_BYTES = 8;
const SHOWN_CHUNKS: readonly string[] = ['VP8X', 'ANIM', 'ANMF', 'ALPH', 'VP8 ', 'VP8L'];
/** Of VP8X: that it moves, that it is seen through. */
const SHOWN_FLAGS = 0x12;
/** That it has a colour profile. */
const PROFILE_FLAG = 0x20;

/** null: it cannot be read. */
function webpParts(bytes: Uint8Array): Uint8Array[] | null {
  if (bytes.length < RIFF_HEAD_BYTES) return null;
  const parts: Uint8Array[] = [];
  let profiled = 0;
  let end = RIFF_HEAD_BYTES;
  while (end + CHUNK_HEAD_BYTES <= bytes.length) {
    const at = end;
    const length = u32le(bytes, at + 4);
    end = at + CHUNK_HEAD_BYTES + length + (length % 2);
    if (end > bytes.length) return null;
    const name = ascii(bytes, at, at + 4);
    const chunk = bytes.slice(at, end);
    if (name === 'ICCP' && length <= COLOUR_PROFILE_MAX_BYTES) profiled = PROFILE_FLAG;
    else if (!SHOWN_CHUNKS.includes(name)) continue;
    parts.push(chunk);
  }
  const extended = parts.find((part) => ascii(part, 0, 4) === 'VP8X');
  if (extended) extended[CHUNK_HEAD_BYTES]! &= SHOWN_FLAGS | profiled;
  const head = bytes.slice(0, RIFF_HEAD_BYTES);
  const size = parts.reduce((sum, part) => sum + part.length, 4);
  new DataView(head.buffer).setUint32(4, size, true);
  return [head, ...parts];
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
