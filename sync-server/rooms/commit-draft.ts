// One commit in the making: turns accepted entries into arrivals and into the projections that become true with them.
// Nothing here is true until the log has it; a draft whose append fails is dropped with the live room.
//
//   draft-entries.ts      the index of entries and what hangs on each      draft-people.ts   state, members, how far they read
//   draft-late-lists.ts   what it changes of sealed pages                  draft-records.ts  what is written

import assert from 'node:assert/strict';
import type { Arrival } from '#protocol/arrival.ts';
import { blobClaimsOf, effectTarget, isFleeting, isKnown, threadOf, type Entry } from '#protocol/entry.ts';
import { isImportedAuthor, isUserId, type EntryId, type RoomId, type UserId } from '#protocol/ids.ts';
import { EDITS_MAX } from '#protocol/limits.ts';
import type { RefusalCode } from '#protocol/refusal-codes.ts';
import type { RoomState } from '#protocol/room-state.ts';
import type { AcceptedEntry } from '../gate/gate-contract.ts';
import { encodeStored } from '../store/stored-json.ts';
import type { ChangeSequence, PageRevision } from './change-sequence.ts';
import { DraftEntries } from './draft-entries.ts';
import { DraftLateLists } from './draft-late-lists.ts';
import { DraftPeople } from './draft-people.ts';
import { DraftRecords } from './draft-records.ts';
import { withPlace } from './gone-places.ts';
import { roomKey, saidKey, threadOfKey } from './keys.ts';
import type { ReadMarker } from './read-marker.ts';
import type { HeldBlobs } from './room-blobs.ts';
import { isBeforeChat, isCounted, lastLine, metaOfState, preview, type RoomMeta } from './room-meta.ts';
import type { RoomPolicy } from './room-policy.ts';
import type { RoomView } from './room-view.ts';
import type { SlowMode } from './slow-mode.ts';
import { arrivalOf, tracesOf, type StoredEntry } from './stored-entry.ts';

/** What the store knew when the commit began, as far as the commit may ask. */
export interface DraftSource {
  readonly room: RoomId;
  readonly view: RoomView;
  readonly changes: ChangeSequence;
  entry(id: EntryId): StoredEntry | null;
  marker(user: UserId): ReadMarker | null;
  revision(page: number): PageRevision | null;
  readonly policy: RoomPolicy;
  readonly nowMs: number;
  readonly slow: SlowMode;
  /** Those that the commit may ask about. */
  readonly blobs: HeldBlobs;
}

/** What the list of rooms says of a line that is erased. */
type Gone = 'redaction' | 'disappeared';

const EMPTY_META = {
  ...{ head: 0, n: 0, gone: [], replies: 0, changes: 0, imported: 0, chatted: false },
  last: null
} as const;
const NOTHING = new Uint8Array(0);

/** What stands in the room by itself: a message, or whatever a newer version writes that speaks of nothing else. */
const isSaid = (entry: Entry): boolean =>
  isUserId(entry.author) && (isKnown(entry) ? entry.type === 'message' : effectTarget(entry) === null);

export class CommitDraft {
  readonly records = new DraftRecords();
  readonly entries: DraftEntries;
  readonly lateLists: DraftLateLists;
  readonly people: DraftPeople;
  /** Pages of the roots of threads that something is erased in: their late lists hold it too. */
  readonly threadPages = new Set<number>();
  readonly #source: DraftSource;
  #meta: Pick<RoomMeta, 'head' | 'n' | 'gone' | 'replies' | 'changes' | 'imported' | 'chatted' | 'last'>;
  readonly #slow: SlowMode;

  constructor(source: DraftSource) {
    this.#source = source;
    const { room, view, changes } = source;
    const { records } = this;
    this.entries = new DraftEntries({ room, records, blobs: source.blobs, entry: (id) => source.entry(id) });
    this.people = new DraftPeople({ room, records, state: view.state, marker: (user) => source.marker(user) });
    this.lateLists = new DraftLateLists({
      ...{ room, records, changes },
      revision: (page) => source.revision(page),
      entry: (id) => this.entries.entry(id),
      head: () => this.#meta.head
    });
    this.#meta = view.meta ?? EMPTY_META;
    this.#slow = source.slow.staged();
  }

