// What one commit does to the people of its room: the folded state with what is projected from it, and how far they have
// read. Invariant: who comes in has a marker and a receipt with it; of who goes out neither is left.

import type { Entry } from '#protocol/entry.ts';
import { fold, withoutPins } from '#protocol/fold.ts';
import type { EntryId, RoomId, UserId } from '#protocol/ids.ts';
import { receiptAtJoining, type Receipt } from '#protocol/receipt.ts';
import type { RoomState } from '#protocol/room-state.ts';
import { encodeStored } from '../store/stored-json.ts';
import type { DraftRecords } from './draft-records.ts';
import {
  bannedKey,
  invitedKey,
  leftKey,
  memberKey,
  ownKey,
  publicKey,
  readKey,
  receiptKey,
  roomStateKey,
  unreadOfPerson
} from './keys.ts';
import { afterDisappearing, afterOwnMessage, markerAtJoining, type ReadMarker } from './read-marker.ts';

const NOTHING = new Uint8Array(0);

/** What is kept of a room that is over: that it was. */
const emptied = (state: RoomState): RoomState => ({
  ...state,
  ...{ name: '', topic: '', avatar: null, members: {}, invited: {}, banned: {}, pins: [] }
});

function* goneFrom(before: Readonly<Record<UserId, unknown>>, after: Readonly<Record<UserId, unknown>>) {
  if (before === after) return;
  for (const user of Object.keys(before)) if (!Object.hasOwn(after, user)) yield user;
}

export interface PeopleSource {
  readonly room: RoomId;
  /** Before the commit. */
  readonly state: RoomState | null;
  readonly records: DraftRecords;
  marker(user: UserId): ReadMarker | null;
}

export class DraftPeople {
  /** By user: markers that the commit changes. */
  readonly markers = new Map<UserId, ReadMarker>();
  /** Of those who come in: what others may know of how far they have come. */
  readonly receipts = new Map<UserId, Receipt>();
  /** People who are out: what was kept of their reading goes. */
  readonly left = new Set<UserId>();
  readonly #source: PeopleSource;
  #state: RoomState | null;

  constructor(source: PeopleSource) {
    this.#source = source;
    this.#state = source.state;
  }

  /** The room's state with all that was accepted so far. */
  get state(): RoomState | null {
    return this.#state;
  }

  /** @param n of the newest message, this entry included */
  fold(entry: Entry, n: number): void {
    const before = this.#state;
    const folded = fold(before, entry);
    const after = folded?.deleted ? emptied(folded) : folded;
    this.#state = after;
    if (after === before || !after) return;
    if (after.members !== before?.members) this.#projectMembers(before?.members ?? {}, after.members, n);
    this.#project(invitedKey, before?.invited ?? {}, after.invited);
    this.#project(bannedKey, before?.banned ?? {}, after.banned);
    if (before) this.#rememberClosed(entry, before, after);
  }

  /** Where no entry tells of an erased message, no fold takes it off. */
  unpin(id: EntryId): void {
    if (this.#state) this.#state = withoutPins(this.#state, new Set([id]));
  }

  moveOwnMarker(author: UserId, n: number): void {
    const marker = this.#markerOf(author);
    if (!marker) return;
    const moved = afterOwnMessage(marker, n);
    this.#setMarker(author, moved);
    if (moved.n !== n) this.#source.records.put(ownKey(this.#source.room, author, n), NOTHING);
  }

  /** A message of theirs is not there any more, so it is no own one among the unread. */
  forgetOwn(author: UserId, n: number): void {
    const marker = this.#markerOf(author);
    if (!marker || n <= marker.n) return;
    this.#source.records.del(ownKey(this.#source.room, author, n));
    this.#setMarker(author, afterDisappearing(marker));
  }

  /** @param stored keys of what is unread of one who has left; what this commit has put there goes too */
  forgetUnread(user: UserId, stored: readonly string[]): void {
    const { room, records } = this.#source;
    const staged = unreadOfPerson(room, user).flatMap(({ gte }) => records.keysFrom(gte));
    for (const key of [...stored, ...staged]) records.del(key);
  }

  /** Writes the state, and whether the room is listed for all. */
  finish(state: RoomState): void {
    const { room, state: before, records } = this.#source;
    if (state !== before) records.put(roomStateKey(room), encodeStored(state));
    if (state.kind === before?.kind && !state.deleted) return;
    if (state.kind === 'public' && !state.deleted) records.put(publicKey(room), NOTHING);
    else if (before) records.del(publicKey(room));
  }

  /** null: is not in the room, or never came in. */
  #markerOf(user: UserId): ReadMarker | null {
    if (!this.#state || !Object.hasOwn(this.#state.members, user)) return null;
    return this.markers.get(user) ?? this.#source.marker(user);
  }

  #setMarker(user: UserId, marker: ReadMarker): void {
    this.markers.set(user, marker);
    this.#source.records.put(readKey(this.#source.room, user), encodeStored(marker));
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
    for (const user of out) this.#source.records.put(leftKey(user, this.#source.room), NOTHING);
  }

  #projectMembers(old: RoomState['members'], members: RoomState['members'], n: number): void {
    const { room, records } = this.#source;
    for (const [user, { role }] of Object.entries(members)) {
      const was = Object.hasOwn(old, user) ? old[user] : undefined;
      if (was?.role === role) continue;
      records.put(memberKey(user, room), encodeStored({ role }));
      if (was) continue;
      this.left.delete(user);
      this.#setMarker(user, markerAtJoining(n));
      const receipt = receiptAtJoining(n);
      this.receipts.set(user, receipt);
      records.put(receiptKey(room, user), encodeStored(receipt));
      records.del(leftKey(user, room));
    }
    for (const user of Object.keys(old)) {
      if (Object.hasOwn(members, user)) continue;
      for (const key of [memberKey(user, room), receiptKey(room, user), readKey(room, user)]) records.del(key);
      this.receipts.delete(user);
      this.markers.delete(user);
      this.left.add(user);
    }
  }

  #project(keyOf: (user: UserId, room: RoomId) => string, old: RoomState['invited'], now: RoomState['invited']): void {
    if (old === now) return;
    const { room, records } = this.#source;
    for (const [user, { by }] of Object.entries(now)) {
      if (!Object.hasOwn(old, user)) records.put(keyOf(user, room), encodeStored({ by }));
    }
    for (const user of Object.keys(old)) if (!Object.hasOwn(now, user)) records.del(keyOf(user, room));
  }
}
