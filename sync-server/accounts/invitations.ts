// Invitations by link: whoever holds the secret may enter one room, and sign up where that needs an invitation.
// Invariant: each person uses up one use at most, and a link ends with its maker's membership and right to invite.

import * as v from 'valibot';
import type { Invitation, InvitationInfo, InvitationSummary, NewInvitation } from '#protocol/api/invitation.ts';
import type { RoomClosing } from '#protocol/api/room.ts';
import type { RoomId, UserId } from '#protocol/ids.ts';
import { INVITATION_LIFE_MS, INVITATION_LINKS_MAX, INVITATION_USES } from '#protocol/limits.ts';
import { mayMakeLink } from '#protocol/permissions.ts';
import type { RoomService } from '../rooms/room-service.ts';
import type { KeyValue, Operation } from '../store/key-value.ts';
import {
  ALL_INVITATIONS,
  invitationKey,
  invitationOfKey,
  invitationOfRoomKey,
  invitationsOf,
  invitationsOfId,
  invitationsOfRoom
} from './account-keys.ts';
import type { Accounts } from './accounts.ts';
import { decodeStored, encodeStored } from '../store/stored-json.ts';
import { OneAtATime } from './one-at-a-time.ts';
import { looksLikeSecret, newSecret, secretHash } from './secret.ts';

const ID_CHARS = 22;

const invitationRecord = v.object({
  room: v.string(),
  by: v.string(),
  role: v.optional(v.picklist(['moderator', 'member']), 'member'),
  /** 0: made before it was kept. */
  createdAt: v.optional(v.number(), 0),
  expiresAt: v.number(),
  uses: v.number(),
  /** Whoever signed up or came in by it. */
  usedBy: v.array(v.string()),
  /** Those who came in: who has left or was removed since needs another one. */
  enteredBy: v.optional(v.array(v.string()), [])
});
type InvitationRecord = v.InferOutput<typeof invitationRecord>;
interface Found {
  /** Of the secret. */
  readonly hash: string;
  readonly record: InvitationRecord;
}

export interface InvitationsDeps {
  readonly kv: KeyValue;
  readonly accounts: Accounts;
  readonly rooms: RoomService;
  /** Epoch ms. */
  readonly now: () => number;
}

export class Invitations {
  readonly #kv: KeyValue;
  readonly #accounts: Accounts;
  readonly #rooms: RoomService;
  readonly #now: () => number;
  readonly #using = new OneAtATime();

  constructor({ kv, accounts, rooms, now }: InvitationsDeps) {
    this.#kv = kv;
    this.#accounts = accounts;
    this.#rooms = rooms;
    this.#now = now;
  }

  /** The caller has checked that `by` may make it. 'too-many': this person has INVITATION_LINKS_MAX that can be used. */
  async create(room: RoomId, by: UserId, wanted: NewInvitation = {}): Promise<Invitation | 'too-many'> {
    return this.#using.run(async () => {
      if ((await this.#open(invitationsOf(by))).length >= INVITATION_LINKS_MAX) return 'too-many';
      const { lifeMs = INVITATION_LIFE_MS, uses = INVITATION_USES, role = 'member' } = wanted;
      const secret = newSecret();
      const hash = secretHash(secret);
      const createdAt = this.#now();
      const expiresAt = createdAt + lifeMs;
      const record = { room, by, role, createdAt, expiresAt, uses, usedBy: [], enteredBy: [] };
      await this.#kv.batch([put(hash, record), ...indexed(hash, record)], { sync: true });
      return { id: idOf(hash), secret, expiresAt, usesLeft: uses };
    });
  }

  /** Those of a room that can be used, newest first. @param by only what this person made */
  async ofRoom(room: RoomId, by?: UserId): Promise<InvitationSummary[]> {
    const open = await this.#open(invitationsOfRoom(room));
    return open.map(summaryOf).filter((one) => by === undefined || one.by === by);
  }

