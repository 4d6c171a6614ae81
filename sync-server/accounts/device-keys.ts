// The public keys of people's devices, by which anybody tells who wrote an entry. All of them are in memory, as the
// gate looks them up for each entry.
// Invariants: a key belongs to one person for ever, and is never forgotten, since what it signed stays proven; with its
// session it is revoked, in the same batch, and a revoked key is never in use again.

import { createPublicKey, type KeyObject } from 'node:crypto';
import * as v from 'valibot';
import type { DeviceInfo } from '#protocol/api/device.ts';
import { base64url, type DeviceId, type UserId } from '#protocol/ids.ts';
import { deviceId, fromBase64url } from '#protocol/signing.ts';
import type { KeyValue, Operation } from '../store/key-value.ts';
import { decodeStored, encodeStored } from '../store/stored-json.ts';
import { ALL_DEVICES, deviceKey } from './account-keys.ts';
import { OneAtATime } from './one-at-a-time.ts';
import type { Session } from './session.ts';

/** Keys in use of one session; a browser that loses its key makes another, and the oldest is revoked then. */
const IN_USE_PER_SESSION = 8;

const deviceRecord = v.object({
  id: v.string(),
  user: v.string(),
  /** Id of the session that it was registered with last. */
  session: v.string(),
  /** 32 bytes, base64url. */
  publicKey: v.string(),
  label: v.string(),
  createdAt: v.number(),
  revokedAt: v.nullable(v.number())
});
type DeviceRecord = v.InferOutput<typeof deviceRecord>;

export interface DeviceKey {
  readonly id: DeviceId;
  readonly user: UserId;
  /** Id of the session that it was registered with last. */
  readonly session: string;
  /** Ed25519, ready for `verify(null, bytes, publicKey, signature)`. */
  readonly publicKey: KeyObject;
  /** Epoch ms, or null: in use. */
  readonly revokedAt: number | null;
}

export type DeviceOutcome =
  { readonly ok: true; readonly device: DeviceInfo } | { readonly ok: false; readonly detail: string };

export class DeviceKeys {
  readonly #kv: KeyValue;
  readonly #now: () => number;
  readonly #writing = new OneAtATime();
  #keys = new Map<DeviceId, KnownKey>();
  #ofUser = new Map<UserId, Set<KnownKey>>();

  private constructor(kv: KeyValue, now: () => number) {
    this.#kv = kv;
    this.#now = now;
  }

  /** Rejects with StoreError. */
  static async open({ kv, now }: { kv: KeyValue; now: () => number }): Promise<DeviceKeys> {
    const keys = new DeviceKeys(kv, now);
    await keys.reload();
    return keys;
  }

  /** Synchronous, since the gate is. null: never registered. */
  get(id: DeviceId): DeviceKey | null {
    return this.#keys.get(id) ?? null;
  }

