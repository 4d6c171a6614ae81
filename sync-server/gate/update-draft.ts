// The update that a page takes, element by element, and its canonical V1 bytes: sections by falling client id,
// elements packed into as few structs as Yjs itself would, tombstones in the delete set. One form for one content.

import {
  createEncoder,
  toUint8Array,
  writeUint8,
  writeUint8Array,
  writeVarString,
  writeVarUint,
  type Encoder
} from 'lib0/encoding';
import type { Id } from './update-decoder.ts';

interface TakenElement {
  readonly clock: number;
  /** null: the first under its root. */
  readonly origin: Id | null;
  readonly root: string;
  /** lib0's `any` encoding, or null for a tombstone. */
  readonly content: Uint8Array | null;
}

/** Elements that make one struct: contents in a row, or tombstones in a row, each the right neighbour of the last. */
type Struct = readonly [TakenElement, ...TakenElement[]];

const HAS_ORIGIN = 0x80;
const REF_DELETED = 1;
const REF_ANY = 8;
/** Origin, flags, lengths and delete range of a struct, roughly: client ids of 32 bits, as Yjs makes them. */
const STRUCT_HEAD_BYTES = 24;

export class UpdateDraft {
  readonly #sections = new Map<number, TakenElement[]>();
  #bytes = 0;

  get empty(): boolean {
    return this.#sections.size === 0;
  }

  /** About how many bytes it will take, known before it is encoded. */
  get estimatedBytes(): number {
    return this.#bytes;
  }

  /** Adds the element at the client id's next clock. */
  add(client: number, element: TakenElement): void {
    let section = this.#sections.get(client);
    if (!section) this.#sections.set(client, (section = []));
    const last = section.at(-1);
    this.#bytes += (element.content?.length ?? 0) + (last && joins(client, last, element) ? 0 : STRUCT_HEAD_BYTES);
    section.push(element);
  }

  encode(): Uint8Array {
    const encoder = createEncoder();
    const sections = [...this.#sections].sort(([a], [b]) => b - a);
    writeVarUint(encoder, sections.length);
    for (const [client, elements] of sections) writeSection(encoder, client, elements);
    const deleted = sections
      .map(([client, elements]) => ({ client, ranges: tombstoneRanges(elements) }))
      .filter(({ ranges }) => ranges.length > 0);
    writeVarUint(encoder, deleted.length);
    for (const { client, ranges } of deleted) {
      writeVarUint(encoder, client);
      writeVarUint(encoder, ranges.length);
      for (const { clock, length } of ranges) {
        writeVarUint(encoder, clock);
        writeVarUint(encoder, length);
      }
    }
    return toUint8Array(encoder);
  }
}

function writeSection(encoder: Encoder, client: number, elements: readonly TakenElement[]): void {
  const structs = structsOf(client, elements);
  writeVarUint(encoder, structs.length);
  writeVarUint(encoder, client);
  writeVarUint(encoder, elements[0]!.clock);
  for (const struct of structs) writeStruct(encoder, struct);
}

function structsOf(client: number, elements: readonly TakenElement[]): Struct[] {
  const structs: [TakenElement, ...TakenElement[]][] = [];
  let last: TakenElement | null = null;
  for (const element of elements) {
    if (last && joins(client, last, element)) structs.at(-1)!.push(element);
    else structs.push([element]);
    last = element;
  }
  return structs;
}

/** Whether the element goes into one struct with the one before it, as Yjs would merge them. */
const joins = (client: number, last: TakenElement, element: TakenElement): boolean =>
  (last.content === null) === (element.content === null) &&
  element.origin?.client === client &&
  element.origin.clock === last.clock;

function writeStruct(encoder: Encoder, struct: Struct): void {
  const [{ origin, root, content }] = struct;
  writeUint8(encoder, (content ? REF_ANY : REF_DELETED) | (origin ? HAS_ORIGIN : 0));
  if (origin) {
    writeVarUint(encoder, origin.client);
    writeVarUint(encoder, origin.clock);
  } else {
    writeVarUint(encoder, 1); // the parent is a root type, named
    writeVarString(encoder, root);
  }
  writeVarUint(encoder, struct.length);
  for (const element of struct) if (element.content) writeUint8Array(encoder, element.content);
}

function tombstoneRanges(elements: readonly TakenElement[]): { clock: number; length: number }[] {
  const ranges: { clock: number; length: number }[] = [];
  for (const { clock, content } of elements) {
    if (content) continue;
    const last = ranges.at(-1);
    if (last && last.clock + last.length === clock) last.length += 1;
    else ranges.push({ clock, length: 1 });
  }
  return ranges;
}
