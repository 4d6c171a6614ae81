// One commit of a room, from the jobs at hand to the synced log record. Runs without a pause between `prepare`, which
// reads what the store knows, and `write`, which resolves once it is on disk and the room's contents have moved on.

import * as Y from 'yjs';
import type { Arrival } from '#protocol/arrival.ts';
import { type Entry } from '#protocol/entry.ts';
import { isUserId, type EntryId, type UserId } from '#protocol/ids.ts';
import type { RefusalCode } from '#protocol/refusal-codes.ts';
import { encodeAny } from '../gate/element.ts';
import { checkElement } from '../gate/element-check.ts';
import type { GateContext, GateOutcome, IndexedEntry, RefusedEntry } from '../gate/gate-contract.ts';
import { encodePageGateState } from '../gate/page-gate-state.ts';
import type { PageRevision } from './change-sequence.ts';
import { CommitDraft } from './commit-draft.ts';
import { CommitErasure } from './commit-erasure.ts';
import { encodeBase } from './committed-page.ts';
import type { ChangedPage } from './draft-late-lists.ts';
import { baseKey, erasureKey, gateKey } from './keys.ts';
import { readEntries, readRevisions } from './known-records.ts';
import type { PageChannel } from './page-channel.ts';
import { encodePageRecord, type PageUpdate } from './page-record.ts';
import type { BlobWish, HeldBlobs } from './room-blobs.ts';
import type { RoomContents } from './room-contents.ts';
import type { RoomPage } from './room-page.ts';
import type { JustArrived } from './room-service.ts';
import type { RoomSurroundings } from './room-surroundings.ts';
import type { RoomView } from './room-view.ts';
import { sealHead } from './seal-head.ts';
import { arrivalOf, indexed, type StoredEntry } from './stored-entry.ts';
import { vouchedRefusal } from './vouched-entry.ts';

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
      readonly arrived: readonly JustArrived[];
      readonly erased: readonly EntryId[];
    };

export class StagedCommit {
  readonly #contents: RoomContents;
  readonly #surroundings: RoomSurroundings;
  readonly #draft: CommitDraft;
  readonly #nowMs: number;
  /** The head, and after a seal within this commit its successors. */
  readonly #pages: RoomPage[];
  readonly #blobs: HeldBlobs;
  readonly #erasure: CommitErasure;
  readonly #arrived: JustArrived[] = [];

