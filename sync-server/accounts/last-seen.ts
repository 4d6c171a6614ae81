// When people were here last. Invariant: of who keeps it back nothing is kept, and of who has gone for good nothing comes
// back.

import * as v from 'valibot';
import type { UserId } from '#protocol/ids.ts';
import type { Privacy } from '#protocol/personal.ts';
import type { PrivacyChoices } from '../personal/privacy-choices.ts';
import type { KeyValue, Operation } from '../store/key-value.ts';
import { decodeStored, encodeStored } from '../store/stored-json.ts';

const seenKey = (user: UserId): string => `seen/${user}`;
/** Epoch ms. */
const seenRecord = v.pipe(v.number(), v.integer());

export interface LastSeenDeps {
  readonly kv: KeyValue;
  readonly privacy: Pick<PrivacyChoices, 'of'>;
  readonly exists: (user: UserId) => boolean;
}

export class LastSeen {
  readonly #deps: LastSeenDeps;

  constructor(deps: LastSeenDeps) {
    this.#deps = deps;
  }

  /** @param at epoch ms. Rejects with StoreError. */
  async note(user: UserId, at: number): Promise<void> {
    const { kv, privacy, exists } = this.#deps;
    if (!privacy.of(user).lastSeen || !exists(user)) return;
    // Not synced: after a power loss somebody was seen a little earlier.
    await kv.batch([{ type: 'put', key: seenKey(user), value: encodeStored(at) }], { sync: false });
  }

  /** Of those who let others know. Rejects with StoreError. */
  async of(users: readonly UserId[]): Promise<ReadonlyMap<UserId, number>> {
    const shared = users.filter((user) => this.#deps.privacy.of(user).lastSeen);
    const values = shared.length === 0 ? [] : await this.#deps.kv.getMany(shared.map(seenKey));
    return new Map(
      shared.flatMap((user, at) => {
        const value = values[at];
        return value ? [[user, decodeStored(seenRecord, seenKey(user), value)] as const] : [];
      })
    );
  }

  /** Rejects with StoreError. */
  async privacyChanged(user: UserId, { lastSeen }: Privacy): Promise<void> {
    if (!lastSeen) await this.#deps.kv.batch(await this.erasure(user), { sync: true });
  }

  async erasure(user: UserId): Promise<Operation[]> {
    return [{ type: 'del', key: seenKey(user) }];
  }
}