  /** As of this commit. */
  get slow(): SlowMode {
    return this.#slow;
  }

  /** The room's state with all that was accepted so far. */
  get state(): RoomState | null {
    return this.people.state;
  }

  entry(id: EntryId): StoredEntry | null {
    return this.entries.entry(id);
  }

  /**
   * What stands against an entry that has passed the gate's other checks; null takes its place.
   * @param room the state with all that came before the entry
   */
  admits(entry: Entry, room: RoomState | null, sender: UserId): RefusalCode | null {
    // What comes between the end of a message and its sweep would go with it unseen, or outlive it.
    if (entry.type !== 'redaction' && this.#isOver(effectTarget(entry))) return 'no-target';
    // Words that somebody else brings back are taken without the files that are not here.
    if (sender === entry.author && !blobClaimsOf(entry).every((claim) => this.#source.blobs.admits(sender, claim)))
      return 'attachment';
    const places = this.lateLists.placesFor(entry);
    if (!places) return 'too-large';
    const refused = this.#standsAgainst(entry, room, sender);
    // What is refused takes none from others.
    if (refused === null) this.lateLists.promise(places);
    return refused;
  }

  /** Last, since a yes counts: of rooms made, and as a message said. */
  #standsAgainst(entry: Entry, room: RoomState | null, sender: UserId): RefusalCode | null {
    if (isKnown(entry) && entry.type === 'room' && entry.action === 'created')
      return this.#source.policy.admitsRoom(entry.kind, entry.author, sender);
    if (isKnown(entry) && entry.type === 'edit' && (this.entry(entry.target)?.edits?.length ?? 0) >= EDITS_MAX)
      return 'too-large';
    if (!isSaid(entry) || !room) return null;
    if (this.#source.policy.isErased(entry.author)) return 'author';
    return this.#slow.admits(room, entry.author, this.#source.nowMs) ? null : 'slow';
  }

  /** @param at epoch ms of its arrival */
  accept(page: number, { entry, hash }: AcceptedEntry, at: number): Arrival {
    const { room } = this.#source;
    const counted = isCounted(entry);
    const n = this.#meta.n + (counted ? 1 : 0);
    const thread = entry.type === 'message' ? threadOf(entry) : null;
    const until = this.#untilOf(entry, at);
    const stored: StoredEntry = {
      ...{ author: entry.author, type: entry.type, page, hash, at, n },
      ...(thread !== null && { thread, of: this.entry(thread)?.author ?? entry.author }),
      ...(until !== undefined && { until }),
      ...tracesOf(entry),
      ...(counted && this.entries.mention(entry, n, this.state?.members ?? {})),
      ...this.entries.refer(entry)
    };
    if (until !== undefined) this.entries.expireAt(entry.id, until);
    if (thread !== null && isUserId(entry.author)) this.records.put(threadOfKey(room, thread, entry.author), NOTHING);
    this.entries.put(entry.id, stored);
    this.#meta = {
      head: this.#meta.head,
      n,
      gone: this.#meta.gone,
      replies: this.#meta.replies + (thread === null ? 0 : 1),
      changes: this.#meta.changes,
      imported: this.#meta.imported + (isImportedAuthor(entry.author) ? 1 : 0),
      chatted: this.#meta.chatted || !isBeforeChat(entry),
      last: this.#lineOf(entry, at, until) ?? this.#meta.last
    };
    if (counted) this.people.moveOwnMarker(entry.author, n);
    if (isSaid(entry) && this.state && this.state.slowSeconds > 0)
      this.records.put(saidKey(room, entry.author), encodeStored(this.#source.nowMs));
    // A snapshot says what the state is already, and bounded: the server keeps the whole.
    if (entry.type !== 'snapshot') this.people.fold(entry, n);
    this.lateLists.add(page, entry, { at, n, ...(until !== undefined && { until }) });
    this.#affect(entry);
    return arrivalOf(entry.id, stored);
  }

  /** Erases messages without a word of who wanted it: their author is gone. */
  eraseSilently(ids: readonly EntryId[]): void {
    for (const id of ids) {
      const stored = this.entry(id);
      if (!stored || stored.redacted || stored.type !== 'message') continue;
      this.#eraseMessage(id);
    }
  }

  /** Erases what has disappeared, of whatever type: what was made of a message has its time. */
  expire(ids: Iterable<EntryId>): void {
    for (const id of ids) {
      const stored = this.entry(id);
      if (!stored || stored.redacted) continue;
      this.#eraseMessage(id, 'disappeared');
    }
  }

  /** They go with their polls, and so does the list of them. */
  eraseVotes(poll: EntryId, votes: readonly EntryId[]): void {
    this.entries.forgetVotes(poll, votes);
    this.#eraseEntries(votes, 'redaction');
  }

  openHead(page: number): void {
    this.#meta = { ...this.#meta, head: page };
  }

  /** Writes the room's own projections; the view that is true once the commit is on disk. */
  finish(): RoomView {
    const { state } = this;
    assert(state, 'a commit belongs to a room that exists');
    const meta: RoomMeta = { ...this.#meta, ...metaOfState(state), ...(state.deleted && { last: null }) };
    this.records.put(roomKey(this.#source.room), encodeStored(meta));
    this.people.finish(state);
    return { meta, state };
  }

  /** What an entry does to an earlier one. */
  #affect(entry: Entry): void {
    if (!isKnown(entry)) return;
    switch (entry.type) {
      case 'edit': {
        this.entries.addEdit(entry);
        this.#countChange();
        const { last } = this.#meta;
        if (last?.id === entry.target) this.#meta = { ...this.#meta, last: { ...last, body: preview(entry.body) } };
        break;
      }
      case 'vote':
        this.entries.addVote(entry);
        break;
      case 'poll-close':
        this.entries.closePoll(entry.target);
        break;
      case 'redaction':
        this.#eraseMessage(entry.target);
        break;
      default:
    }
  }

  /** Devices that do not look at the room learn that what they keep of it reads otherwise. */
  #countChange(): void {
    this.#meta = { ...this.#meta, changes: this.#meta.changes + 1 };
  }

  #isOver(target: EntryId | null): boolean {
    return target !== null && (this.entry(target)?.until ?? Infinity) <= this.#source.nowMs;
  }

  /**
   * What is made of a message goes with it; what is said in the room, as the room wants it when it arrives. A reply in a
   * thread is both.
   */
  #untilOf(entry: Entry, at: number): number | undefined {
    const target = effectTarget(entry);
    const ofTarget = target === null ? undefined : this.entry(target)?.until;
    const isSaying = isFleeting(entry) || entry.type === 'message';
    const seconds = this.state?.disappearingSeconds ?? 0;
    if (!isSaying || seconds === 0 || !isUserId(entry.author)) return ofTarget;
    return Math.min(ofTarget ?? Infinity, at + seconds * 1_000);
  }

  #lineOf(entry: Entry, at: number, until: number | undefined): RoomMeta['last'] {
    const line = lastLine(entry, at);
    return line && until !== undefined ? { ...line, until } : line;
  }

  /** With all that its edits made of it, wherever they stand. */
  #eraseMessage(id: EntryId, becomes: Gone = 'redaction'): void {
    const stored = this.entry(id);
    if (stored && !stored.redacted) this.#uncount(stored);
    // What disappears goes from each device by itself.
    if (stored && !stored.redacted && becomes === 'redaction') this.#countChange();
    this.people.unpin(id);
    const threadPage = this.lateLists.threadPage(id);
    for (const page of threadPage) this.threadPages.add(page);
    this.#eraseEntries([id, ...(stored?.edits ?? [])], becomes, threadPage);
  }

  /** What is not there any more is unread for nobody. */
  #uncount({ author, type, n, thread }: StoredEntry): void {
    if (type !== 'message' || thread !== undefined || !isUserId(author)) return;
    this.#meta = { ...this.#meta, gone: withPlace(this.#meta.gone, n) };
    this.people.forgetOwn(author, n);
  }

  /** @param more pages that list them */
  #eraseEntries(ids: readonly EntryId[], becomes: Gone, more: Iterable<number> = []): void {
    for (const id of ids) {
      const { last } = this.#meta;
      if (!this.entries.erase(id) || last?.id !== id) continue;
      const { files: _, ...line } = last;
      this.#meta = { ...this.#meta, last: { ...line, type: becomes, body: '' } };
    }
    this.lateLists.changePages([...ids.flatMap((id) => this.entry(id)?.page ?? []), ...more]);
  }
}
