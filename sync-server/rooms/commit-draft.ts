// One commit in the making: turns accepted entries into arrivals and into the projections that become true with them.
// Nothing here is true until the log has it; a draft whose append fails is dropped with the live room.

import assert from 'node:assert/strict';
import type { ArrivedEntry } from '#protocol/api.ts';
import type { Arrival } from '#protocol/arrival.ts';
import {
  effectTarget,
  isFleeting,
  isKnown,
  threadOf,
  type EditEntry,
  type Entry,
  type VoteEntry
} from '#protocol/entry.ts';
import { fold, withoutPins } from '#protocol/fold.ts';
import { isImportedAuthor, isUserId, type EntryId, type RoomId, type UserId } from '#protocol/ids.ts';
import { EDITS_MAX } from '#protocol/limits.ts';
import { receiptAtJoining, type Receipt } from '#protocol/receipt.ts';
import type { RefusalCode } from '#protocol/refusal-codes.ts';
import type { RoomState } from '#protocol/room-state.ts';
import type { AcceptedEntry } from '../gate/gate-contract.ts';
import type { Operation } from '../store/key-value.ts';
import type { ChangeSequence, PageRevision } from './change-sequence.ts';
import { withPlace } from './gone-places.ts';
import {
  bannedKey,
  callKey,
  changeKey,
  entryKey,
  expiryKey,
  invitedKey,
  lateKey,
  leftKey,
  memberKey,
  mentionKey,
  ownKey,
  publicKey,
  readKey,
  receiptKey,
  revisionKey,
  roomKey,
  roomStateKey,
  saidKey,
  unreadOfPerson,
  voteKey
} from './keys.ts';
import { isWithinBounds, withLate } from './late-list.ts';
import { afterDisappearing, afterOwnMessage, markerAtJoining, type ReadMarker } from './read-marker.ts';
import { isBeforeChat, isCounted, lastLine, preview, metaOfState, type RoomMeta } from './room-meta.ts';
import type { Mentioned } from './room-mentions.ts';
import type { RoomPolicy } from './room-policy.ts';
import type { RoomView } from './room-view.ts';
import { encodeStored } from '../store/stored-json.ts';
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
}

export interface ChangedPage {
  readonly page: number;
  readonly revision: number;
  readonly seq: number;
}

/** What is kept of a room that is over: that it was. */
const emptied = (state: RoomState): RoomState => ({
  ...state,
  ...{ name: '', topic: '', avatar: null, members: {}, invited: {}, banned: {}, pins: [] }
});

/** What the list of rooms says of a line that is erased. */
type Gone = 'redaction' | 'disappeared';

const EMPTY_META = { head: 0, n: 0, gone: [], replies: 0, imported: 0, chatted: false, last: null } as const;
const NOTHING = new Uint8Array(0);

function* goneFrom(before: Readonly<Record<UserId, unknown>>, after: Readonly<Record<UserId, unknown>>) {
  if (before === after) return;
  for (const user of Object.keys(before)) if (!Object.hasOwn(after, user)) yield user;
}

/** What stands in the room by itself: a message, or whatever a newer version writes that speaks of nothing else. */
const isSaid = (entry: Entry): boolean =>
  isUserId(entry.author) && (isKnown(entry) ? entry.type === 'message' : effectTarget(entry) === null);

export class CommitDraft {
  /** By user: markers that the commit changes. */
  readonly markers = new Map<UserId, ReadMarker>();
  /** Of those who come in: what others may know of how far they have come. */
  readonly receipts = new Map<UserId, Receipt>();
  /** By page: late lists that the commit adds to. */
  readonly changedPages = new Map<number, ChangedPage>();
  /** By page: entries whose content is to be erased. */
  readonly erasures = new Map<number, Map<EntryId, StoredEntry>>();
  /** Pages of the roots of threads that something is erased in: their late lists hold it too. */
  readonly threadPages = new Set<number>();
  /** People who are out: what was kept of their reading goes. */
  readonly left = new Set<UserId>();
  /** Mentions that the commit brings, and those that it erases. */
  readonly mentioned: Mentioned[] = [];
  readonly unmentioned: Mentioned[] = [];
  readonly #source: DraftSource;
  readonly #operations = new Map<string, Operation>();
  readonly #entries = new Map<EntryId, StoredEntry>();
  readonly #revisions = new Map<number, PageRevision>();
  /** By page: late lists with what was promised a place on them. */
  readonly #promised = new Map<number, Pick<PageRevision, 'late' | 'lateBytes'>>();
  readonly #taken: number[] = [];
  #firstUntil = Infinity;
  /** Keys on late lists that this commit has written, by entry. */
  readonly #lateKeys = new Map<EntryId, string[]>();
  /** By poll: votes that this commit has taken. */
  readonly #votes = new Map<EntryId, EntryId[]>();
  #meta: Pick<RoomMeta, 'head' | 'n' | 'gone' | 'replies' | 'imported' | 'chatted' | 'last'>;
  #state: RoomState | null;
  readonly #slow: SlowMode;

