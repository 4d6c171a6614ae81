// Invitations by link: whoever holds the secret may enter one room, and sign up where that needs an invitation.
// Invariant: each person uses up one use at most, and a link ends with its maker's membership.

import * as v from 'valibot';
import type { Invitation, InvitationInfo } from '#protocol/api.ts';
import type { RoomId, UserId } from '#protocol/ids.ts';
import type { RoomService } from '../rooms/room-service.ts';
import type { KeyValue, Operation } from '../store/key-value.ts';
import { ALL_INVITATIONS, invitationKey } from './account-keys.ts';
import type { Accounts } from './accounts.ts';
import { decodeStored, encodeStored } from '../store/stored-json.ts';
import { OneAtATime } from './one-at-a-time.ts';
import { looksLikeSecret, newSecret, secretHash } from './secret.ts';

export const INVITATION_LIFE_MS = 7 * 24 * 3_600_000;
export const INVITATION_USES = 20;

const invitationRecord = v.object({
  room: v.string(),
  by: v.string(),
  expiresAt: v.number(),
  uses: v.number(),
  /** Whoever signed up or came in by it. */
  usedBy: v.array(v.string()),
  /** Those who came in: who has left or was removed since needs another one. */
  enteredBy: v.optional(v.array(v.string()), [])
});
type InvitationRecord = v.InferOutput<typeof invitationRecord>;

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

  /** The caller has checked that `by` is a member of the room. */
  async create(room: RoomId, by: UserId): Promise<Invitation> {
    const secret = newSecret();
    const expiresAt = this.#now() + INVITATION_LIFE_MS;
    await this.#write(secret, { room, by, expiresAt, uses: INVITATION_USES, usedBy: [], enteredBy: [] });
    return { id: secretHash(secret).slice(0, 22), secret, expiresAt, usesLeft: INVITATION_USES };
  }

  /** null: no such invitation, used up, expired, or its maker has left the room. */
  async lookUp(secret: string): Promise<InvitationInfo | null> {
    const record = await this.#read(secret);
    if (!record || record.usedBy.length >= record.uses) return null;
    return this.#info(record);
  }

  /** The room's id once the person is a member of it; null as above. Again by the same person: the same answer. */
  async accept(secret: string, user: UserId): Promise<RoomId | null> {
    return this.#using.run(async () => {
      const record = await this.#read(secret);
      if (!record || !mayUse(record, user) || !(await this.#info(record))) return null;
      const { room, by } = record;
      if ((await this.#rooms.summary(user, room))?.role) return room;
      if (record.enteredBy.includes(user)) return null;
      const refused = await this.#rooms.joinByInvitation(room, user, by);
      if (refused === 'no-change') return room;
      if (refused !== null) return null;
      await this.#write(secret, withUse({ ...record, enteredBy: [...record.enteredBy, user] }, user));
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
      const record = await this.#read(secret);
      if (!record || record.usedBy.length >= record.uses || !(await this.#info(record))) return false;
      const user = await signUp();
      if (user !== null) await this.#write(secret, withUse(record, user));
      return true;
    });
  }

  async removeExpired(): Promise<void> {
    const expired: Operation[] = [];
    for await (const [key, value] of this.#kv.range(ALL_INVITATIONS)) {
      if (decodeStored(invitationRecord, key, value).expiresAt <= this.#now()) expired.push({ type: 'del', key });
    }
    if (expired.length > 0) await this.#kv.batch(expired, { sync: true });
  }

  async #info(record: InvitationRecord): Promise<InvitationInfo | null> {
    const [room, inviter] = await Promise.all([
      this.#rooms.summary(record.by, record.room),
      this.#accounts.byId(record.by)
    ]);
    if (!room || room.role === null || !inviter) return null;
    const { id, name, kind } = room;
    return { room: { id, name, kind }, invitedBy: inviter.name, expiresAt: record.expiresAt };
  }

  async #read(secret: string): Promise<InvitationRecord | null> {
    if (!looksLikeSecret(secret)) return null;
    const key = invitationKey(secretHash(secret));
    const value = await this.#kv.get(key);
    if (!value) return null;
    const record = decodeStored(invitationRecord, key, value);
    return record.expiresAt > this.#now() ? record : null;
  }

  async #write(secret: string, record: InvitationRecord): Promise<void> {
    const key = invitationKey(secretHash(secret));
    await this.#kv.batch([{ type: 'put', key, value: encodeStored(record) }], { sync: true });
  }
}

const mayUse = (record: InvitationRecord, user: UserId): boolean =>
  record.usedBy.length < record.uses || record.usedBy.includes(user);

const withUse = (record: InvitationRecord, user: UserId): InvitationRecord =>
  record.usedBy.includes(user) ? record : { ...record, usedBy: [...record.usedBy, user] };
