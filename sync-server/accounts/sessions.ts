// Sessions: a cookie for a browser, a bearer token for a bot. Their secrets are kept as hashes alone.
// A cookie session slides: used within 30 days it lives on, up to 180 days in all; a bearer token lives until it is
// revoked. With a session, its device keys end, in the same batch; why it ended is kept for who still holds its secret.
// Invariant: what begins, lives on or ends is decided and written one after the other, so that no session outlives the
// end of them all, and none comes back.

import { randomBytes } from 'node:crypto';
import * as v from 'valibot';
import type { SessionInfo } from '#protocol/api/session.ts';
import type { UserId } from '#protocol/ids.ts';
import { SESSION_ENDS, type SessionEnd } from '#protocol/session-end.ts';
import type { KeyValue, Operation } from '../store/key-value.ts';
import { ALL_SESSION_ENDS, ALL_SESSIONS, sessionEndKey, sessionKey, sessionOfKey, sessionsOf } from './account-keys.ts';
import type { Account, Accounts } from './accounts.ts';
import { decodeStored, encodeStored } from '../store/stored-json.ts';
import type { PushSubscriptions } from '../push/push-subscriptions.ts';
import type { DeviceKeys } from './device-keys.ts';
import { OneAtATime } from './one-at-a-time.ts';
import { looksLikeSecret, newSecret, secretHash } from './secret.ts';
import type { Authenticator, Session } from './session.ts';
import { tokensOfCookieHeader } from './session-cookie.ts';

export const SESSION_LIFE_MS = 30 * 24 * 3_600_000;
/** However it is used, a browser signs in again after this time. */
export const SESSION_MAX_MS = 180 * 24 * 3_600_000;
/** The life is renewed at most this often, so that reading costs no write. */
const RENEW_AFTER_MS = 3_600_000;

const sessionRecord = v.object({
  id: v.string(),
  user: v.string(),
  kind: v.picklist(['cookie', 'token']),
  /** What its person tells it by. Sessions from before there were labels have none. */
  label: v.optional(v.string(), ''),
  createdAt: v.number(),
  renewedAt: v.number(),
  /** null: a bearer token, which does not expire. */
  expiresAt: v.nullable(v.number())
});
type SessionRecord = v.InferOutput<typeof sessionRecord>;

/** Whose it was is not kept. */
const endRecord = v.object({ cause: v.picklist(SESSION_ENDS), at: v.number() });

interface Stored {
  readonly record: SessionRecord;
  /** Of its token. */
  readonly hash: string;
}

export interface StartedSession {
  readonly session: Session;
  /** The one time that the secret is seen. */
  readonly token: string;
}

/** A session, and its cookie's token when its life was just renewed: the cookie is to be set again. */
export interface FoundSession {
  readonly session: Session;
  readonly renewed: string | null;
}

export interface SessionsDeps {
  readonly kv: KeyValue;
  readonly accounts: Accounts;
  readonly devices: DeviceKeys;
  /** Where sessions are pushed to: that ends with them. */
  readonly push: Pick<PushSubscriptions, 'ending' | 'ended'>;
  /** Epoch ms. */
  readonly now: () => number;
}

export class Sessions implements Authenticator {
  readonly #kv: KeyValue;
  readonly #accounts: Accounts;
  readonly #devices: DeviceKeys;
  readonly #push: SessionsDeps['push'];
  readonly #now: () => number;
  readonly #listeners = new Set<(sessionId: string, cause: SessionEnd) => void>();
  readonly #changing = new OneAtATime();

  constructor({ kv, accounts, devices, push, now }: SessionsDeps) {
    this.#kv = kv;
    this.#accounts = accounts;
    this.#devices = devices;
    this.#push = push;
    this.#now = now;
  }

  /** @param label what its person will tell it by: the browser, or what a token is for */
  start(user: Session['user'], kind: Session['kind'], label = ''): Promise<StartedSession> {
    return this.#changing.run(() => this.#start(user, kind, label));
  }