  constructor(source: DraftSource) {
    this.#source = source;
    this.#meta = source.view.meta ?? EMPTY_META;
    this.#state = source.view.state;
    this.#slow = source.slow.staged();
  }

  /** As of this commit. */
  get slow(): SlowMode {
    return this.#slow;
  }

  /** The room's state with all that was accepted so far. */
  get state(): RoomState | null {
    return this.#state;
  }

  get n(): number {
    return this.#meta.n;
  }

  get operations(): readonly Operation[] {
    return [...this.#operations.values()];
  }

  /** Numbers taken from the change sequence; to be settled once the commit is on disk. */
  get changeSeqs(): readonly number[] {
    return this.#taken;
  }

  /** When the first of what this commit holds disappears, epoch ms; Infinity: nothing does. */
  get firstUntil(): number {
    return this.#firstUntil;
  }

  entry(id: EntryId): StoredEntry | null {
    return this.#entries.get(id) ?? this.#source.entry(id);
  }

  /**
   * What stands against an entry that has passed the gate's other checks; null takes its place.
   * @param room the state with all that came before the entry
   */
  admits(entry: Entry, room: RoomState | null, sender: UserId): RefusalCode | null {
    // What comes between the end of a message and its sweep would go with it unseen, or outlive it.
    if (entry.type !== 'redaction' && this.#isOver(effectTarget(entry))) return 'no-target';
    if (!this.#takesEffect(entry)) return 'too-large';
    if (isKnown(entry) && entry.type === 'room' && entry.action === 'created')
      return this.#source.policy.admitsRoom(entry.kind, entry.author, sender);
    if (isKnown(entry) && entry.type === 'edit' && (this.entry(entry.target)?.edits?.length ?? 0) >= EDITS_MAX)
      return 'too-large';
    if (!isSaid(entry) || !room) return null;
    if (this.#source.policy.isErased(entry.author)) return 'author';
    return this.#slow.admits(room, entry.author, this.#source.nowMs) ? null : 'slow';
  }

  /** Whether the late lists that an entry would go on have a place for it. A yes takes the places. */
  #takesEffect(entry: Entry): boolean {
    const after = this.#targetPages(entry)
      .filter((on) => on < this.#meta.head)
      .map((on) => [on, withLate(this.#promised.get(on) ?? this.#revision(on), entry)] as const);
    if (entry.type !== 'redaction' && !after.every(([, list]) => isWithinBounds(list))) return false;
    for (const [on, list] of after) this.#promised.set(on, list);
    return true;
  }

  put(key: string, value: Uint8Array): void {
    this.#operations.set(key, { type: 'put', key, value });
  }

  del(key: string): void {
    this.#operations.set(key, { type: 'del', key });
  }

  /** @param at epoch ms of its arrival */
  accept(page: number, { entry, hash }: AcceptedEntry, at: number): Arrival {
    const counted = isCounted(entry);
    const n = this.#meta.n + (counted ? 1 : 0);
    const thread = entry.type === 'message' ? threadOf(entry) : null;
    const until = this.#untilOf(entry, at);
    const stored: StoredEntry = {
      ...{ author: entry.author, type: entry.type, page, hash, at, n },
      ...(thread !== null && { thread, of: this.entry(thread)?.author ?? entry.author }),
      ...(until !== undefined && { until }),
      ...tracesOf(entry),
      ...(counted && this.#mention(entry, n))
    };
    if (until !== undefined) this.#expire(entry.id, until);
    this.#entries.set(entry.id, stored);
    this.put(entryKey(this.#source.room, entry.id), encodeStored(stored));
    this.#meta = {
      head: this.#meta.head,
      n,
      gone: this.#meta.gone,
      replies: this.#meta.replies + (thread === null ? 0 : 1),
      imported: this.#meta.imported + (isImportedAuthor(entry.author) ? 1 : 0),
      chatted: this.#meta.chatted || !isBeforeChat(entry),
      last: this.#lineOf(entry, at, until) ?? this.#meta.last
    };
    if (counted) {
      this.#moveOwnMarker(entry.author, n);
    }
    if (isSaid(entry) && this.#state && this.#state.slowSeconds > 0) {
      this.put(saidKey(this.#source.room, entry.author), encodeStored(this.#source.nowMs));
    }
    // A snapshot says what the state is already, and bounded: the server keeps the whole.
    if (entry.type !== 'snapshot') this.#fold(entry);
    this.#addLate(page, entry, { at, n, ...(until !== undefined && { until }) });
    if (isKnown(entry) && entry.type === 'edit') this.#addEdit(entry);
    if (isKnown(entry) && entry.type === 'vote') this.#addVote(entry);
    if (isKnown(entry) && entry.type === 'poll-close') this.#closePoll(entry.target);
    if (isKnown(entry) && entry.type === 'redaction') this.#eraseMessage(entry.target);
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
      this.#uncount(stored);
    }
  }

  /** What has disappeared is unread for nobody. */
  #uncount({ author, type, n, thread }: StoredEntry): void {
    if (type !== 'message' || thread !== undefined || !isUserId(author)) return;
    this.#meta = { ...this.#meta, gone: withPlace(this.#meta.gone, n) };
    const marker = this.markers.get(author) ?? this.#source.marker(author);
    const isIn = this.#state && Object.hasOwn(this.#state.members, author);
    if (!isIn || !marker || n <= marker.n) return;
    this.del(ownKey(this.#source.room, author, n));
    this.#setMarker(author, afterDisappearing(marker));
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
    const seconds = this.#state?.disappearingSeconds ?? 0;
    if (!isSaying || seconds === 0 || !isUserId(entry.author)) return ofTarget;
    return Math.min(ofTarget ?? Infinity, at + seconds * 1_000);
  }

  #expire(id: EntryId, until: number): void {
    this.put(expiryKey(until, this.#source.room, id), NOTHING);
    this.#firstUntil = Math.min(this.#firstUntil, until);
  }

  #lineOf(entry: Entry, at: number, until: number | undefined): RoomMeta['last'] {
    const line = lastLine(entry, at);
    return line && until !== undefined ? { ...line, until } : line;
  }

  #addEdit({ id, target, body }: EditEntry): void {
    const stored = this.entry(target)!;
    this.#index(target, { ...stored, edits: [...(stored.edits ?? []), id] });
    const { last } = this.#meta;
    if (last?.id === target) this.#meta = { ...this.#meta, last: { ...last, body: preview(body) } };
  }

  #addVote({ id, target }: VoteEntry): void {
    this.put(voteKey(this.#source.room, target, id), NOTHING);
    const votes = this.#votes.get(target);
    if (votes) votes.push(id);
    else this.#votes.set(target, [id]);
  }

  #closePoll(id: EntryId): void {
    const stored = this.entry(id)!;
    this.#index(id, { ...stored, poll: { ...stored.poll!, closed: true } });
  }

  /** Polls that this commit erases, with the votes on them that it holds itself. */
  erasedPolls(): ReadonlyMap<EntryId, readonly EntryId[]> {
    const polls = [...this.erasures.values()].flatMap((ofPage) => [...ofPage].filter(([, stored]) => stored.poll));
    return new Map(polls.map(([id]) => [id, this.#votes.get(id) ?? []]));
  }

  /** They go with their polls, and so does the list of them. */
  eraseVotes(poll: EntryId, votes: readonly EntryId[]): void {
    for (const vote of votes) this.del(voteKey(this.#source.room, poll, vote));
    this.#eraseEntries(votes, 'redaction');
  }

  /** Who is no member is passed over, and so is the author. */
  #mention(entry: Entry, n: number): Pick<StoredEntry, 'mentions' | 'mentionsRoom'> {
    if (!isKnown(entry) || entry.type !== 'message') return {};
    const { author, mentions, mentionsRoom } = entry;
    const members = this.#state?.members ?? {};
    const people = (mentions ?? []).filter((user) => user !== author && Object.hasOwn(members, user));
    const all = mentionsRoom === true;
    if (people.length === 0 && !all) return {};
    const { room } = this.#source;
    for (const user of people) this.put(mentionKey(room, user, n), NOTHING);
    if (all) this.put(callKey(room, n), encodeStored(author));
    this.mentioned.push({ n, author, people, all });
    return { ...(people.length > 0 && { mentions: people }), ...(all && { mentionsRoom: true as const }) };
  }

  #unmention({ author, n, mentions = [], mentionsRoom }: StoredEntry): void {
    const all = mentionsRoom === true;
    if (mentions.length === 0 && !all) return;
    const { room } = this.#source;
    for (const user of mentions) this.del(mentionKey(room, user, n));
    if (all) this.del(callKey(room, n));
    this.unmentioned.push({ n, author, people: mentions, all });
  }

  #index(id: EntryId, stored: StoredEntry): void {
    this.#entries.set(id, stored);
    this.put(entryKey(this.#source.room, id), encodeStored(stored));
  }

  /** With all that its edits made of it, wherever they stand. */
  #eraseMessage(id: EntryId, becomes: Gone = 'redaction'): void {
    // Where no entry tells of it, no fold takes it off.
    if (this.#state) this.#state = withoutPins(this.#state, new Set([id]));
    for (const page of this.#threadPage(id)) this.threadPages.add(page);
    this.#eraseEntries([id, ...(this.entry(id)?.edits ?? [])], becomes, this.#threadPage(id));
  }

  /** @param more pages that list them */
  #eraseEntries(ids: readonly EntryId[], becomes: Gone, more: Iterable<number> = []): void {
    for (const one of ids) this.#erase(one, becomes);
    // Copies of the pages are fetched anew, so that what is erased does not live on in them.
    const pages = new Set([...ids.flatMap((one) => this.entry(one)?.page ?? []), ...more]);
    for (const page of pages) if (page < this.#meta.head && !this.changedPages.has(page)) this.#countRevision(page, {});
  }

  #erase(id: EntryId, becomes: Gone): void {
    const stored = this.entry(id);
    if (!stored) return;
    this.#unmention(stored);
    const { mentions: _people, mentionsRoom: _all, ...rest } = stored;
    const redacted: StoredEntry = { ...rest, redacted: true };
    this.#index(id, redacted);
    const ofPage = this.erasures.get(stored.page) ?? new Map<EntryId, StoredEntry>();
    this.erasures.set(stored.page, ofPage.set(id, redacted));
    const { last } = this.#meta;
    if (last?.id === id) this.#meta = { ...this.#meta, last: { ...last, type: becomes, body: '' } };
  }

  /** Takes erased edits off late lists. @param stored by key, the lists of all pages that something was erased on */
  forgetLate(stored: Iterable<readonly [string, EntryId]>): void {
    const gone = new Set([...this.erasures.values()].flatMap((entries) => [...entries.keys()]));
    for (const [id, keys] of this.#lateKeys) if (gone.has(id)) for (const key of keys) this.del(key);
    for (const [key, id] of stored) if (gone.has(id)) this.del(key);
  }

  openHead(page: number): void {
    this.#meta = { ...this.#meta, head: page };
  }

  /** Writes the room's own projections; the view that is true once the commit is on disk. */
  finish(): RoomView {
    const { room, view } = this.#source;
    const state = this.#state;
    assert(state, 'a commit belongs to a room that exists');
    const meta: RoomMeta = { ...this.#meta, ...metaOfState(state), ...(state.deleted && { last: null }) };
    this.put(roomKey(room), encodeStored(meta));
    if (state !== view.state) this.put(roomStateKey(room), encodeStored(state));
    if (state.kind !== view.state?.kind || state.deleted) {
      if (state.kind === 'public' && !state.deleted) this.put(publicKey(room), NOTHING);
      else if (view.state) this.del(publicKey(room));
    }
    return { meta, state };
  }

  #moveOwnMarker(author: UserId, n: number): void {
    const { room } = this.#source;
    const marker = this.markers.get(author) ?? this.#source.marker(author);
    if (!marker || !this.#state || !Object.hasOwn(this.#state.members, author)) return;
    const moved = afterOwnMessage(marker, n);
    this.#setMarker(author, moved);
    if (moved.n !== n) this.put(ownKey(room, author, n), NOTHING);
  }

  #setMarker(user: UserId, marker: ReadMarker): void {
    this.markers.set(user, marker);
    this.put(readKey(this.#source.room, user), encodeStored(marker));
  }

  #fold(entry: Entry): void {
    const before = this.#state;
    const folded = fold(before, entry);
    const after = folded?.deleted ? emptied(folded) : folded;
    this.#state = after;
    if (after === before || !after) return;
    if (after.members !== before?.members) this.#projectMembers(before?.members ?? {}, after.members);
    this.#project(invitedKey, before?.invited ?? {}, after.invited);
    this.#project(bannedKey, before?.banned ?? {}, after.banned);
    if (before) this.#rememberClosed(entry, before, after);
  }

  /**
   * Who is closed out by others is told why when they ask; strangers are told nothing. Of a public room nobody is a
   * stranger.
   */
  #rememberClosed(entry: Entry, before: RoomState, after: RoomState): void {
    const out = new Set<UserId>();
    for (const user of [...goneFrom(before.members, after.members), ...goneFrom(before.invited, after.invited)]) {
      if (user !== entry.author || after.deleted) out.add(user);
    }
    if (before.kind === 'public') for (const user of goneFrom(after.banned, before.banned)) out.add(user);
    for (const user of out) this.put(leftKey(user, this.#source.room), NOTHING);
  }

  #projectMembers(old: RoomState['members'], members: RoomState['members']): void {
    const { room } = this.#source;
    for (const [user, { role }] of Object.entries(members)) {
      const was = Object.hasOwn(old, user) ? old[user] : undefined;
      if (was?.role === role) continue;
      this.put(memberKey(user, room), encodeStored({ role }));
      if (was) continue;
      this.left.delete(user);
      this.#setMarker(user, markerAtJoining(this.#meta.n));
      const receipt = receiptAtJoining(this.#meta.n);
      this.receipts.set(user, receipt);
      this.put(receiptKey(room, user), encodeStored(receipt));
      this.del(leftKey(user, room));
    }
    for (const user of Object.keys(old)) {
      if (Object.hasOwn(members, user)) continue;
      this.del(memberKey(user, room));
      this.del(receiptKey(room, user));
      this.del(readKey(room, user));
      this.receipts.delete(user);
      this.markers.delete(user);
      this.left.add(user);
    }
  }

  /** @param stored keys of what is unread of one who has left; what this commit has put there goes too */
  forgetUnread(user: UserId, stored: readonly string[]): void {
    const { room } = this.#source;
    const ranges = unreadOfPerson(room, user);
    const staged = [...this.#operations.keys()].filter((key) => ranges.some(({ gte }) => key.startsWith(gte)));
    for (const key of [...stored, ...staged]) this.del(key);
  }

  #project(keyOf: (user: UserId, room: RoomId) => string, old: RoomState['invited'], now: RoomState['invited']): void {
    if (old === now) return;
    const { room } = this.#source;
    for (const [user, { by }] of Object.entries(now)) {
      if (!Object.hasOwn(old, user)) this.put(keyOf(user, room), encodeStored({ by }));
    }
    for (const user of Object.keys(old)) if (!Object.hasOwn(now, user)) this.del(keyOf(user, room));
  }

  #addLate(page: number, entry: Entry, arrival: Pick<ArrivedEntry, 'at' | 'n' | 'until'>): void {
    for (const on of this.#targetPages(entry)) {
      if (on >= page) continue;
      const late = withLate(this.#revision(on), entry);
      const key = lateKey({ room: this.#source.room, page: on }, late.late);
      this.put(key, encodeStored({ entry, ...arrival }));
      this.#lateKeys.set(entry.id, [...(this.#lateKeys.get(entry.id) ?? []), key]);
      this.#countRevision(on, late);
    }
  }

  #countRevision(on: number, late: Partial<PageRevision>): void {
    const { room, changes } = this.#source;
    const was = this.#revision(on);
    const seq = changes.take();
    this.#taken.push(seq);
    const revision: PageRevision = { ...was, ...late, revision: was.revision + 1, seq };
    this.#revisions.set(on, revision);
    this.put(revisionKey({ room, page: on }), encodeStored(revision));
    // A page stands in the list of changes once, at its latest, so that the list stays as short as there are pages.
    if (was.seq > 0) this.del(changeKey(was.seq));
    this.put(changeKey(seq), encodeStored({ room, page: on, revision: revision.revision }));
    this.changedPages.set(on, { page: on, revision: revision.revision, seq });
  }

  /** The target's page, and that of the root of its thread: what shows a thread is all there. */
  #targetPages(entry: Entry): readonly number[] {
    const target = effectTarget(entry);
    if (target === null) return [];
    const page = this.entry(target)?.page;
    return [...new Set([...(page === undefined ? [] : [page]), ...this.#threadPage(target)])];
  }

  /** The page of the root of the thread that a message stands in. */
  #threadPage(id: EntryId): readonly number[] {
    const root = this.entry(id)?.thread;
    const page = root === undefined ? undefined : this.entry(root)?.page;
    return page === undefined ? [] : [page];
  }

  #revision(page: number): PageRevision {
    const known = this.#revisions.get(page) ?? this.#source.revision(page);
    return known ?? { revision: 0, late: 0, lateBytes: 0, seq: 0 };
  }
}
