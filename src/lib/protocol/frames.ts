// Frames of the multiplexed socket /sync (binary WebSocket messages). One frame:
//   varUint channel · varUint kind · payload (the rest)
// Channel 0 is the control channel, always open. Channels above are opened by the client, one per page document,
// and carry plain y-websocket messages. A message longer than FRAME_MAX_BYTES goes as `part` frames and a last `data`.

import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { CONTROL_MAX_BYTES, FRAME_MAX_BYTES, MESSAGE_MAX_BYTES } from './limits.ts';

export const FRAME = {
  /** client → server: OpenRequest as JSON. */
  open: 0,
  /** server → client: OpenedReply as JSON; the channel carries data from here on. */
  opened: 1,
  /** either way: the last or only piece of a message. */
  data: 2,
  /** either way: a piece of a message with more to follow. */
  part: 3,
  /** either way: varUint close code; the channel is over. Its number is not used again. */
  close: 4,
  /** server → client on channel 0, no payload. */
  ping: 5,
  /** client → server on channel 0, the answer to ping. */
  pong: 6
} as const;

export type FrameKind = (typeof FRAME)[keyof typeof FRAME];

export interface Frame {
  readonly channel: number;
  readonly kind: FrameKind;
  /** A view into the received buffer: copy it to keep it. */
  readonly payload: Uint8Array;
}

const KINDS: readonly number[] = Object.values(FRAME);
const EMPTY = new Uint8Array(0);

export function encodeFrame(channel: number, kind: FrameKind, payload: Uint8Array = EMPTY): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, channel);
  encoding.writeVarUint(encoder, kind);
  encoding.writeUint8Array(encoder, payload);
  return encoding.toUint8Array(encoder);
}

export const encodeClose = (channel: number, code: number): Uint8Array => {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, code);
  return encodeFrame(channel, FRAME.close, encoding.toUint8Array(encoder));
};

/** The code of a close frame's payload, or null. */
export function decodeClose(payload: Uint8Array): number | null {
  try {
    const decoder = decoding.createDecoder(payload);
    const code = decoding.readVarUint(decoder);
    return decoding.hasContent(decoder) ? null : code;
  } catch {
    return null;
  }
}

/** Reads one frame; null when the bytes are none. */
export function decodeFrame(bytes: Uint8Array): Frame | null {
  try {
    const decoder = decoding.createDecoder(bytes);
    const channel = decoding.readVarUint(decoder);
    const kind = decoding.readVarUint(decoder);
    if (!KINDS.includes(kind)) return null;
    return { channel, kind: kind as FrameKind, payload: decoding.readTailAsUint8Array(decoder) };
  } catch {
    return null;
  }
}

/** Splits one message of a channel into frames of at most FRAME_MAX_BYTES of payload. */
export function encodeMessage(channel: number, message: Uint8Array): Uint8Array[] {
  const frames: Uint8Array[] = [];
  let from = 0;
  while (message.length - from > FRAME_MAX_BYTES) {
    frames.push(encodeFrame(channel, FRAME.part, message.subarray(from, from + FRAME_MAX_BYTES)));
    from += FRAME_MAX_BYTES;
  }
  frames.push(encodeFrame(channel, FRAME.data, message.subarray(from)));
  return frames;
}

/**
 * Puts the pieces of a channel's messages together again. One per channel and direction. Pieces are kept in one array
 * that grows by doubling, so what is held is at most twice the bytes that came, however small or empty the pieces are.
 */
export class MessageAssembler {
  readonly #maxBytes: number;
  #begun = EMPTY;
  #bytes = 0;

  constructor(maxBytes: number = MESSAGE_MAX_BYTES) {
    this.#maxBytes = maxBytes;
  }

  static forControl(): MessageAssembler {
    return new MessageAssembler(CONTROL_MAX_BYTES);
  }

  /** Bytes of memory that an unfinished message takes. */
  get heldBytes(): number {
    return this.#begun.length;
  }

  /** @returns the whole message, null while pieces are missing, 'too-large' past the bound */
  push(kind: typeof FRAME.data | typeof FRAME.part, payload: Uint8Array): Uint8Array | null | 'too-large' {
    const bytes = this.#bytes + payload.length;
    if (bytes > this.#maxBytes) return 'too-large';
    if (kind === FRAME.data && this.#bytes === 0) return payload;
    this.#grow(bytes);
    this.#begun.set(payload, this.#bytes);
    this.#bytes = bytes;
    if (kind === FRAME.part) return null;
    // A buffer of its own, with nothing beside the message.
    const whole = this.#begun.slice(0, bytes);
    this.#begun = EMPTY;
    this.#bytes = 0;
    return whole;
  }

  #grow(bytes: number): void {
    if (bytes <= this.#begun.length) return;
    const grown = new Uint8Array(Math.min(this.#maxBytes, Math.max(bytes, 2 * this.#begun.length)));
    grown.set(this.#begun.subarray(0, this.#bytes));
    this.#begun = grown;
  }
}