  /** Revoked ones, too; oldest first for each person. */
  ofUsers(users: readonly UserId[]): DeviceInfo[] {
    return users.flatMap((user) => [...(this.#ofUser.get(user) ?? [])].map(({ info }) => info));
  }

  /** Those that exist, in the order asked for. */
  byIds(ids: readonly DeviceId[]): DeviceInfo[] {
    return ids.flatMap((id) => this.#keys.get(id)?.info ?? []);
  }

  /**
   * Binds a key to the session that registers it. The same again is success.
   * @param publicKey 32 bytes, base64url
   */
  async register(session: Session, label: string, publicKey: string): Promise<DeviceOutcome> {
    const bytes = fromBase64url(publicKey);
    if (bytes?.length !== 32 || base64url(bytes) !== publicKey || !isKey(publicKey)) {
      return { ok: false, detail: 'A device key is an Ed25519 public key: 32 bytes in base64url.' };
    }
    const id = deviceId(bytes);
    return this.#writing.run(async () => {
      const known = this.#keys.get(id);
      if (known && known.user !== session.user.id) {
        return { ok: false, detail: 'This key is registered already. The device needs a key of its own.' };
      }
      if (known && known.revokedAt !== null) {
        return { ok: false, detail: 'This key ended with the session it belonged to. The device needs a new one.' };
      }
      if (known?.session === session.id) return { ok: true, device: known.info };
      const record: DeviceRecord = {
        ...{ id, publicKey, label, user: session.user.id, session: session.id },
        createdAt: known?.info.createdAt ?? this.#now(),
        revokedAt: null
      };
      const inUse = this.#inUse(new Set([session.id]), session.user.id);
      const ended = inUse.slice(0, Math.max(0, inUse.length + 1 - IN_USE_PER_SESSION)).map((key) => this.#ended(key));
      await this.#kv.batch([...ended, record].map(put), { sync: true });
      for (const changed of [...ended, record]) this.#keep(changed);
      return { ok: true, device: this.#keys.get(id)!.info };
    });
  }

  /**
   * The end of sessions: writes `operations` and the revocation of their keys in one batch.
   * @param sessions ids
   */
  async endSessions(user: UserId, sessions: ReadonlySet<string>, operations: readonly Operation[]): Promise<void> {
    // One after the other with `register`: a key that is just being registered must not be missed.
    await this.#writing.run(async () => {
      const ended = this.#inUse(sessions, user).map((key) => this.#ended(key));
      await this.#kv.batch([...operations, ...ended.map(put)], { sync: true });
      for (const record of ended) this.#keep(record);
    });
  }

  /** Somebody has gone: what they signed stays proven, what their devices were called goes. */
  async forgetLabels(user: UserId): Promise<void> {
    await this.#writing.run(async () => {
      const nameless = [...(this.#ofUser.get(user) ?? [])].map(({ record }) => ({ ...record, label: '' }));
      if (nameless.length === 0) return;
      await this.#kv.batch(nameless.map(put), { sync: true });
      for (const record of nameless) this.#keep(record);
    });
  }

  /** A write that failed may be on disk all the same: read again when the store is open again. */
  async reload(): Promise<void> {
    await this.#writing.run(async () => {
      const records: DeviceRecord[] = [];
      for await (const [key, value] of this.#kv.range(ALL_DEVICES)) {
        records.push(decodeStored(deviceRecord, key, value));
      }
      this.#keys = new Map();
      this.#ofUser = new Map();
      for (const record of records.sort((a, b) => a.createdAt - b.createdAt)) this.#keep(record);
    });
  }

  #inUse(sessions: ReadonlySet<string>, user: UserId): KnownKey[] {
    const keys = [...(this.#ofUser.get(user) ?? [])];
    return keys.filter(({ session, revokedAt }) => revokedAt === null && sessions.has(session));
  }

  #ended = ({ record }: KnownKey): DeviceRecord => ({ ...record, revokedAt: this.#now() });

  #keep(record: DeviceRecord): void {
    const known = this.#keys.get(record.id);
    if (known) return known.set(record);
    const key = new KnownKey(record);
    this.#keys.set(record.id, key);
    const ofUser = this.#ofUser.get(record.user);
    if (ofUser) ofUser.add(key);
    else this.#ofUser.set(record.user, new Set([key]));
  }
}

/** Parses its key when it is first needed: most keys are old ones that sign nothing any more. */
class KnownKey implements DeviceKey {
  #record: DeviceRecord;
  #publicKey: KeyObject | null = null;

  constructor(record: DeviceRecord) {
    this.#record = record;
  }

  get record(): DeviceRecord {
    return this.#record;
  }

  get id(): DeviceId {
    return this.#record.id;
  }

  get user(): UserId {
    return this.#record.user;
  }

  get session(): string {
    return this.#record.session;
  }

  get revokedAt(): number | null {
    return this.#record.revokedAt;
  }

  get publicKey(): KeyObject {
    return (this.#publicKey ??= parse(this.#record.publicKey));
  }

  get info(): DeviceInfo {
    const { id, user, publicKey, label, createdAt, revokedAt } = this.#record;
    return { id, user, publicKey, label, createdAt, revokedAt };
  }

  set(record: DeviceRecord): void {
    this.#record = record;
  }
}

const put = (record: DeviceRecord): Operation => ({
  type: 'put',
  key: deviceKey(record.id),
  value: encodeStored(record)
});

const parse = (publicKey: string): KeyObject =>
  createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: publicKey }, format: 'jwk' });

function isKey(publicKey: string): boolean {
  try {
    parse(publicKey);
    return true;
  } catch {
    return false;
  }
}
