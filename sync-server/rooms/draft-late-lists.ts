// What one commit does to sealed pages: what it adds to their late lists, what it takes off them, and their revisions.
// Invariant: what was promised a place is added within the same commit, or the commit fails.

import type { ArrivedEntry } from '#protocol/api/sealed-page.ts';
import { effectTarget, type Entry } from '#protocol/entry.ts';
import type { EntryId, RoomId } from '#protocol/ids.ts';
import { encodeStored } from '../store/stored-json.ts';
import type { ChangeSequence, PageRevision } from './change-sequence.ts';
import type { DraftRecords } from './draft-records.ts';
import { changeKey, lateKey, revisionKey } from './keys.ts';
import { isWithinBounds, NO_LATE, withLate, type LateCount } from './late-list.ts';
import type { StoredEntry } from './stored-entry.ts';

export interface ChangedPage {
  readonly page: number;
  readonly revision: number;
  readonly seq: number;
}

/** By page: its list with one entry more. */
export type LatePlaces = readonly (readonly [page: number, list: LateCount])[];

export interface LateListSource {
  readonly room: RoomId;
  readonly changes: ChangeSequence;
  readonly records: DraftRecords;
  revision(page: number): PageRevision | null;
  /** This commit included. */
  entry(id: EntryId): StoredEntry | null;
  /** The page that is open: only older ones have such a list. */
  head(): number;
}

export class DraftLateLists {
  /** By page: those that the commit adds to, or erases from. */
  readonly changed = new Map<number, ChangedPage>();
  /** Numbers taken from the change sequence; to be settled once the commit is on disk. */
  readonly changeSeqs: number[] = [];
  readonly #source: LateListSource;
  readonly #revisions = new Map<number, PageRevision>();
  /** By page: lists with what was promised a place on them. */
  readonly #promised = new Map<number, LateCount>();
  /** Keys that this commit has written, by entry. */
  readonly #keys = new Map<EntryId, string[]>();

  constructor(source: LateListSource) {
    this.#source = source;
  }

  /** On the lists that an entry would go on, the places for it; null: one of them is full. */
  placesFor(entry: Entry): LatePlaces | null {
    const after = this.#targetPages(entry)
      .filter((on) => on < this.#source.head())
      .map((on) => [on, withLate(this.#promised.get(on) ?? this.#revision(on), entry)] as const);
    const isFull = entry.type !== 'redaction' && !after.every(([, list]) => isWithinBounds(list, entry.author));
    return isFull ? null : after;
  }

  promise(places: LatePlaces): void {
    for (const [on, list] of places) this.#promised.set(on, list);
  }

  /** @param page that the entry itself stands on */
  add(page: number, entry: Entry, arrival: Pick<ArrivedEntry, 'at' | 'n' | 'until'>): void {
    for (const on of this.#targetPages(entry)) {
      if (on >= page) continue;
      const late = withLate(this.#revision(on), entry);
      const key = lateKey({ room: this.#source.room, page: on }, late.late);
      this.#source.records.put(key, encodeStored({ entry, ...arrival }));
      this.#keys.set(entry.id, [...(this.#keys.get(entry.id) ?? []), key]);
      this.#countRevision(on, late);
    }
  }

  /** Copies of these pages are fetched anew, so that what is erased does not live on in them. */
  changePages(pages: Iterable<number>): void {
    for (const page of new Set(pages))
      if (page < this.#source.head() && !this.changed.has(page)) this.#countRevision(page, {});
  }

  /** @param stored by key, what stands on the lists of all pages that something was erased on */
  forget(gone: ReadonlySet<EntryId>, stored: Iterable<readonly [string, EntryId]>): void {
    const { records } = this.#source;
    for (const [id, keys] of this.#keys) if (gone.has(id)) for (const key of keys) records.del(key);
    for (const [key, id] of stored) if (gone.has(id)) records.del(key);
  }

  /** The page of the root of the thread that a message stands in. */
  threadPage(id: EntryId): readonly number[] {
    const root = this.#source.entry(id)?.thread;
    const page = root === undefined ? undefined : this.#source.entry(root)?.page;
    return page === undefined ? [] : [page];
  }

  /** The target's page, and that of the root of its thread: what shows a thread is all there. */
  #targetPages(entry: Entry): readonly number[] {
    const target = effectTarget(entry);
    if (target === null) return [];
    const page = this.#source.entry(target)?.page;
    return [...new Set([...(page === undefined ? [] : [page]), ...this.threadPage(target)])];
  }

  #countRevision(on: number, late: Partial<PageRevision>): void {
    const { room, changes, records } = this.#source;
    const was = this.#revision(on);
    const seq = changes.take();
    this.changeSeqs.push(seq);
    const revision: PageRevision = { ...was, ...late, revision: was.revision + 1, seq };
    this.#revisions.set(on, revision);
    records.put(revisionKey({ room, page: on }), encodeStored(revision));
    // A page stands in the list of changes once, at its latest, so that the list stays as short as there are pages.
    if (was.seq > 0) records.del(changeKey(was.seq));
    records.put(changeKey(seq), encodeStored({ room, page: on, revision: revision.revision }));
    this.changed.set(on, { page: on, revision: revision.revision, seq });
  }

  #revision(page: number): PageRevision {
    const known = this.#revisions.get(page) ?? this.#source.revision(page);
    return known ?? { revision: 0, ...NO_LATE, seq: 0 };
  }
}
