// Writes Yjs V1 updates by hand, for what no Yjs document would write.

import {
  createEncoder,
  toUint8Array,
  writeAny,
  writeUint8,
  writeUint8Array,
  writeVarString,
  writeVarUint,
  type Encoder
} from 'lib0/encoding';
import type { Id } from '../update-decoder.ts';

export interface WireHead {
  readonly origin?: Id;
  readonly rightOrigin?: Id;
  /** Root type that the item is under; default `messages` where an item names one. */
  readonly root?: string;
  /** Instead of a root: the item that holds the parent type. */
  readonly parent?: Id;
  readonly parentSub?: string;
}

export interface WireStruct {
  write(encoder: Encoder): void;
}

export interface WireSection {
  readonly client: number;
  readonly clock: number;
  readonly structs: readonly WireStruct[];
}

export interface WireDeletion {
  readonly client: number;
  readonly clock: number;
  readonly length: number;
}

export function wireUpdate(sections: readonly WireSection[], deletions: readonly WireDeletion[] = []): Uint8Array {
  const encoder = createEncoder();
  writeVarUint(encoder, sections.length);
  for (const { client, clock, structs } of sections) {
    writeVarUint(encoder, structs.length);
    writeVarUint(encoder, client);
    writeVarUint(encoder, clock);
    for (const struct of structs) struct.write(encoder);
  }
  writeVarUint(encoder, deletions.length);
  for (const { client, clock, length } of deletions) {
    writeVarUint(encoder, client);
    writeVarUint(encoder, 1);
    writeVarUint(encoder, clock);
    writeVarUint(encoder, length);
  }
  return toUint8Array(encoder);
}

export const gc = (length: number): WireStruct => struct(0, (encoder) => writeVarUint(encoder, length));
export const skip = (length: number): WireStruct => struct(10, (encoder) => writeVarUint(encoder, length));

const struct = (info: number, rest: (encoder: Encoder) => void): WireStruct => ({
  write(encoder) {
    writeUint8(encoder, info);
    rest(encoder);
  }
});

/** An item of any content ref, its content written by the caller. */
export const item = (ref: number, head: WireHead, content: (encoder: Encoder) => void): WireStruct => ({
  write(encoder) {
    const { origin, rightOrigin, parent, parentSub } = head;
    writeUint8(encoder, ref | (origin ? 0x80 : 0) | (rightOrigin ? 0x40 : 0) | (parentSub === undefined ? 0 : 0x20));
    if (origin) writeId(encoder, origin);
    if (rightOrigin) writeId(encoder, rightOrigin);
    if (!origin && !rightOrigin) {
      writeVarUint(encoder, parent ? 0 : 1);
      if (parent) writeId(encoder, parent);
      else writeVarString(encoder, head.root ?? 'messages');
      if (parentSub !== undefined) writeVarString(encoder, parentSub);
    }
    content(encoder);
  }
});

/** ContentAny of these values. */
export const values = (head: WireHead, ...contents: readonly unknown[]): WireStruct =>
  rawValues(
    head,
    ...contents.map((value) => {
      const encoder = createEncoder();
      writeAny(encoder, value as Parameters<typeof writeAny>[1]);
      return toUint8Array(encoder);
    })
  );

/** ContentAny of values that are bytes already. */
export const rawValues = (head: WireHead, ...contents: readonly Uint8Array[]): WireStruct =>
  item(8, head, (encoder) => {
    writeVarUint(encoder, contents.length);
    for (const content of contents) writeUint8Array(encoder, content);
  });

export const deleted = (head: WireHead, length: number): WireStruct =>
  item(1, head, (encoder) => writeVarUint(encoder, length));

function writeId(encoder: Encoder, { client, clock }: Id): void {
  writeVarUint(encoder, client);
  writeVarUint(encoder, clock);
}
