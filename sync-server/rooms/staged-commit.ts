// One commit of a room, from the jobs at hand to the synced log record. Runs without a pause between `prepare`, which
// reads what the store knows, and `write`, which resolves once it is on disk and the room's contents have moved on.

import type { Entry } from '#protocol/entry.ts';
import { isUserId, type EntryId, type UserId } from '#protocol/ids.ts';
import type { RefusalCode } from '#protocol/refusal-codes.ts';
import { isAmongPeople } from '#protocol/room-state.ts';
import { encodeAny } from '../gate/element.ts';
import { checkElement } from '../gate/element-check.ts';
import type { GateContext, GateOutcome, IndexedEntry, RefusedEntry } from '../gate/gate-contract.ts';
import { encodePageGateState } from '../gate/page-gate-state.ts';
import type { PageRevision } from './change-sequence.ts';
import { CommitDraft, type ChangedPage } from './commit-draft.ts';
import { encodeBase } from './committed-page.ts';
import { baseKey, gateKey } from './keys.ts';
import { readEntries, readRevisions } from './known-records.ts';
import type { PageChannel } from './page-channel.ts';
import { encodePageRecord, type PageUpdate } from './page-record.ts';
import type { RoomContents } from './room-contents.ts';
import type { RoomPage } from './room-page.ts';
import type { RoomSurroundings } from './room-surroundings.ts';
import type { RoomView } from './room-view.ts';
import { sealHead } from './seal-head.ts';
import { indexed, type StoredEntry } from './stored-entry.ts';

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
  /** The head, and after a seal within this commit its successors. */
  readonly #pages: RoomPage[];

  private constructor(
    contents: RoomContents,
    surroundings: RoomSurroundings,
    entries: ReadonlyMap<EntryId, StoredEntry>,
    revisions: ReadonlyMap<number, PageRevision>
  ) {
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
    const [entries] = await Promise.all([readEntries(kv, contents.id, ids), contents.learnMarkers(writers)]);
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
      const { page: home, at, n } = this.#draft.entry(id)!;
      if (home !== page.ref.page) page.tellAgain({ id, at, n });
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

  /** A `joined` of somebody with an invitation: nothing but what makes it pointless is asked. */
  appendJoin(entry: Entry): RefusalCode | null {
    const { state } = this.#draft;
    if (!state) return 'no-room';
    if (state.deleted) return 'deleted';
    if (isAmongPeople(state)) return 'not-allowed';
    if (Object.hasOwn(state.members, entry.author)) return 'no-change';
    if (Object.hasOwn(state.banned, entry.author)) return 'banned';
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

  /** @throws StoreError: then the room's contents are to be dropped */
  async write(): Promise<Written> {
    const ids = this.#surroundings.serverIds();
    this.#sealIfFull();
    for (const page of this.#pages) page.flushArrivals(ids.arrivals);
    // The arrivals may have filled it.
    this.#sealIfFull();
    if (!this.#pages.some((page) => page.touched)) return { kind: 'nothing' };
    if (!this.#draft.state) return { kind: 'no-room' };
    return this.#append();
  }

  async #append(): Promise<Written> {
    const { log, changes } = this.#surroundings;
    const contents = this.#contents;
    const draft = this.#draft;
    const before = contents.view;
    const after = draft.finish();
    const rebase = this.#rebaseDue();
    if (rebase) {
      draft.put(baseKey(contents.head.ref), encodeBase({ from: contents.position, update: rebase }));
    }
    const pages: (WrittenPage & { stateVector: ReadonlyMap<number, number> })[] = [];
    for (const page of this.#pages) {
      const update = page.takeStaged();
      if (!update) continue;
      const gate = page.gate.snapshot();
      draft.put(gateKey(page.ref), encodePageGateState(gate));
      pages.push({ page, update, stateVector: gate.stateVector });
    }
    const updates: PageUpdate[] = pages.map(({ page, update }) => ({ page: page.ref.page, update }));
    const position = contents.position;
    await log.append({
      room: contents.id,
      expected: position,
      record: encodePageRecord(updates),
      operations: draft.operations
    });

    contents.position = position + 1;
    contents.view = after;
    contents.slowMode = draft.slow;
    this.#surroundings.publicRooms.changed(contents.id, after.meta);
    for (const { page, update, stateVector } of pages) page.committed.apply(update, stateVector);
    if (rebase) contents.head.committed.rebased();
    for (const next of this.#pages.slice(1)) contents.moveHead(next);
    for (const [user, marker] of draft.markers) contents.setMarker(user, marker);
    for (const seq of draft.changeSeqs) changes.settle(seq);
    // What lies below is in a stored base now; the record that opened a new head is still needed.
    if (rebase || this.#pages.length > 1) this.#trim(position);
    return { kind: 'committed', before, pages, changedPages: [...draft.changedPages.values()] };
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
    const { position } = this.#contents;
    this.#pages.push(sealHead(head, this.#draft, this.#surroundings.serverIds(), position, this.#nowMs));
  }

  /** The head's bytes on disk as one update, when it is time to store them so. */
  #rebaseDue(): Uint8Array | null {
    const { committed } = this.#contents.head;
    return this.#pages.length === 1 && committed.rebaseDue ? committed.whole() : null;
  }

  #trim(below: number): void {
    // Losing a trim costs space alone; a failed write tells of itself through the store.
    this.#surroundings.log.trim(this.#contents.id, below).catch(() => undefined);
  }
}