  /** Of all rooms, newest first. */
  async all(): Promise<InvitationSummary[]> {
    const open: Found[] = [];
    for await (const [key, value] of this.#kv.range(ALL_INVITATIONS)) {
      const record = decodeStored(invitationRecord, key, value);
      if (this.#usable(record)) open.push({ hash: hashOf(key), record });
    }
    return open.sort(byNewest).map(summaryOf);
  }

  async byId(id: string): Promise<InvitationSummary | null> {
    const found = await this.#byId(id);
    return found && summaryOf(found);
  }

  /** Whoever comes with it from now on is told that it has ended. */
  async revoke(id: string): Promise<void> {
    await this.#using.run(async () => {
      const found = await this.#byId(id);
      if (found) await this.#kv.batch(removal(found), { sync: true });
    });
  }

  /** null: no such invitation, used up, expired, or its maker may not invite any more. */
  async lookUp(secret: string): Promise<InvitationInfo | 'deleted' | null> {
    const found = await this.#read(secret);
    if (!found || !this.#usable(found.record)) return null;
    const info = await this.#info(found.record);
    return info ?? ((await this.#rooms.isDeleted(found.record.room)) ? 'deleted' : null);
  }

  /**
   * The room's id once the person is a member of it; null as above. Again by the same person: the same answer.
   * `why`: the room is not to be had by this person, whatever the link.
   */
  async accept(secret: string, user: UserId): Promise<RoomId | { readonly why: RoomClosing } | null> {
    return this.#using.run(async () => {
      const found = await this.#read(secret);
      if (!found || !mayUse(found.record, user)) return null;
      if (!(await this.#info(found.record)))
        return (await this.#rooms.isDeleted(found.record.room)) ? { why: 'deleted' } : null;
      const { hash, record } = found;
      const { room, by, role } = record;
      if ((await this.#rooms.summary(user, room))?.role) return room;
      if (record.enteredBy.includes(user)) {
        const why = await this.#rooms.closing(user, room);
        return why && { why };
      }
      const refused = await this.#rooms.joinByInvitation(room, user, by, role);
      if (refused === 'no-change') return room;
      if (refused === 'banned' || refused === 'deleted') return { why: refused };
      if (refused !== null) return null;
      await this.#write(hash, withUse({ ...record, enteredBy: [...record.enteredBy, user] }, user));
      return room;
    });
  }

  /**
   * Sign-up by invitation: makes the account, and uses up one use with it, so that a link cannot make accounts
   * without end. Accepting the invitation afterwards uses no other.
   * @param signUp makes the account and tells whose it is, or null when it was not made
   */
  async signUp(secret: string, signUp: () => Promise<UserId | null>): Promise<boolean> {
    return this.#using.run(async () => {
      const found = await this.#read(secret);
      if (!found || !this.#usable(found.record) || !(await this.#info(found.record))) return false;
      const user = await signUp();
      if (user !== null) await this.#write(found.hash, withUse(found.record, user));
      return true;
    });
  }

  /** What goes with the account: the links of its person. */
  async erasure(user: UserId): Promise<Operation[]> {
    const links: Operation[] = [];
    for await (const [key, value] of this.#kv.range(invitationsOf(user))) {
      const hash = decodeStored(v.string(), key, value);
      const record = await this.#kv.get(invitationKey(hash));
      if (record) links.push(...removal({ hash, record: decodeStored(invitationRecord, key, record) }));
    }
    return links;
  }

  /** Ended ones go; those from before there were lists by room and person get into them. */
  async removeExpired(): Promise<void> {
    const operations: Operation[] = [];
    for await (const [key, value] of this.#kv.range(ALL_INVITATIONS)) {
      const found = { hash: hashOf(key), record: decodeStored(invitationRecord, key, value) };
      if (found.record.expiresAt <= this.#now()) operations.push(...removal(found));
      else if (found.record.createdAt === 0) operations.push(...indexed(found.hash, found.record));
    }
    if (operations.length > 0) await this.#kv.batch(operations, { sync: true });
  }

  /** What the link leads to, as long as its maker is in the room and may still make such a link. */
  async #info(record: InvitationRecord): Promise<InvitationInfo | null> {
    const { by, role, expiresAt } = record;
    const [room, inviter] = await Promise.all([this.#rooms.summary(by, record.room), this.#accounts.byId(by)]);
    if (!room || !inviter || inviter.suspended || !mayMakeLink(room.kind, room.role, role)) return null;
    const { id, name, kind } = room;
    return { room: { id, name, kind }, invitedBy: inviter.name, role, expiresAt };
  }

  #usable(record: InvitationRecord): boolean {
    return record.expiresAt > this.#now() && record.usedBy.length < record.uses;
  }

  /** Of those in a list, what can be used, newest first. */
  async #open(list: { gte: string; lt: string }): Promise<Found[]> {
    const hashes: string[] = [];
    for await (const [key, value] of this.#kv.range(list)) hashes.push(decodeStored(v.string(), key, value));
    const keys = hashes.map(invitationKey);
    const values = await this.#kv.getMany(keys);
    return hashes
      .flatMap((hash, i): Found[] => {
        const value = values[i];
        return value ? [{ hash, record: decodeStored(invitationRecord, keys[i]!, value) }] : [];
      })
      .filter(({ record }) => this.#usable(record))
      .sort(byNewest);
  }

  async #read(secret: string): Promise<Found | null> {
    if (!looksLikeSecret(secret)) return null;
    const hash = secretHash(secret);
    const value = await this.#kv.get(invitationKey(hash));
    if (!value) return null;
    const record = decodeStored(invitationRecord, invitationKey(hash), value);
    return record.expiresAt > this.#now() ? { hash, record } : null;
  }

  async #byId(id: string): Promise<Found | null> {
    if (!/^[A-Za-z0-9_-]{22}$/.test(id)) return null;
    for await (const [key, value] of this.#kv.range({ ...invitationsOfId(id), limit: 1 })) {
      return { hash: hashOf(key), record: decodeStored(invitationRecord, key, value) };
    }
    return null;
  }

  async #write(hash: string, record: InvitationRecord): Promise<void> {
    await this.#kv.batch([put(hash, record)], { sync: true });
  }
}

/** No secret: it is a part of the secret's hash. */
const idOf = (hash: string): string => hash.slice(0, ID_CHARS);
const hashOf = (key: string): string => key.slice(key.indexOf('/') + 1);

const put = (hash: string, record: InvitationRecord): Operation => ({
  ...{ type: 'put', key: invitationKey(hash), value: encodeStored(record) }
});

const indexKeys = (hash: string, { room, by }: InvitationRecord): string[] => [
  invitationOfRoomKey(room, idOf(hash)),
  invitationOfKey(by, idOf(hash))
];

const indexed = (hash: string, record: InvitationRecord): Operation[] =>
  indexKeys(hash, record).map((key) => ({ type: 'put', key, value: encodeStored(hash) }));

const removal = ({ hash, record }: Found): Operation[] =>
  [invitationKey(hash), ...indexKeys(hash, record)].map((key) => ({ type: 'del', key }));

const summaryOf = ({ hash, record }: Found): InvitationSummary => {
  const { room, by, role, createdAt, expiresAt, uses, usedBy } = record;
  return { id: idOf(hash), room, by, role, createdAt, expiresAt, usesLeft: Math.max(0, uses - usedBy.length) };
};

const byNewest = (a: Found, b: Found): number => b.record.createdAt - a.record.createdAt || (a.hash < b.hash ? -1 : 1);

const mayUse = (record: InvitationRecord, user: UserId): boolean =>
  record.usedBy.length < record.uses || record.usedBy.includes(user);

const withUse = (record: InvitationRecord, user: UserId): InvitationRecord =>
  record.usedBy.includes(user) ? record : { ...record, usedBy: [...record.usedBy, user] };
