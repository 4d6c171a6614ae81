// A page read as it grows: the same result as protocol/order.ts readPage, with a place for what was erased (see
// erased-entry.ts), kept up by the changes of the two arrays alone, since reading a thousand entries anew for each message would be quadratic over a page's life.
// Invariant: `arrived` holds the same objects from change to change; the array itself is replaced only on `reordered`.

import type * as Y from 'yjs';
import { ARRIVALS_ROOT, isSeal, MESSAGES_ROOT, parseArrival, type Arrival } from '#protocol/arrival.ts';
import type { Entry } from '#protocol/entry.ts';
import { parseEntry } from '#protocol/parse-entry.ts';
import type { OrderedEntry } from '#protocol/order.ts';
import { erased, isDisappeared, isDue, isErased } from './erased-entry.ts';
import type { ServerTime } from './server-clock.ts';

export interface PageChange {
  /** New at the end of `arrived`. */
  readonly arrived: readonly OrderedEntry[];
  /** Something else than the end of `arrived` changed: an erasure, or an entry after its arrival. */
  readonly reordered: boolean;
  readonly pending: boolean;
  readonly sealed: boolean;
}

const NO_TIME: ServerTime = { now: () => -Infinity, proven: () => -Infinity };

interface Slot {
  /** null: not an entry that this version can read. */
  readonly entry: Entry | null;
}

export class PageDocument {
  readonly doc: Y.Doc;
  readonly #messages: Y.Array<unknown>;
  readonly #arrivals: Y.Array<unknown>;
  /** One for each element of `messages`, in document order. */
  #slots: Slot[] = [];
  /** Entries by id; of two with one id the first counts. */
  #entries = new Map<string, Entry>();
  #arrivalIds = new Set<string>();
  #arrived: OrderedEntry[] = [];
  #arrivedIds = new Set<string>();
  #pending: OrderedEntry[] = [];
  #sealedTo: number | null = null;
  readonly #onChange: (change: PageChange) => void;
  readonly #time: ServerTime;
  #nextUntil = Infinity;
  #nextDrop = Infinity;
  readonly #observeMessages = (event: Y.YArrayEvent<unknown>): void => this.#messagesChanged(event);
  readonly #observeArrivals = (event: Y.YArrayEvent<unknown>): void => this.#arrivalsChanged(event);
  readonly #afterTransaction = (): void => this.#settle();
  #dirtyEntries: 'none' | 'added' | 'reread' = 'none';
  #addedEntries: Entry[] = [];
  #newArrivals: Arrival[] = [];
  #rereadArrivals = false;
  #sealedNow = false;

