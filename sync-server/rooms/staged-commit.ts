// One commit of a room, from the jobs at hand to the synced log record. Runs without a pause between `prepare`, which
// reads what the store knows, and `write`, which resolves once it is on disk and the room's contents have moved on.

import * as Y from 'yjs';
import { isKnown, type Entry } from '#protocol/entry.ts';
import { isUserId, type EntryId, type UserId } from '#protocol/ids.ts';
import type { RefusalCode } from '#protocol/refusal-codes.ts';
import { mayMakeLink } from '#protocol/permissions.ts';
import { refusal, roleOf } from '#protocol/refusal.ts';
import { isAmongPeople } from '#protocol/room-state.ts';
import { encodeAny } from '../gate/element.ts';
import { checkElement } from '../gate/element-check.ts';
import type { GateContext, GateOutcome, IndexedEntry, RefusedEntry } from '../gate/gate-contract.ts';
import { decodeStored, encodeStored } from '../store/stored-json.ts';
import { encodePageGateState } from '../gate/page-gate-state.ts';
import type { PageRevision } from './change-sequence.ts';
import { CommitDraft, type ChangedPage } from './commit-draft.ts';
import { encodeBase } from './committed-page.ts';
import {
  baseKey,
  erasedKey,
  erasureKey,
  gateKey,
  lateOf,
  sealedKey,
  unreadOfPerson,
  voteOfKey,
  votesOf
} from './keys.ts';
import { readEntries, readRevisions } from './known-records.ts';
import { withoutEntries } from './page-content.ts';
import type { PageChannel } from './page-channel.ts';
import { encodePageRecord, type PageUpdate } from './page-record.ts';
import type { RoomContents } from './room-contents.ts';
import type { RoomPage } from './room-page.ts';
import type { RoomSurroundings } from './room-surroundings.ts';
import type { RoomView } from './room-view.ts';
import { putSealed, sealHead } from './seal-head.ts';
import { arrivedSchema, readStoredPage } from './stored-page.ts';
import { arrivalOf, indexed, type StoredEntry } from './stored-entry.ts';

export interface WrittenPage {
  readonly page: RoomPage;
  /** All of the commit on this page, as one update. */
  readonly update: Uint8Array;
}

export type Written =
  | { readonly kind: 'nothing' }
  /** Entries were refused in a room that does not come to be: nothing of it is kept. */
  | { readonly kind: 'no-room' }
  | {
      readonly kind: 'committed';
      readonly before: RoomView;
      readonly pages: readonly WrittenPage[];
      readonly changedPages: readonly ChangedPage[];
    };

export class StagedCommit {
  readonly #contents: RoomContents;
  readonly #surroundings: RoomSurroundings;
  readonly #draft: CommitDraft;
  readonly #nowMs: number;
  /** What the store knows, as far as this commit asks. */
  readonly #known: Map<EntryId, StoredEntry>;
  readonly #revisions: Map<number, PageRevision>;
  /** The head, and after a seal within this commit its successors. */
  readonly #pages: RoomPage[];
  /** Entries that were taken out of pages of this commit. */
  readonly #erased = new Set<EntryId>();

