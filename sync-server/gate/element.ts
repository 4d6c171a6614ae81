// One element of a ContentAny as it came over the wire: its value, and whether the value is plain enough to be
// written again to the very same bytes. Only such values may enter a page, so that every replica holds one form.

import { createEncoder, toUint8Array, writeAny } from 'lib0/encoding';
import { ENTRY_MAX_BYTES, ENTRY_MAX_DEPTH } from '#protocol/limits.ts';
import { isEntryId, type EntryId } from '#protocol/ids.ts';
import type { RefusalCode } from '#protocol/refusal-codes.ts';
import type { AnySpan, UpdateReader } from './update-reader.ts';

export type Element =
  | {
      readonly ok: true;
      readonly value: unknown;
      /** The value in lib0's `any` encoding, in memory of its own. */
      readonly encoded: Uint8Array;
    }
  | { readonly ok: false; readonly id: EntryId | null; readonly code: RefusalCode; readonly detail: string };

/** Beyond this a value is not even built: no entry comes near, and building recurses. */
const BUILD_MAX_DEPTH = 4 * ENTRY_MAX_DEPTH;
/** The wire form of plain JSON is never three times as long as its canonical JSON (a float64 is the worst case). */
const WIRE_MAX_BYTES = 3 * ENTRY_MAX_BYTES;

export function readElement(reader: UpdateReader, span: AnySpan): Element {
  if (span.depth > BUILD_MAX_DEPTH) return refused(undefined, 'schema', 'nested too deep');
  if (span.jsonMinBytes > ENTRY_MAX_BYTES || span.end - span.start > WIRE_MAX_BYTES) {
    // Looked for without building the value: megabytes of short keys take seconds, and their entry is refused anyway.
    return refused({ id: reader.stringAt(span, 'id') }, 'too-large', `over ${ENTRY_MAX_BYTES} bytes`);
  }
  const value = reader.anyAt(span);
  const encoded = encodeAny(value);
  if (!sameBytes(encoded, reader.bytesAt(span))) return refused(value, 'schema', 'not in its one byte form');
  return { ok: true, value, encoded };
}

/** A plain JSON value in lib0's `any` encoding. */
export function encodeAny(value: unknown): Uint8Array {
  const encoder = createEncoder();
  writeAny(encoder, value as Parameters<typeof writeAny>[1]);
  return toUint8Array(encoder);
}

/** The `id` a value carries, when it is one that a sender could look up. */
export function idOf(value: unknown): EntryId | null {
  if (value === null || typeof value !== 'object' || !Object.hasOwn(value, 'id')) return null;
  const id = (value as { id: unknown }).id;
  return isEntryId(id) ? id : null;
}

const refused = (value: unknown, code: RefusalCode, detail: string): Element => ({
  ok: false,
  id: idOf(value),
  code,
  detail
});

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;