  /** @param time by default nothing disappears */
  constructor(doc: Y.Doc, onChange: (change: PageChange) => void, time: ServerTime = NO_TIME) {
    this.doc = doc;
    this.#onChange = onChange;
    this.#time = time;
    this.#messages = doc.getArray(MESSAGES_ROOT);
    this.#arrivals = doc.getArray(ARRIVALS_ROOT);
    this.#messages.observe(this.#observeMessages);
    this.#arrivals.observe(this.#observeArrivals);
    doc.on('afterTransaction', this.#afterTransaction);
  }

  /** In arrival order. */
  get arrived(): readonly OrderedEntry[] {
    return this.#arrived;
  }
  /** Without arrival, by sentAt and id. */
  get pending(): readonly OrderedEntry[] {
    return this.#pending;
  }
  get sealedTo(): number | null {
    return this.#sealedTo;
  }
  /** Elements, readable or not. */
  get length(): number {
    return this.#slots.length;
  }

  has(id: string): boolean {
    return this.#entries.has(id);
  }

  /** Whether the server has said that it holds the entry, erased since or not. */
  hasArrival(id: string): boolean {
    return this.#arrivalIds.has(id);
  }

  /** When the next of what is here disappears from sight, epoch ms; Infinity: nothing does. */
  get nextUntil(): number {
    return this.#nextUntil;
  }
  /** When the first of what is here is to be taken out, epoch ms; Infinity: nothing is. */
  get nextDrop(): number {
    return this.#nextDrop;
  }

  /**
   * Hides what has disappeared as far as this device knows, and shows again what was hidden by a wrong clock. What has
   * disappeared for certain is taken out of this copy, and by that off the disk: the server's own tombstones come to the
   * same, and it heeds none of ours.
   */
  expire(): void {
    const [nowMs, provenMs] = [this.#time.now(), this.#time.proven()];
    const due = this.#nextDrop > provenMs ? [] : this.#held().filter((arrival) => isDue(arrival, provenMs));
    const stands = ({ entry, arrival }: OrderedEntry): boolean => isDisappeared(entry) === isDue(arrival!, nowMs);
    const staysForEver = this.#nextUntil === Infinity && this.#nextDrop === Infinity;
    if (staysForEver || (due.length === 0 && this.#arrived.every(stands))) return this.#lookAhead(nowMs);
    const ids = new Set(due.map(({ id }) => id));
    const places = this.#slots.flatMap(({ entry }, at) => (entry && ids.has(entry.id) ? [at] : []));
    this.#rereadArrivals = true;
    // From the end, so that places before stay what they are.
    this.doc.transact(() => {
      for (const at of places.toReversed()) this.#messages.delete(at, 1);
    });
    // A transaction that changes nothing ends in silence.
    if (places.length === 0) this.#settle();
    this.#lookAhead(nowMs);
  }

  /** Arrivals of what is here, shown or hidden. */
  #held(): Arrival[] {
    return this.#arrived.flatMap(({ arrival }) => (this.#entries.has(arrival!.id) ? [arrival!] : []));
  }

  #lookAhead(nowMs: number): void {
    const later = this.#arrived.flatMap(({ arrival }) => (isDue(arrival!, nowMs) ? [] : (arrival!.until ?? [])));
    this.#nextUntil = later.reduce((first, until) => Math.min(first, until), Infinity);
    this.#nextDrop = this.#held().reduce((first, { until = Infinity }) => Math.min(first, until), Infinity);
  }

  append(entries: readonly Entry[]): void {
    if (entries.length === 0) return;
    // `push`, never `insert`: after a tombstone the latter sets a right origin, which the gate refuses.
    this.#messages.push([...entries]);
  }

  close(): void {
    this.#messages.unobserve(this.#observeMessages);
    this.#arrivals.unobserve(this.#observeArrivals);
    this.doc.off('afterTransaction', this.#afterTransaction);
  }

  #messagesChanged(event: Y.YArrayEvent<unknown>): void {
    let at = 0;
    for (const step of event.changes.delta) {
      if (step.retain !== undefined) at += step.retain;
      else if (step.delete !== undefined) {
        const removed = this.#slots.splice(at, step.delete);
        if (removed.some(({ entry }) => entry !== null)) this.#dirtyEntries = 'reread';
      } else if (Array.isArray(step.insert)) {
        const slots = step.insert.map(readSlot);
        this.#insertSlots(at, slots);
        at += slots.length;
        for (const { entry } of slots) if (entry) this.#addedEntries.push(entry);
        if (this.#dirtyEntries === 'none') this.#dirtyEntries = 'added';
      }
    }
  }

  #insertSlots(at: number, slots: readonly Slot[]): void {
    if (at === this.#slots.length) for (const slot of slots) this.#slots.push(slot);
    else this.#slots = [...this.#slots.slice(0, at), ...slots, ...this.#slots.slice(at)];
  }

  #arrivalsChanged(event: Y.YArrayEvent<unknown>): void {
    const before = this.#arrivals.length - insertedLength(event.changes.delta);
    let at = 0;
    for (const step of event.changes.delta) {
      if (step.retain !== undefined) at += step.retain;
      else if (step.delete !== undefined) this.#rereadArrivals = true;
      else if (Array.isArray(step.insert)) {
        if (at < before) this.#rereadArrivals = true;
        for (const value of step.insert) this.#takeArrival(value);
      }
    }
  }

  #takeArrival(value: unknown): void {
    const arrival = parseArrival(value);
    if (!arrival) return;
    if (isSeal(arrival)) {
      this.#sealedTo = arrival.sealed;
      this.#sealedNow = true;
    } else if (!this.#arrivalIds.has(arrival.id)) {
      // The server may tell an arrival again; the first one counts.
      this.#newArrivals.push(arrival);
      this.#arrivalIds.add(arrival.id);
      this.#nextUntil = Math.min(this.#nextUntil, arrival.until ?? Infinity);
      this.#nextDrop = Math.min(this.#nextDrop, arrival.until ?? Infinity);
    }
  }

  /** Both arrays have had their say: an entry and its arrival come in one transaction. */
  #settle(): void {
    const entriesDirty = this.#dirtyEntries;
    const nothing = entriesDirty === 'none' && this.#newArrivals.length === 0 && !this.#rereadArrivals;
    if (nothing && !this.#sealedNow) return;
    let reordered = this.#rereadArrivals;
    if (entriesDirty === 'reread') {
      this.#rereadEntries();
      reordered ||= this.#arrived.some(({ entry }) => this.#isLost(entry));
    }
    for (const entry of this.#addedEntries) {
      const known = this.#entries.get(entry.id);
      if (!known) this.#entries.set(entry.id, entry);
      else if (known !== entry && entriesDirty === 'added') {
        // Two elements with one id: which of them is first in the array takes a look at the whole.
        this.#rereadEntries();
        reordered ||= this.#arrivedIds.has(entry.id) && this.#entries.get(entry.id) !== known;
      }
      // It arrived before it was here.
      if (!this.#arrivedIds.has(entry.id) && this.#isOldArrival(entry.id)) reordered = true;
    }
    const added = reordered ? this.#rereadArrived() : this.#takeNewArrivals();
    const pending = this.#readPending(entriesDirty !== 'none' || added.length > 0 || reordered);
    const change = { arrived: added, reordered, pending, sealed: this.#sealedNow };
    this.#dirtyEntries = 'none';
    this.#addedEntries = [];
    this.#newArrivals = [];
    this.#rereadArrivals = false;
    this.#sealedNow = false;
    this.#onChange(change);
  }

  #isOldArrival(id: string): boolean {
    return this.#arrivalIds.has(id) && !this.#newArrivals.some((arrival) => arrival.id === id);
  }

  #rereadEntries(): void {
    this.#entries = new Map();
    for (const { entry } of this.#slots) {
      if (entry && !this.#entries.has(entry.id)) this.#entries.set(entry.id, entry);
    }
  }

  #takeNewArrivals(): OrderedEntry[] {
    const added: OrderedEntry[] = [];
    for (const arrival of this.#newArrivals) {
      const entry = this.#entries.get(arrival.id);
      if (this.#arrivedIds.has(arrival.id)) continue;
      if (entry) this.#arrivedIds.add(arrival.id);
      added.push(entry && !this.#isHidden(arrival) ? { entry, arrival } : erased(arrival, this.#time.now()));
    }
    for (const ordered of added) this.#arrived.push(ordered);
    return added;
  }

  /** From scratch; objects whose entry and arrival are as before stay the same. */
  #rereadArrived(): OrderedEntry[] {
    const before = new Map(this.#arrived.map((ordered) => [ordered.entry.id, ordered]));
    this.#arrived = [];
    this.#arrivedIds = new Set();
    this.#arrivalIds = new Set();
    this.#newArrivals = [];
    this.#sealedTo = null;
    for (const value of this.#arrivals.toArray()) this.#takeArrival(value);
    for (const arrival of this.#newArrivals) {
      const entry = this.#entries.get(arrival.id);
      if (this.#arrivedIds.has(arrival.id)) continue;
      const known = before.get(arrival.id);
      if (entry) this.#arrivedIds.add(arrival.id);
      if (!entry || this.#isHidden(arrival)) {
        const gone = erased(arrival, this.#time.now());
        const isSame = known && isErased(known.entry) && isDisappeared(known.entry) === isDisappeared(gone.entry);
        this.#arrived.push(isSame ? known : gone);
        continue;
      }
      this.#arrived.push(known?.entry === entry ? known : { entry, arrival });
    }
    return [];
  }

  /** What stood here, in sight or hidden, is not there any more. */
  #isLost(entry: Entry): boolean {
    if (isErased(entry)) return this.#arrivedIds.has(entry.id) && !this.#entries.has(entry.id);
    return this.#entries.get(entry.id) !== entry;
  }

  #isHidden(arrival: Arrival): boolean {
    return isDue(arrival, this.#time.now());
  }

  /** @returns whether it changed */
  #readPending(mayHaveChanged: boolean): boolean {
    if (!mayHaveChanged) return false;
    const hadPending = this.#pending.length > 0;
    if (this.#entries.size === this.#arrivedIds.size) {
      if (hadPending) this.#pending = [];
      return hadPending;
    }
    const before = new Map(this.#pending.map((ordered) => [ordered.entry.id, ordered]));
    const pending: OrderedEntry[] = [];
    for (const entry of this.#entries.values()) {
      if (this.#arrivedIds.has(entry.id)) continue;
      const known = before.get(entry.id);
      pending.push(known?.entry === entry ? known : { entry, arrival: null });
    }
    this.#pending = pending.sort(byWriting);
    return true;
  }
}

const byWriting = (a: OrderedEntry, b: OrderedEntry): number =>
  a.entry.sentAt - b.entry.sentAt || (a.entry.id < b.entry.id ? -1 : 1);

function readSlot(value: unknown): Slot {
  const parsed = parseEntry(value);
  return { entry: parsed.ok ? parsed.entry : null };
}

function insertedLength(delta: Y.YArrayEvent<unknown>['changes']['delta']): number {
  let length = 0;
  for (const { insert } of delta) if (Array.isArray(insert)) length += insert.length;
  return length;
}
