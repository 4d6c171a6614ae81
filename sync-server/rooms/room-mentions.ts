// Which messages of a room mention whom: by name under a key for each person, and @room once for all. Kept in memory of
// whoever asked, and moved on by commits; of @room the newest alone, as more are not listed. Invariant: what is unread is
// what lies above the read marker, so a key that should be gone already counts for nobody.

import type { RoomId, UserId } from '#protocol/ids.ts';
import { MENTIONS_LISTED_MAX } from '#protocol/limits.ts';
import * as v from 'valibot';
import type { KeyValue } from '../store/key-value.ts';
import { decodeStored } from '../store/stored-json.ts';
import { callsOf, mentionsOf, numberOfKey } from './keys.ts';

/** Whom one message mentions: members by name, and all who are in the room. */
export interface Mentioned {
  readonly n: number;
  readonly author: UserId;
  readonly people: readonly UserId[];
  readonly all: boolean;
}

/** More than are listed, since nobody hears of their own. */
export const CALLS_KEPT = 3 * MENTIONS_LISTED_MAX;

const callSchema = v.string();

export class RoomMentions {
  readonly #kv: KeyValue;
  readonly #room: RoomId;
  readonly #people = new Map<UserId, Set<number>>();
  readonly #learned = new Set<UserId>();
  /** Author by Arrival.n, rising. */
  readonly #calls = new Map<number, UserId>();
  #callsLearned = false;
  /** Erased since; what is read from the store meanwhile may have them still. */
  readonly #erased = new Set<number>();

  constructor(kv: KeyValue, room: RoomId) {
    this.#kv = kv;
    this.#room = room;
  }

  /** Calls in memory. */
  get callCount(): number {
    return this.#calls.size;
  }

  /** Makes `unread` know these people. @param above what is read up to this Arrival.n is not asked for @throws StoreError */
  async learn(users: Iterable<UserId>, above = 0): Promise<void> {
    if (!this.#callsLearned) {
      const newest: [number, UserId][] = [];
      for await (const [key, value] of this.#kv.range({
        ...callsOf(this.#room, above),
        ...{ reverse: true, limit: CALLS_KEPT }
      })) {
        const n = numberOfKey(key);
        if (!this.#erased.has(n) && !this.#calls.has(n)) newest.push([n, decodeStored(callSchema, key, value)]);
      }
      // What commits have brought meanwhile is newer.
      const since = [...this.#calls];
      this.#calls.clear();
      for (const [n, author] of [...newest.reverse(), ...since]) this.#call(n, author);
      this.#callsLearned = true;
    }
    for (const user of users) {
      if (this.#learned.has(user)) continue;
      const found = this.#of(user);
      for await (const [key] of this.#kv.range(mentionsOf(this.#room, user, above))) {
        const n = numberOfKey(key);
        if (!this.#erased.has(n)) found.add(n);
      }
      this.#learned.add(user);
    }
  }

  /** Of somebody whom `learn` was asked for: the newest unread ones, rising. @param read up to this Arrival.n */
  unread(user: UserId, read: number): number[] {
    const all = new Set(this.#people.get(user));
    for (const [n, author] of this.#calls) if (author !== user) all.add(n);
    return [...all]
      .filter((n) => n > read)
      .sort((a, b) => a - b)
      .slice(-MENTIONS_LISTED_MAX);
  }

  /** Takes what the person has read off; of somebody whom `learn` was asked for. @returns which keys can go */
  read(user: UserId, upTo: number): number[] {
    const of = this.#of(user);
    const passed = [...of].filter((n) => n <= upTo);
    for (const n of passed) of.delete(n);
    return passed;
  }

  /** What a commit that is on disk has brought. */
  add({ n, author, people, all }: Mentioned): void {
    for (const user of people) this.#of(user).add(n);
    if (all) this.#call(n, author);
  }

  #call(n: number, author: UserId): void {
    this.#calls.set(n, author);
    const [oldest] = this.#calls.keys();
    if (this.#calls.size > CALLS_KEPT) this.#calls.delete(oldest!);
  }

  /** What a commit that is on disk has erased. */
  erase({ n, people }: Mentioned): void {
    this.#erased.add(n);
    for (const user of people) this.#of(user).delete(n);
    this.#calls.delete(n);
  }

  #of(user: UserId): Set<number> {
    let of = this.#people.get(user);
    if (!of) this.#people.set(user, (of = new Set()));
    return of;
  }
}