  private constructor(
    contents: RoomContents,
    surroundings: RoomSurroundings,
    entries: Map<EntryId, StoredEntry>,
    revisions: Map<number, PageRevision>,
    blobs: HeldBlobs
  ) {
    this.#contents = contents;
    this.#surroundings = surroundings;
    this.#nowMs = surroundings.timers.nowMs();
    this.#pages = [contents.head];
    this.#blobs = blobs;
    this.#draft = new CommitDraft({
      room: contents.id,
      view: contents.view,
      changes: surroundings.changes,
      policy: surroundings.policy,
      nowMs: this.#nowMs,
      entry: (id) => entries.get(id) ?? null,
      marker: (user) => contents.marker(user),
      revision: (page) => revisions.get(page) ?? null,
      slow: contents.slowMode,
      blobs
    });
    const { kv } = surroundings;
    this.#erasure = new CommitErasure({
      ...{ contents, kv, draft: this.#draft, known: entries, revisions, pages: this.#pages }
    });
  }

  /**
   * @param ids all entries that the commit may ask about
   * @param writers all people whose entries it may hold
   * @param wishes all blobs that they may name; held until `release`
   * @throws StoreError
   */
  static async prepare(
    contents: RoomContents,
    surroundings: RoomSurroundings,
    ids: Iterable<EntryId>,
    writers: Iterable<UserId>,
    wishes: readonly BlobWish[] = []
  ): Promise<StagedCommit> {
    const { kv } = surroundings;
    const asked = await readEntries(kv, contents.id, ids);
    // Whose message is taken away has it off their own count, too.
    await contents.learnMarkers([...writers, ...[...asked.values()].map(({ author }) => author).filter(isUserId)]);
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
    const blobs = await surroundings.blobs.hold(wishes);
    return new StagedCommit(contents, surroundings, entries, revisions, blobs);
  }

  /** The commit is over, whatever became of it. */
  release(): void {
    this.#blobs.release();
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
      const arrival = this.#draft.accept(page.ref.page, accepted, this.#nowMs);
      page.stageArrival(arrival);
      this.#arrived.push({ entry: accepted.entry, arrival });
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
    this.#appendOne(entry);
    return null;
  }

  /** An entry that the server answers for. */
  appendVouched(entry: Entry): RefusalCode | null {
    const refused = vouchedRefusal(this.#contents.id, this.#draft.state, entry);
    if (refused === null) this.#appendOne(entry);
    return refused;
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
    await this.#erasure.eraseVotes();
    const ids = this.#surroundings.serverIds();
    this.#sealIfFull();
    for (const page of this.#pages) page.flushArrivals(ids.arrivals);
    // The arrivals may have filled it.
    this.#sealIfFull();
    for (const page of this.#pages) this.#erasure.eraseStaged(page);
    const { erasures } = this.#draft.entries;
    if (!this.#pages.some((page) => page.touched) && erasures.size === 0) return { kind: 'nothing' };
    if (!this.#draft.state) return { kind: 'no-room' };
    return this.#append();
  }

  async #append(): Promise<Written> {
    const { log, changes, erasures, expiries } = this.#surroundings;
    const contents = this.#contents;
    const draft = this.#draft;
    const before = contents.view;
    const position = contents.position;
    const erased = await this.#erasure.eraseStored();
    await this.#erasure.forgetWhoLeft();
    const after = draft.finish();
    const isErasing = draft.entries.erasures.size > 0;
    const rebase = this.#rebaseDue(isErasing);
    if (rebase) draft.records.put(baseKey(contents.head.ref), encodeBase({ from: position, update: rebase }));
    const pages: (WrittenPage & { whole: Uint8Array | null; stateVector: ReadonlyMap<number, number> })[] = [];
    for (const page of this.#pages) {
      const staged = page.takeStaged();
      if (!staged) continue;
      const gate = page.gate.snapshot();
      draft.records.put(gateKey(page.ref), encodePageGateState(gate));
      // The log below goes with the erased content, so the page is stored whole.
      if (staged.whole) draft.records.put(baseKey(page.ref), encodeBase({ from: position + 1, update: staged.whole }));
      pages.push({ page, ...staged, stateVector: gate.stateVector });
    }
    if (isErasing || after.meta?.deleted) draft.records.put(erasureKey(contents.id, position), new Uint8Array());
    const updates: PageUpdate[] = pages.map(({ page, update }) => ({ page: page.ref.page, update }));
    await log.append({
      room: contents.id,
      expected: position,
      record: encodePageRecord(updates),
      operations: draft.records.operations,
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
    for (const [user, marker] of draft.people.markers) contents.setMarker(user, marker);
    for (const [user, receipt] of draft.people.receipts) this.#surroundings.events.receipt(user, contents.id, receipt);
    for (const mentioned of draft.entries.mentioned) contents.mentions.add(mentioned);
    for (const mentioned of draft.entries.unmentioned) contents.mentions.erase(mentioned);
    for (const seq of draft.lateLists.changeSeqs) changes.settle(seq);
    // What lies below is in a stored base now; the record that opened a new head is still needed.
    if (rebase || this.#pages.length > 1) this.#trim(position);
    const written: WrittenPage[] = pages.map(({ page, update }) => ({ page, update }));
    for (const { number, whole } of erased) {
      const page = contents.replaceSealed(number, whole);
      // Nothing but deletions is new to whoever has the page.
      if (page) written.push({ page, update: Y.diffUpdate(whole, page.committed.encodedStateVector()) });
    }
    if (isErasing || after.meta?.deleted) erasures.schedule(contents.id);
    if (draft.entries.dropsBlobs) this.#surroundings.blobs.dropped();
    if (draft.entries.firstUntil < Infinity) expiries.schedule(draft.entries.firstUntil);
    return {
      kind: 'committed',
      before,
      pages: written,
      changedPages: [...draft.lateLists.changed.values()],
      arrived: this.#arrived,
      erased: [...draft.entries.erased]
    };
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

  #appendOne(entry: Entry): void {
    this.#appendAll(
      [entry],
      () => this.#nowMs,
      (arrival) => this.#arrived.push({ entry, arrival })
    );
  }

  #appendAll(
    entries: readonly Entry[],
    at: (entry: Entry) => number,
    arrived: (arrival: Arrival) => unknown = () => undefined
  ): number {
    this.#sealIfFull();
    const head = this.#pages.at(-1)!;
    const { update, accepted } = head.gate.appendEntries(this.#surroundings.serverIds().messages, entries);
    head.stage(update);
    for (const one of accepted) {
      const arrival = this.#draft.accept(head.ref.page, one, at(one.entry));
      head.stageArrival(arrival);
      arrived(arrival);
    }
    return accepted.length;
  }

  #sealIfFull(): void {
    const head = this.#pages.at(-1)!;
    if (!head.gate.snapshot().full) return;
    this.#erasure.eraseStaged(head);
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
