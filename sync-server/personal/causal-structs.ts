// Puts the new structs of an update into causal order, and counts what they would cost Yjs on the way. Invariant: a
// struct is taken only after what it stands on; what can never be taken (a cycle, something missing) is a gap.

import type { PersonalRoot } from '#protocol/personal.ts';
import { PriorityQueue } from '../gate/priority-queue.ts';
import type { Id } from '../gate/update-decoder.ts';
import { MalformedUpdate } from '../gate/update-reader.ts';

/** A key of a root map. */
export type PlaceName = `${PersonalRoot}/${string}`;

/** What the document holds already. */
export interface KnownDocument {
  /** The next clock of a client id; 0 for one it does not know. */
  next(client: number): number;
  /** The key that something in the document stands under. */
  placeOf(id: Id): PlaceName;
  /** The newest value or tombstone of a key; its last clock, where it is a run. */
  newestAt(place: PlaceName): Id | null;
}

/** A struct that the document has not got. */
export interface NewStruct {
  readonly clock: number;
  readonly length: number;
  readonly origin: Id | null;
  /** null: where its origin stands. */
  readonly place: PlaceName | null;
}

export interface Section {
  readonly client: number;
  readonly structs: readonly NewStruct[];
  /** Structs that are in causal order so far. */
  taken: number;
  /** The clock after its last. */
  readonly to: number;
}

interface Waiter {
  readonly section: Section;
  /** What it waits for, of the client that it waits under. */
  readonly clock: number;
}

/**
 * New values of one key that do not stand right of its newest one: for each of them Yjs may look at all that the key
 * ever held. Devices that were offline at the same time make one each.
 */
const BRANCHES_MAX = 256;
/** Of all keys together: each may split what Yjs holds as one. */
const BRANCHES_MAX_IN_ALL = 4_096;

/** @throws MalformedUpdate where it costs more than people's devices would */
export const causalOrder = (sections: ReadonlyMap<number, Section>, document: KnownDocument): 'fits' | 'gap' =>
  new CausalOrder(sections, document).run();

class CausalOrder {
  readonly #sections: ReadonlyMap<number, Section>;
  readonly #document: KnownDocument;
  readonly #waiting = new Map<number, PriorityQueue<Waiter>>();
  /** Of each client: where the new structs that are taken stand, in clock order. */
  readonly #places = new Map<number, PlaceName[]>();
  readonly #newest = new Map<PlaceName, Id | null>();
  readonly #branches = new Map<PlaceName, number>();
  #branchesInAll = 0;

  constructor(sections: ReadonlyMap<number, Section>, document: KnownDocument) {
    this.#sections = sections;
    this.#document = document;
  }

  run(): 'fits' | 'gap' {
    const ready = [...this.#sections.values()];
    for (let section = ready.pop(); section; section = ready.pop()) {
      const missing = this.#advance(section);
      if (missing) this.#wait(section, missing);
      const waiters = this.#waiting.get(section.client);
      const reached = this.#reached(section.client);
      for (let first = waiters?.take(); first; first = waiters?.take()) {
        if (first.clock >= reached) {
          waiters!.add(first);
          break;
        }
        ready.push(first.section);
      }
    }
    for (const { structs, taken } of this.#sections.values()) if (taken < structs.length) return 'gap';
    return 'fits';
  }

  #wait(section: Section, { client, clock }: Id): void {
    let waiters = this.#waiting.get(client);
    if (!waiters) this.#waiting.set(client, (waiters = new PriorityQueue((a, b) => a.clock - b.clock)));
    waiters.add({ section, clock });
  }

  /** Goes on in a section as far as what it stands on is there. @returns what it waits for */
  #advance(section: Section): Id | null {
    for (; section.taken < section.structs.length; section.taken++) {
      const struct = section.structs[section.taken]!;
      if (struct.origin && struct.origin.clock >= this.#reached(struct.origin.client)) return struct.origin;
      this.#take(section.client, struct);
    }
    return null;
  }

  #take(client: number, { clock, length, origin, place: named }: NewStruct): void {
    const place = named ?? this.#placeOf(origin!);
    const newest = this.#newest.has(place) ? this.#newest.get(place)! : this.#document.newestAt(place);
    const follows = origin?.client === client && origin.clock === clock - 1;
    if (!follows && (origin?.client !== newest?.client || origin?.clock !== newest?.clock)) {
      const branches = (this.#branches.get(place) ?? 0) + 1;
      this.#branchesInAll += 1;
      if (branches > BRANCHES_MAX || this.#branchesInAll > BRANCHES_MAX_IN_ALL)
        throw new MalformedUpdate('too many values beside others');
      this.#branches.set(place, branches);
    }
    this.#newest.set(place, { client, clock: clock + length - 1 });
    const places = this.#places.get(client);
    if (places) places.push(place);
    else this.#places.set(client, [place]);
  }

  #placeOf(id: Id): PlaceName {
    if (id.clock < this.#document.next(id.client)) return this.#document.placeOf(id);
    const { structs } = this.#sections.get(id.client)!;
    let low = 0;
    for (let high = structs.length - 1; low < high;) {
      const middle = (low + high + 1) >>> 1;
      if (structs[middle]!.clock <= id.clock) low = middle;
      else high = middle - 1;
    }
    return this.#places.get(id.client)![low]!;
  }

  /** The next clock of a client id that is there, with what is in causal order so far. */
  #reached(client: number): number {
    const section = this.#sections.get(client);
    return Math.max(this.#document.next(client), section ? (section.structs[section.taken]?.clock ?? section.to) : 0);
  }
}
