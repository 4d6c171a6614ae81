// Who has brought which file: they may refer to it anywhere, and it counts against their quota.
// Invariants: what is told of the space that a person uses is the sum of their records; a file that messages of people
// with an account name is paid for by one of them, or by who has brought it.

import * as v from 'valibot';
import type { BlobHash, UserId } from '#protocol/ids.ts';
import type { KeyValue, Operation } from '../store/key-value.ts';
import { decodeStored, encodeStored } from '../store/stored-json.ts';
import { lastOf, ownedBy, ownedKey, ownerKey, ownersOf } from './blob-keys.ts';

const ownedSchema = v.strictObject({
  size: v.number(),
  /** When they have brought it last, epoch ms. */
  at: v.optional(v.number(), 0),
  /** They do not name it any more; others do, and have no space for it. */
  letGo: v.optional(v.literal(true))
});
export type Owned = v.InferOutput<typeof ownedSchema>;

/** What the smallest file takes on a disk, and its records in the database. */
const CHARGE_MIN_BYTES = 4 * 1024;
/** What a file takes of a person's space. */
export const chargeOf = (size: number): number => Math.max(size, CHARGE_MIN_BYTES);

/** What somebody is to have of a file from now on; null: nothing. */
export interface OwnerChange {
  readonly user: UserId;
  readonly before: Owned | null;
  readonly after: Owned | null;
}

export class BlobOwners {
  readonly #kv: KeyValue;
  /** By person, bytes; of those who were asked about. */
  readonly #used = new Map<UserId, number>();
  /** How often what a person has was written. */
  readonly #writes = new Map<UserId, number>();

  constructor(kv: KeyValue) {
    this.#kv = kv;
  }

  /** @throws StoreError */
  async has(user: UserId, hash: BlobHash): Promise<boolean> {
    return (await this.#kv.get(ownerKey(hash, user))) !== undefined;
  }

  /** null: they have not brought it. @throws StoreError */
  async owned(user: UserId, hash: BlobHash): Promise<Owned | null> {
    const value = await this.#kv.get(ownedKey(user, hash));
    return value ? decodeStored(ownedSchema, ownedKey(user, hash), value) : null;
  }

  /** @throws StoreError */
  async of(hash: BlobHash): Promise<Map<UserId, Owned>> {
    const owners = new Map<UserId, Owned>();
    for await (const [key] of this.#kv.range(ownersOf(hash))) {
      const user = lastOf(key);
      const owned = await this.owned(user, hash);
      if (owned) owners.set(user, owned);
    }
    return owners;
  }

  /** All that a person has brought. @throws StoreError */
  async by(user: UserId): Promise<Map<BlobHash, Owned>> {
    const files = new Map<BlobHash, Owned>();
    for await (const [key, value] of this.#kv.range(ownedBy(user)))
      files.set(lastOf(key), decodeStored(ownedSchema, key, value));
    return files;
  }

  /** Bytes that count against a person's quota. @throws StoreError */
  async usedBy(user: UserId): Promise<number> {
    for (;;) {
      const known = this.#used.get(user);
      if (known !== undefined) return known;
      const writes = this.#writes.get(user);
      let used = 0;
      for (const { size } of (await this.by(user)).values()) used += chargeOf(size);
      // Something was written while it was counted: it may be in the sum or not.
      if (writes === this.#writes.get(user)) this.#used.set(user, used);
    }
  }

  /** @param also written in the same batch @throws StoreError */
  async write(
    changes: readonly (OwnerChange & { readonly hash: BlobHash })[],
    also: readonly Operation[]
  ): Promise<void> {
    const operations = changes.flatMap(({ user, hash, after }): Operation[] =>
      after
        ? [
            { type: 'put', key: ownerKey(hash, user), value: new Uint8Array() },
            { type: 'put', key: ownedKey(user, hash), value: encodeStored(after) }
          ]
        : [
            { type: 'del', key: ownerKey(hash, user) },
            { type: 'del', key: ownedKey(user, hash) }
          ]
    );
    try {
      await this.#kv.batch([...operations, ...also], { sync: true });
    } catch (error) {
      // It may be there or not.
      for (const { user } of changes) this.#used.delete(user);
      throw error;
    } finally {
      for (const { user } of changes) this.#writes.set(user, (this.#writes.get(user) ?? 0) + 1);
    }
    for (const { user, before, after } of changes) {
      const used = this.#used.get(user);
      const more = (after ? chargeOf(after.size) : 0) - (before ? chargeOf(before.size) : 0);
      if (used !== undefined) this.#used.set(user, used + more);
    }
  }
}