  private constructor(
    contents: RoomContents,
    surroundings: RoomSurroundings,
    entries: Map<EntryId, StoredEntry>,
    revisions: Map<number, PageRevision>
  ) {
    this.#known = entries;
    this.#revisions = revisions;
    this.#contents = contents;
    this.#surroundings = surroundings;
    this.#nowMs = surroundings.timers.nowMs();
    this.#pages = [contents.head];
    this.#draft = new CommitDraft({
      room: contents.id,
      view: contents.view,
      changes: surroundings.changes,
      policy: surroundings.policy,
      nowMs: this.#nowMs,
      entry: (id) => entries.get(id) ?? null,
      marker: (user) => contents.marker(user),
      revision: (page) => revisions.get(page) ?? null,
      slow: contents.slowMode
    });
  }

  /**
   * @param ids all entries that the commit may ask about
   * @param writers all people whose entries it may hold
   * @throws StoreError
   */
  static async prepare(
    contents: RoomContents,
    surroundings: RoomSurroundings,
    ids: Iterable<EntryId>,
    writers: Iterable<UserId>
  ): Promise<StagedCommit> {
    const { kv } = surroundings;
    const [asked] = await Promise.all([readEntries(kv, contents.id, ids), contents.learnMarkers(writers)]);
    // A message goes with its edits, and is listed with the root of its thread.
    const related = await readEntries(
      kv,
      contents.id,
      [...asked.values()].flatMap(({ edits = [], thread }) => (thread === undefined ? edits : [...edits, thread]))
    );
    const entries = new Map([...related, ...asked]);
    // Only what stands on an older page can add to a late list.
    const older = [...entries.values()].map(({ page }) => page).filter((page) => page < contents.head.ref.page);
    const revisions = await readRevisions(kv, contents.id, older);
    return new StagedCommit(contents, surroundings, entries, revisions);
  }

  /** What the room has under an id, this commit included. */
  entry(id: EntryId): StoredEntry | null {
    return this.#draft.entry(id);
  }

  /** An update that came over a channel. */
  receive({ page, user, kind }: PageChannel, update: Uint8Array): GateOutcome {
    const outcome = page.gate.receive(update, this.#contextOf(user, kind === 'cookie'));
    if (outcome.kind !== 'checked' || !outcome.update) return outcome;
    page.stage(outcome.update);
    for (const accepted of outcome.accepted) {
      page.stageArrival(this.#draft.accept(page.ref.page, accepted, this.#nowMs));
    }
    for (const id of outcome.known) {
      const stored = this.#draft.entry(id)!;
      if (stored.page !== page.ref.page) page.tellAgain(arrivalOf(id, stored));
    }
    return outcome;
  }

  /** An entry that the server writes for a person, through the checks of a channel. */
  append(entry: Entry): RefusalCode | null {
    if (!isUserId(entry.author)) return 'author';
    const verdict = checkElement(
      { ok: true, value: entry, encoded: encodeAny(entry) },
      {
        ...this.#contextOf(entry.author, false),
        roomId: this.#contents.id,
        room: this.#draft.state,
        mayVerify: () => true,
        falseSignature: () => undefined
      }
    );
    if (verdict.kind === 'known') return null;
    if (verdict.kind === 'refused') return (verdict.refused satisfies RefusedEntry).code;
    this.#appendAll([entry], () => this.#nowMs);
    return null;
  }

  /**
   * A `joined` of somebody with an invitation, a room that the host makes, or the end of one that an administrator wants:
   * nothing but what makes it pointless is asked.
   */
  appendVouched(entry: Entry): RefusalCode | null {
    const { state } = this.#draft;
    if (isKnown(entry) && entry.type === 'room' && entry.action === 'created') {
      const refused = refusal(this.#contents.id, state, entry, null);
      if (refused === null) this.#appendAll([entry], () => this.#nowMs);
      return refused;
    }
    if (!state) return 'no-room';
    if (state.deleted) return 'deleted';
    const isEnd = isKnown(entry) && entry.type === 'room' && entry.action === 'deleted';
    if (isEnd) {
      this.#appendAll([entry], () => this.#nowMs);
      return null;
    }
    if (isAmongPeople(state)) return 'not-allowed';
    if (Object.hasOwn(state.members, entry.author)) return 'no-change';
    if (Object.hasOwn(state.banned, entry.author)) return 'banned';
    if (isKnown(entry) && entry.type === 'membership' && entry.action === 'joined' && entry.invitedBy !== undefined) {
      // Whoever made the link may have been removed since it was looked at.
      const { invitedBy, role = 'member' } = entry;
      if (!mayMakeLink(state.kind, roleOf(state, invitedBy), role)) return 'not-allowed';
    }
    this.#appendAll([entry], () => this.#nowMs);
    return null;
  }

  /**
   * Entries of an import, as many as the head page takes; they arrived when they were written.
   * @returns how many were taken, at least one
   */
  appendImported(entries: readonly Entry[]): number {
    return this.#appendAll(entries, ({ sentAt }) => sentAt);
  }

  /** Erases messages of somebody who has gone. */
  eraseSilently(ids: readonly EntryId[]): void {
    this.#draft.eraseSilently(ids);
  }

  /** Erases what has disappeared. */
  expire(ids: Iterable<EntryId>): void {
    this.#draft.expire(ids);
  }

  /** @throws StoreError: then the room's contents are to be dropped */
  async write(): Promise<Written> {
    await this.#eraseVotes();
    const ids = this.#surroundings.serverIds();
    this.#sealIfFull();
    for (const page of this.#pages) page.flushArrivals(ids.arrivals);
    // The arrivals may have filled it.
    this.#sealIfFull();
    for (const page of this.#pages) this.#eraseStaged(page);
    const { erasures } = this.#draft;
    if (!this.#pages.some((page) => page.touched) && erasures.size === 0) return { kind: 'nothing' };
    if (!this.#draft.state) return { kind: 'no-room' };
    return this.#append();
  }

  /** A poll goes with its votes, on whatever pages they stand. @throws StoreError */
  async #eraseVotes(): Promise<void> {
    const { kv } = this.#surroundings;
    const room = this.#contents.id;
    for (const [poll, fresh] of this.#draft.erasedPolls()) {
      const votes: EntryId[] = [];
      for await (const [key] of kv.range(votesOf(room, poll))) votes.push(voteOfKey(key));
      const unknown = votes.filter((id) => !this.#draft.entry(id));
      for (const [id, stored] of await readEntries(kv, room, unknown)) this.#known.set(id, stored);
      const pages = new Set(unknown.flatMap((id) => this.#known.get(id)?.page ?? []));
      const older = [...pages].filter((page) => page < this.#contents.head.ref.page && !this.#revisions.has(page));
      for (const [page, revision] of await readRevisions(kv, room, older)) this.#revisions.set(page, revision);
      this.#draft.eraseVotes(poll, [...votes, ...fresh]);
    }
  }

  async #append(): Promise<Written> {
    const { log, changes, erasures, expiries } = this.#surroundings;
    const contents = this.#contents;
    const draft = this.#draft;
    const before = contents.view;
    const position = contents.position;
    const erased = await this.#eraseStored();
    await this.#forgetWhoLeft();
    const after = draft.finish();
    const isErasing = draft.erasures.size > 0;
    const rebase = this.#rebaseDue(isErasing);
    if (rebase) draft.put(baseKey(contents.head.ref), encodeBase({ from: position, update: rebase }));
    const pages: (WrittenPage & { whole: Uint8Array | null; stateVector: ReadonlyMap<number, number> })[] = [];
    for (const page of this.#pages) {
      const staged = page.takeStaged();
      if (!staged) continue;
      const gate = page.gate.snapshot();
      draft.put(gateKey(page.ref), encodePageGateState(gate));
      // The log below goes with the erased content, so the page is stored whole.
      if (staged.whole) draft.put(baseKey(page.ref), encodeBase({ from: position + 1, update: staged.whole }));
      pages.push({ page, ...staged, stateVector: gate.stateVector });
    }
    if (isErasing || after.meta?.deleted) draft.put(erasureKey(contents.id, position), new Uint8Array());
    const updates: PageUpdate[] = pages.map(({ page, update }) => ({ page: page.ref.page, update }));
    await log.append({
      room: contents.id,
      expected: position,
      record: encodePageRecord(updates),
      operations: draft.operations,
      ...(isErasing && { trimBelow: position })
    });

    contents.position = position + 1;
    contents.view = after;
    contents.slowMode = draft.slow;
    this.#surroundings.publicRooms.changed(contents.id, after.meta);
    for (const { page, update, whole, stateVector } of pages) {
      if (whole) page.committed.replace(whole, stateVector);
      else page.committed.apply(update, stateVector);
    }
    if (rebase) contents.head.committed.rebased();
    for (const next of this.#pages.slice(1)) contents.moveHead(next);
    for (const [user, marker] of draft.markers) contents.setMarker(user, marker);
    for (const [user, receipt] of draft.receipts) this.#surroundings.events.receipt(user, contents.id, receipt);
    for (const mentioned of draft.mentioned) contents.mentions.add(mentioned);
    for (const mentioned of draft.unmentioned) contents.mentions.erase(mentioned);
    for (const seq of draft.changeSeqs) changes.settle(seq);
    // What lies below is in a stored base now; the record that opened a new head is still needed.
    if (rebase || this.#pages.length > 1) this.#trim(position);
    const written: WrittenPage[] = pages.map(({ page, update }) => ({ page, update }));
    for (const { number, whole } of erased) {
      const page = contents.replaceSealed(number, whole);
      // Nothing but deletions is new to whoever has the page.
      if (page) written.push({ page, update: Y.diffUpdate(whole, page.committed.encodedStateVector()) });
    }
    if (isErasing || after.meta?.deleted) erasures.schedule(contents.id);
    if (draft.firstUntil < Infinity) expiries.schedule(draft.firstUntil);
    return { kind: 'committed', before, pages: written, changedPages: [...draft.changedPages.values()] };
  }

  /** Of a room that is over all goes anyway. @throws StoreError */
  async #forgetWhoLeft(): Promise<void> {
    const { kv } = this.#surroundings;
    for (const user of this.#draft.state?.deleted ? [] : this.#draft.left) {
      const keys: string[] = [];
      for (const range of unreadOfPerson(this.#contents.id, user)) {
        for await (const [key] of kv.range(range)) keys.push(key);
      }
      this.#draft.forgetUnread(user, keys);
    }
  }

  /** Takes erased content out of a page of this commit, before it is stored. */
  #eraseStaged(page: RoomPage): void {
    const ids = this.#draft.erasures.get(page.ref.page);
    const fresh = new Set([...(ids?.keys() ?? [])].filter((id) => !this.#erased.has(id)));
    if (fresh.size === 0) return;
    page.erase(fresh);
    for (const id of fresh) this.#erased.add(id);
    // Sealed by this very commit, before the erasure.
    if (page !== this.#pages.at(-1)) putSealed(page, this.#draft, this.#contents.position);
  }

  /** The same for pages that were sealed before, and the lists of what was erased. @throws StoreError */
  async #eraseStored(): Promise<{ readonly number: number; readonly whole: Uint8Array }[]> {
    const { kv } = this.#surroundings;
    const room = this.#contents.id;
    const rewritten: { number: number; whole: Uint8Array }[] = [];
    for (const [number, entries] of this.#draft.erasures) {
      const ref = { room, page: number };
      const stored = await readStoredPage(kv, ref);
      const erased = [...entries].map(([id, stored]) => arrivalOf(id, stored));
      this.#draft.put(erasedKey(ref), encodeStored({ entries: [...stored.erased, ...erased] }));
      if (this.#pages.some((page) => page.ref.page === number)) continue;
      const ids = new Set(entries.keys());
      const whole = withoutEntries(stored.base.update, ids);
      const kept = stored.entries.filter(({ entry }) => !ids.has(entry.id));
      this.#draft.put(baseKey(ref), encodeBase({ ...stored.base, update: whole }));
      this.#draft.put(sealedKey(ref), encodeStored({ entries: kept }));
      rewritten.push({ number, whole });
    }
    this.#draft.forgetLate(await this.#lateLists());
    return rewritten;
  }

  /** By key, the ids on the late lists of pages that something is erased on. @throws StoreError */
  async #lateLists(): Promise<[string, EntryId][]> {
    const lists: [string, EntryId][] = [];
    for (const page of new Set([...this.#draft.erasures.keys(), ...this.#draft.threadPages])) {
      const range = lateOf({ room: this.#contents.id, page });
      for await (const [key, value] of this.#surroundings.kv.range(range))
        lists.push([key, decodeStored(arrivedSchema, key, value).entry.id]);
    }
    return lists;
  }

  readonly #indexed = (id: EntryId): IndexedEntry | null => {
    const stored = this.#draft.entry(id);
    return stored ? indexed(id, stored) : null;
  };

  #contextOf(sender: UserId, isPerson: boolean): GateContext {
    const { policy } = this.#surroundings;
    return {
      sender,
      nowMs: this.#nowMs,
      mustSign: isPerson && policy.peopleSign,
      deviceKey: (id) => policy.deviceKey(id),
      indexed: this.#indexed,
      admits: (entry, room) => this.#draft.admits(entry, room, sender)
    };
  }

  #appendAll(entries: readonly Entry[], at: (entry: Entry) => number): number {
    this.#sealIfFull();
    const head = this.#pages.at(-1)!;
    const { update, accepted } = head.gate.appendEntries(this.#surroundings.serverIds().messages, entries);
    head.stage(update);
    for (const one of accepted) head.stageArrival(this.#draft.accept(head.ref.page, one, at(one.entry)));
    return accepted.length;
  }

  #sealIfFull(): void {
    const head = this.#pages.at(-1)!;
    if (!head.gate.snapshot().full) return;
    this.#eraseStaged(head);
    const { position } = this.#contents;
    this.#pages.push(sealHead(head, this.#draft, this.#surroundings.serverIds(), position, this.#nowMs));
  }

  /** The head's bytes on disk as one update, when it is time to store them so: always when the log below goes. */
  #rebaseDue(isErasing: boolean): Uint8Array | null {
    const { committed } = this.#contents.head;
    return this.#pages.length === 1 && (committed.rebaseDue || isErasing) ? committed.whole() : null;
  }

  #trim(below: number): void {
    // Losing a trim costs space alone; a failed write tells of itself through the store.
    this.#surroundings.log.trim(this.#contents.id, below).catch(() => undefined);
  }
}
