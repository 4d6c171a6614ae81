// Whom a person has blocked. It concerns nobody else: their messages fold away on that person's devices alone.

import * as v from 'valibot';
import type { UserId } from '#protocol/ids.ts';
import type { KeyValue, Operation } from '../store/key-value.ts';
import { decodeStored, encodeStored } from '../store/stored-json.ts';
import { blockedKey } from './account-keys.ts';

export class BlockedPeople {
  readonly #kv: KeyValue;

  constructor(kv: KeyValue) {
    this.#kv = kv;
  }

  async of(user: UserId): Promise<readonly UserId[]> {
    const key = blockedKey(user);
    const value = await this.#kv.get(key);
    return value ? decodeStored(v.array(v.string()), key, value) : [];
  }

  /** What goes with the account. */
  erasure(user: UserId): Promise<Operation[]> {
    return Promise.resolve([{ type: 'del', key: blockedKey(user) }]);
  }

  /** Each once, oneself never. */
  async set(user: UserId, blocked: readonly UserId[]): Promise<readonly UserId[]> {
    const users = [...new Set(blocked)].filter((id) => id !== user);
    await this.#kv.batch([{ type: 'put', key: blockedKey(user), value: encodeStored(users) }], { sync: true });
    return users;
  }
}
