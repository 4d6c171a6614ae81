// What one commit does to the index of entries, and to what hangs on an entry of it: whom it mentions, the files that it
// names, its votes and edits, when it disappears. Invariant: all that was written for an entry goes as it is erased.

import { blobClaimsOf, isKnown, type Entry } from '#protocol/entry.ts';
import type { EditEntry, VoteEntry } from '#protocol/message-entries.ts';
import type { EntryId, RoomId } from '#protocol/ids.ts';
import type { RoomState } from '#protocol/room-state.ts';
import { blobRefKey } from '../blobs/blob-keys.ts';
import { encodeStored } from '../store/stored-json.ts';
import type { DraftRecords } from './draft-records.ts';
import { callKey, entryKey, expiryKey, mentionKey, voteKey } from './keys.ts';
import type { HeldBlobs } from './room-blobs.ts';
import type { Mentioned } from './room-mentions.ts';
import { droppedBlobs, type StoredEntry } from './stored-entry.ts';

const NOTHING = new Uint8Array(0);

export interface EntriesSource {
  readonly room: RoomId;
  readonly records: DraftRecords;
  readonly blobs: HeldBlobs;
  /** Before the commit. */
  entry(id: EntryId): StoredEntry | null;
}

export class DraftEntries {
  /** By page: entries whose content is to be erased. */
  readonly erasures = new Map<number, Map<EntryId, StoredEntry>>();
  /** Mentions that the commit brings, and those that it erases. */
  readonly mentioned: Mentioned[] = [];
  readonly unmentioned: Mentioned[] = [];
  readonly #source: EntriesSource;
  readonly #entries = new Map<EntryId, StoredEntry>();
  /** By poll: votes that this commit has taken. */
  readonly #votes = new Map<EntryId, EntryId[]>();
  #firstUntil = Infinity;
  #dropsBlobs = false;

  constructor(source: EntriesSource) {
    this.#source = source;
  }

  /** When the first of what this commit holds disappears, epoch ms; Infinity: nothing does. */
  get firstUntil(): number {
    return this.#firstUntil;
  }

  /** References to files have gone with this commit. */
  get dropsBlobs(): boolean {
    return this.#dropsBlobs;
  }

  /** This commit included. */
  entry(id: EntryId): StoredEntry | null {
    return this.#entries.get(id) ?? this.#source.entry(id);
  }

  put(id: EntryId, stored: StoredEntry): void {
    this.#entries.set(id, stored);
    this.#source.records.put(entryKey(this.#source.room, id), encodeStored(stored));
  }

  /** @param until epoch ms */
  expireAt(id: EntryId, until: number): void {
    this.#source.records.put(expiryKey(until, this.#source.room, id), NOTHING);
    this.#firstUntil = Math.min(this.#firstUntil, until);
  }

  addEdit({ id, target }: EditEntry): void {
    const stored = this.entry(target)!;
    this.put(target, { ...stored, edits: [...(stored.edits ?? []), id] });
  }

  addVote({ id, target }: VoteEntry): void {
    this.#source.records.put(voteKey(this.#source.room, target, id), NOTHING);
    const votes = this.#votes.get(target);
    if (votes) votes.push(id);
    else this.#votes.set(target, [id]);
  }

  closePoll(id: EntryId): void {
    const stored = this.entry(id)!;
    this.put(id, { ...stored, poll: { ...stored.poll!, closed: true } });
  }

  /** Who is no member is passed over, and so is the author. */
  mention(entry: Entry, n: number, members: RoomState['members']): Pick<StoredEntry, 'mentions' | 'mentionsRoom'> {
    if (!isKnown(entry) || entry.type !== 'message') return {};
    const { author, mentions, mentionsRoom } = entry;
    const people = (mentions ?? []).filter((user) => user !== author && Object.hasOwn(members, user));
    const all = mentionsRoom === true;
    if (people.length === 0 && !all) return {};
    const { room, records } = this.#source;
    for (const user of people) records.put(mentionKey(room, user, n), NOTHING);
    if (all) records.put(callKey(room, n), encodeStored(author));
    this.mentioned.push({ n, author, people, all });
    return { ...(people.length > 0 && { mentions: people }), ...(all && { mentionsRoom: true as const }) };
  }

  refer(entry: Entry): Pick<StoredEntry, 'blobs'> {
    const { room, records, blobs } = this.#source;
    const { id, author } = entry;
    const claims = blobClaimsOf(entry).filter((claim) => blobs.admits(author, claim));
    const hashes = [...new Set(claims.map(({ hash }) => hash))];
    for (const hash of hashes) records.put(blobRefKey(hash, room, id), encodeStored({ author }));
    return hashes.length > 0 ? { blobs: hashes } : {};
  }

  /** False: there is none. */
  erase(id: EntryId): boolean {
    const stored = this.entry(id);
    if (!stored) return false;
    this.#unmention(stored);
    this.#unrefer(id, stored);
    const { mentions: _people, mentionsRoom: _all, blobs: _blobs, ...rest } = stored;
    const redacted: StoredEntry = { ...rest, redacted: true };
    this.put(id, redacted);
    const ofPage = this.erasures.get(stored.page) ?? new Map<EntryId, StoredEntry>();
    this.erasures.set(stored.page, ofPage.set(id, redacted));
    return true;
  }

  get erased(): ReadonlySet<EntryId> {
    return new Set([...this.erasures.values()].flatMap((entries) => [...entries.keys()]));
  }

  /** Polls that this commit erases, with the votes on them that it holds itself. */
  erasedPolls(): ReadonlyMap<EntryId, readonly EntryId[]> {
    const polls = [...this.erasures.values()].flatMap((ofPage) => [...ofPage].filter(([, stored]) => stored.poll));
    return new Map(polls.map(([id]) => [id, this.#votes.get(id) ?? []]));
  }

  forgetVotes(poll: EntryId, votes: readonly EntryId[]): void {
    for (const vote of votes) this.#source.records.del(voteKey(this.#source.room, poll, vote));
  }

  #unmention({ author, n, mentions = [], mentionsRoom }: StoredEntry): void {
    const all = mentionsRoom === true;
    if (mentions.length === 0 && !all) return;
    const { room, records } = this.#source;
    for (const user of mentions) records.del(mentionKey(room, user, n));
    if (all) records.del(callKey(room, n));
    this.unmentioned.push({ n, author, people: mentions, all });
  }

  #unrefer(id: EntryId, stored: StoredEntry): void {
    for (const operation of droppedBlobs(this.#source.room, id, stored)) {
      this.#source.records.add(operation);
      this.#dropsBlobs = true;
    }
  }
}
