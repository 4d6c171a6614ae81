// Judges an update for a person's own document before Yjs sees it. Taken: values and tombstones under keys of the root
// maps, in causal order, and deletions of what is there. Invariant: what fits integrates wholly, leaves nothing
// waiting in the document, and costs it about as much as its bytes.

import { MESSAGE_MAX_BYTES } from '#protocol/limits.ts';
import { isPersonalKey, isPersonalRoot, personalValueFlaw } from '#protocol/personal.ts';
import { readElement } from '../gate/element.ts';
import type { Id } from '../gate/update-decoder.ts';
import { MalformedUpdate, UpdateReader } from '../gate/update-reader.ts';
import { causalOrder, type KnownDocument, type NewStruct, type PlaceName, type Section } from './causal-structs.ts';

export type PersonalUpdate =
  | { readonly kind: 'fits' }
  /** It stands on something that the document has not got. */
  | { readonly kind: 'gap' }
  | { readonly kind: 'malformed'; readonly reason: string };

/** Tombstones in one update: more than anybody types between two syncs. */
const TOMBSTONES_MAX = 1_000_000;

const HAS_ORIGIN = 0x80;
const HAS_RIGHT_ORIGIN = 0x40;
const HAS_PARENT_SUB = 0x20;
const REF = 0x1f;
const REF_DELETED = 1;
const REF_ANY = 8;
const REF_SKIP = 10;

export function judgePersonalUpdate(update: Uint8Array, document: KnownDocument): PersonalUpdate {
  if (update.length > MESSAGE_MAX_BYTES) return { kind: 'malformed', reason: `over ${MESSAGE_MAX_BYTES} bytes` };
  try {
    return new Judge(update, document).judge();
  } catch (error) {
    if (error instanceof MalformedUpdate) return { kind: 'malformed', reason: error.message };
    throw error;
  }
}

class Judge {
  readonly #reader: UpdateReader;
  readonly #document: KnownDocument;
  readonly #sections = new Map<number, Section>();
  #tombstones = 0;
  #gap = false;

  constructor(update: Uint8Array, document: KnownDocument) {
    this.#reader = new UpdateReader(update);
    this.#document = document;
  }

  judge(): PersonalUpdate {
    // A section is at least count, client, clock and one struct of two bytes.
    const count = this.#reader.count(5);
    let previous = Infinity;
    for (let i = 0; i < count; i++) {
      const structs = this.#reader.count(2);
      const client = this.#reader.varUint();
      // Yjs writes higher client ids first. A second section of a client hides the first from Yjs.
      if (client >= previous) throw new MalformedUpdate('sections are doubled or not in order');
      if (structs === 0) throw new MalformedUpdate('a section is empty');
      previous = client;
      this.#sections.set(client, this.#section(client, structs));
    }
    this.#deleteSet();
    if (this.#reader.remainingBytes > 0) throw new MalformedUpdate('bytes follow the end');
    return this.#gap ? { kind: 'gap' } : { kind: causalOrder(this.#sections, this.#document) };
  }

  #section(client: number, count: number): Section {
    let clock = this.#reader.varUint();
    const known = this.#document.next(client);
    if (clock > known) this.#gap = true;
    const structs: NewStruct[] = [];
    for (let i = 0; i < count; i++) {
      const struct = this.#struct(client, clock, known);
      clock += struct.length;
      if (clock > Number.MAX_SAFE_INTEGER) throw new MalformedUpdate('a clock is beyond 53 bits');
      if (clock > known) structs.push(struct);
    }
    return { client, structs, to: clock, taken: 0 };
  }

  #struct(client: number, clock: number, known: number): NewStruct {
    const info = this.#reader.uint8();
    const ref = info & REF;
    if (info === REF_SKIP) {
      // A copy that has lost a write says so: it has to ask for what it lacks first.
      this.#gap = true;
      return { clock, length: lengthOf(this.#reader.varUint()), origin: null, place: null };
    }
    if (ref !== REF_ANY && ref !== REF_DELETED) throw new MalformedUpdate(`${ref} is no content of a map of JSON`);
    const { origin, place } = this.#head(info);
    const length = ref === REF_ANY ? this.#value() : this.#tombstone();
    // What the document has begun stands right of its own begun part.
    if (clock < known && clock + length > known)
      return { clock: known, length: clock + length - known, origin: { client, clock: known - 1 }, place: null };
    if (origin?.client === client && origin.clock >= clock) throw new MalformedUpdate('an origin is in its own future');
    return { clock, length, origin, place };
  }

  #head(info: number): { readonly origin: Id | null; readonly place: PlaceName | null } {
    const reader = this.#reader;
    if (info & HAS_RIGHT_ORIGIN) throw new MalformedUpdate('an item has a right origin');
    if (!(info & HAS_PARENT_SUB)) throw new MalformedUpdate('an item is no value of a map');
    if (info & HAS_ORIGIN) {
      const client = reader.varUint();
      return { origin: { client, clock: reader.varUint() }, place: null };
    }
    if (reader.varUint() !== 1) throw new MalformedUpdate('an item is not under a root');
    const root = reader.varString();
    if (!isPersonalRoot(root)) throw new MalformedUpdate('no root of a person’s own document');
    const key = reader.varString();
    if (!isPersonalKey(key)) throw new MalformedUpdate('a key is empty or too long');
    return { origin: null, place: `${root}/${key}` };
  }

  #value(): number {
    if (this.#reader.varUint() !== 1) throw new MalformedUpdate('not one value');
    const element = readElement(this.#reader, this.#reader.skipAny());
    const flaw = element.ok ? personalValueFlaw(element.value) : element.detail;
    if (flaw !== null) throw new MalformedUpdate(`a value is ${flaw}`);
    return 1;
  }

  #tombstone(): number {
    const length = lengthOf(this.#reader.varUint());
    this.#tombstones += length;
    if (this.#tombstones > TOMBSTONES_MAX) throw new MalformedUpdate('too much that was deleted');
    return length;
  }

  #deleteSet(): void {
    const seen = new Set<number>();
    for (let clients = this.#reader.count(2); clients > 0; clients--) {
      const client = this.#reader.varUint();
      if (seen.has(client)) throw new MalformedUpdate('deletions of a client are doubled');
      seen.add(client);
      const there = Math.max(this.#document.next(client), this.#sections.get(client)?.to ?? 0);
      let previous = 0;
      for (let ranges = this.#reader.count(2); ranges > 0; ranges--) {
        const clock = this.#reader.varUint();
        if (clock < previous) throw new MalformedUpdate('deletions overlap or are not in order');
        previous = clock + lengthOf(this.#reader.varUint());
        if (previous > there) this.#gap = true;
      }
    }
  }
}

/** Every struct takes a clock: one of no length would stand at a clock that another one has. */
function lengthOf(length: number): number {
  if (length === 0) throw new MalformedUpdate('a struct has no length');
  return length;
}