  /**
   * For a browser whose person has proven who they are.
   * @param proven as the account was then. null: meanwhile its password is another, or it was suspended or deleted
   */
  async signIn(proven: Account, label: string): Promise<StartedSession | null> {
    return this.#changing.run(async () => {
      const now = this.#accounts.get(proven.id);
      if (!now || now.suspended || now.deleted || now.passwordMark !== proven.passwordMark) return null;
      const { id, name, admin } = now;
      return this.#start({ id, name, admin }, 'cookie', label);
    });
  }

  async #start(user: Session['user'], kind: Session['kind'], label: string): Promise<StartedSession> {
    const token = newSecret();
    const hash = secretHash(token);
    const now = this.#now();
    const record: SessionRecord = {
      id: randomBytes(12).toString('base64url'),
      user: user.id,
      kind,
      label,
      createdAt: now,
      renewedAt: now,
      expiresAt: kind === 'cookie' ? now + SESSION_LIFE_MS : null
    };
    await this.#kv.batch(
      [
        { type: 'put', key: sessionKey(hash), value: encodeStored(record) },
        { type: 'put', key: sessionOfKey(user.id, record.id), value: encodeStored(hash) },
        this.#accounts.seen(user.id, now)
      ],
      { sync: true }
    );
    return { session: { id: record.id, user, kind }, token };
  }

  async byCookie(cookieHeader: string | undefined, secure?: boolean): Promise<Session | null> {
    return (await this.findByCookie(cookieHeader, secure))?.session ?? null;
  }

  /** @param secure the request came over HTTPS: then the unprotected cookie counts for nothing */
  async findByCookie(cookieHeader: string | undefined, secure?: boolean): Promise<FoundSession | null> {
    for (const token of tokensOfCookieHeader(cookieHeader, secure)) {
      const found = await this.#find(token, 'cookie');
      if (found) return found;
    }
    return null;
  }

  async byToken(token: string): Promise<Session | null> {
    return (await this.#find(token, 'token'))?.session ?? null;
  }

  async endOfCookie(cookieHeader: string | undefined, secure?: boolean): Promise<SessionEnd | null> {
    for (const token of tokensOfCookieHeader(cookieHeader, secure)) {
      const cause = await this.#endOf(token);
      if (cause) return cause;
    }
    return null;
  }

  endOfToken(token: string): Promise<SessionEnd | null> {
    return this.#endOf(token);
  }

  onEnded(listener: (sessionId: string, cause: SessionEnd) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Ends one session, by what the person holds of it: nobody can end another's. False: there is none. */
  async end(user: UserId, sessionId: string, cause: SessionEnd): Promise<boolean> {
    return (await this.#endThose(user, cause, ({ id }) => id === sessionId)) > 0;
  }

  /**
   * Ends all of a person's sessions that a cookie holds: their password was changed.
   * @param except id of the one that stays
   */
  async endCookies(user: UserId, cause: SessionEnd, except?: string): Promise<void> {
    await this.#endThose(user, cause, ({ id, kind }) => kind === 'cookie' && id !== except);
  }

  /** Ends all of a person's sessions, bearer tokens too. */
  async endAll(user: UserId, cause: SessionEnd, except?: string): Promise<void> {
    await this.#endThose(user, cause, ({ id }) => id !== except);
  }

  /** Latest used first. */
  async list(user: UserId, current: string): Promise<SessionInfo[]> {
    const now = this.#now();
    return (await this.#ofUser(user))
      .filter(({ record: { expiresAt } }) => expiresAt === null || expiresAt > now)
      .map(({ record: { id, kind, label, createdAt, renewedAt } }) => ({
        ...{ id, kind, createdAt, usedAt: renewedAt, current: id === current },
        label: label === '' ? (kind === 'token' ? 'Bot or tool' : 'Another device') : label
      }))
      .sort((a, b) => b.usedAt - a.usedAt || b.createdAt - a.createdAt);
  }

  /** What a session is called, and when it began (epoch ms); null: it has ended. */
  async facts(user: UserId, sessionId: string): Promise<{ label: string; createdAt: number } | null> {
    const info = (await this.list(user, sessionId)).find(({ current }) => current);
    return info ? { label: info.label, createdAt: info.createdAt } : null;
  }

  /** Takes sessions away that have ended unseen; their sockets went with the check that every socket gets. */
  async removeExpired(): Promise<void> {
    const expired: Stored[] = [];
    for await (const [key, value] of this.#kv.range(ALL_SESSIONS)) {
      const record = decodeStored(sessionRecord, key, value);
      if (record.expiresAt !== null && record.expiresAt <= this.#now()) {
        expired.push({ record, hash: key.slice(key.indexOf('/') + 1) });
      }
    }
    for (const [user, sessions] of Map.groupBy(expired, ({ record }) => record.user)) {
      await this.#changing.run(() => this.#remove(user, 'expired', sessions));
    }
    const forgotten: Operation[] = [];
    for await (const [key, value] of this.#kv.range(ALL_SESSION_ENDS)) {
      const { at } = decodeStored(endRecord, key, value);
      if (at <= this.#now() - SESSION_LIFE_MS) forgotten.push({ type: 'del', key });
    }
    if (forgotten.length > 0) await this.#kv.batch(forgotten, { sync: true });
  }

  async #endOf(token: string): Promise<SessionEnd | null> {
    if (!looksLikeSecret(token)) return null;
    const hash = secretHash(token);
    const value = await this.#kv.get(sessionEndKey(hash));
    if (value) return decodeStored(endRecord, sessionEndKey(hash), value).cause;
    // Suspended or deleted a moment ago, or just before a crash: its sessions are not ended yet.
    const record = await this.#record(hash);
    const account = record && (await this.#accounts.byId(record.user));
    if (!account) return null;
    return account.deleted ? 'deleted' : account.suspended ? 'suspended' : null;
  }

  async #find(token: string, kind: Session['kind']): Promise<FoundSession | null> {
    if (!looksLikeSecret(token)) return null;
    const hash = secretHash(token);
    const record = await this.#record(hash);
    if (!record || record.kind !== kind) return null;
    const now = this.#now();
    if (record.expiresAt !== null && record.expiresAt <= now) {
      await this.end(record.user, record.id, 'expired');
      return null;
    }
    const account = await this.#accounts.byId(record.user);
    if (!account || account.suspended || account.deleted) return null;
    const { id, name, admin } = account;
    const session: Session = { id: record.id, user: { id, name, admin }, kind };
    if (record.expiresAt === null || now - record.renewedAt < RENEW_AFTER_MS) return { session, renewed: null };
    return { session, renewed: (await this.#renew(hash, record, now)) ? token : null };
  }

  /** Not synced: what a crash takes back is an hour of thirty days. A store that cannot write does not sign out. */
  async #renew(hash: string, record: SessionRecord, now: number): Promise<boolean> {
    const renewed: SessionRecord = { ...record, renewedAt: now, expiresAt: lifeEnd(record.createdAt, now) };
    return this.#changing.run(async () => {
      try {
        // Ended meanwhile: writing it again would bring it back to life.
        if (!(await this.#record(hash))) return false;
        const seen = this.#accounts.seen(record.user, now);
        await this.#kv.batch([{ type: 'put', key: sessionKey(hash), value: encodeStored(renewed) }, seen], {
          sync: false
        });
        return true;
      } catch {
        return false;
      }
    });
  }

  async #record(hash: string): Promise<SessionRecord | null> {
    const value = await this.#kv.get(sessionKey(hash));
    return value ? decodeStored(sessionRecord, sessionKey(hash), value) : null;
  }

  async #ofUser(user: UserId): Promise<Stored[]> {
    const stored: Stored[] = [];
    for await (const [key, value] of this.#kv.range(sessionsOf(user))) {
      const hash = decodeStored(v.string(), key, value);
      const record = await this.#record(hash);
      if (record) stored.push({ record, hash });
    }
    return stored;
  }

  /** @returns how many there were */
  #endThose(user: UserId, cause: SessionEnd, those: (record: SessionRecord) => boolean): Promise<number> {
    return this.#changing.run(async () => {
      const ended = (await this.#ofUser(user)).filter(({ record }) => those(record));
      if (ended.length > 0) await this.#remove(user, cause, ended);
      return ended.length;
    });
  }

  async #remove(user: UserId, cause: SessionEnd, ended: readonly Stored[]): Promise<void> {
    const end = encodeStored({ cause, at: this.#now() });
    const operations = ended.flatMap(({ record, hash }): Operation[] => [
      { type: 'del', key: sessionOfKey(user, record.id) },
      { type: 'del', key: sessionKey(hash) },
      // Who signs out asks no more.
      ...(cause === 'signed-out' ? [] : [{ type: 'put', key: sessionEndKey(hash), value: end } as const])
    ]);
    const ids = ended.map(({ record }) => record.id);
    operations.push(...(await this.#push.ending(user, ids)));
    await this.#devices.endSessions(user, new Set(ids), operations);
    this.#push.ended(user, ids);
    for (const { record } of ended) for (const listener of this.#listeners) listener(record.id, cause);
  }
}

const lifeEnd = (createdAt: number, now: number): number => Math.min(now + SESSION_LIFE_MS, createdAt + SESSION_MAX_MS);
