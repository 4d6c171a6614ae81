// The messages of the y-websocket protocol, read defensively. Reading never throws, and every byte array it gives out
// has a buffer of its own: decoders that take a length on trust can then not reach the memory beside a message.

import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';

/** Message types of y-websocket, and of the sync protocol within type 0. */
const MESSAGE = { sync: 0, awareness: 1, auth: 2, queryAwareness: 3 } as const;
const SYNC = { step1: 0, step2: 1, update: 2 } as const;

/** One client's line in an awareness message; `json` is what was sent, not looked at yet. */
export interface AwarenessRecord {
  readonly clientId: number;
  readonly clock: number;
  readonly json: Uint8Array;
}

export type YMessage =
  | { readonly kind: 'step1'; readonly stateVector: Uint8Array }
  /** SyncStep2 or update: both carry an update. */
  | { readonly kind: 'update'; readonly update: Uint8Array }
  | { readonly kind: 'awareness'; readonly records: readonly AwarenessRecord[] }
  | { readonly kind: 'query-awareness' }
  /** Auth, which servers do not read, and types of other versions. */
  | { readonly kind: 'other' };

/** @returns null when the bytes are no message */
export function readYMessage(bytes: Uint8Array): YMessage | null {
  try {
    const decoder = decoding.createDecoder(bytes);
    const type = decoding.readVarUint(decoder);
    switch (type) {
      case MESSAGE.sync:
        return readSync(decoder);
      case MESSAGE.awareness: {
        const records = readAwareness(readBytes(decoder));
        return decoding.hasContent(decoder) ? null : { kind: 'awareness', records };
      }
      case MESSAGE.queryAwareness:
        return { kind: 'query-awareness' };
      default:
        return { kind: 'other' };
    }
  } catch {
    return null;
  }
}

function readSync(decoder: decoding.Decoder): YMessage | null {
  const type = decoding.readVarUint(decoder);
  const payload = readBytes(decoder);
  if (decoding.hasContent(decoder)) return null;
  if (type === SYNC.step1) return { kind: 'step1', stateVector: payload };
  if (type === SYNC.step2 || type === SYNC.update) return { kind: 'update', update: payload };
  return null;
}

function readAwareness(payload: Uint8Array): AwarenessRecord[] {
  const decoder = decoding.createDecoder(payload);
  const records: AwarenessRecord[] = [];
  // A count that lies runs into the end of the bytes, which throws.
  for (let left = decoding.readVarUint(decoder); left > 0; left--) {
    const clientId = decoding.readVarUint(decoder);
    const clock = decoding.readVarUint(decoder);
    records.push({ clientId, clock, json: readBytes(decoder) });
  }
  return records;
}

/** lib0's own reader checks a length against the underlying buffer only, which others share. */
function readBytes(decoder: decoding.Decoder): Uint8Array {
  const length = decoding.readVarUint(decoder);
  if (length > decoder.arr.length - decoder.pos) throw new RangeError('past the end of the message');
  const bytes = new Uint8Array(length);
  bytes.set(decoder.arr.subarray(decoder.pos, decoder.pos + length));
  decoder.pos += length;
  return bytes;
}

const encoder = new TextEncoder();

/** One line of an awareness message. @param json the state's JSON, 'null' for gone */
export function encodeAwarenessRecord(clientId: number, clock: number, json: string): Uint8Array {
  const writer = encoding.createEncoder();
  encoding.writeVarUint(writer, clientId);
  encoding.writeVarUint(writer, clock);
  encoding.writeVarUint8Array(writer, encoder.encode(json));
  return encoding.toUint8Array(writer);
}

/** A whole y-websocket awareness message of encoded lines. With none it is a keep-alive that changes nothing. */
export function encodeAwareness(records: readonly Uint8Array[]): Uint8Array {
  const payload = encoding.createEncoder();
  encoding.writeVarUint(payload, records.length);
  for (const record of records) encoding.writeUint8Array(payload, record);
  const message = encoding.createEncoder();
  encoding.writeVarUint(message, MESSAGE.awareness);
  encoding.writeVarUint8Array(message, encoding.toUint8Array(payload));
  return encoding.toUint8Array(message);
}
