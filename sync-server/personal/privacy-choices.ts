// What people let others learn of them, as their own documents say: asked synchronously by whatever would tell.
// Invariant: a choice counts once the document that holds it is on disk, and both are written in one batch. Only those
// that keep something back have a record, so all of them are in memory.

import * as v from 'valibot';
import type { UserId } from '#protocol/ids.ts';
import { PRIVACY_KEYS, SHARES_ALL, type Privacy } from '#protocol/personal.ts';
import type { KeyValue, Operation } from '../store/key-value.ts';
import { decodeStored, encodeStored } from '../store/stored-json.ts';
import { ALL_PRIVACY, privacyKey } from './personal-keys.ts';

const privacyRecord = v.strictObject({ readReceipts: v.boolean(), lastSeen: v.boolean(), typing: v.boolean() });

type Listener = (user: UserId, privacy: Privacy) => void;

export class PrivacyChoices {
  readonly #kv: KeyValue;
  #choices = new Map<UserId, Privacy>();
  readonly #listeners = new Set<Listener>();

  private constructor(kv: KeyValue) {
    this.#kv = kv;
  }

  /** Rejects with StoreError. */
  static async open(kv: KeyValue): Promise<PrivacyChoices> {
    const choices = new PrivacyChoices(kv);
    await choices.reload();
    return choices;
  }

  /** As on disk, after a failed write. Rejects with StoreError. */
  async reload(): Promise<void> {
    const choices = new Map<UserId, Privacy>();
    for await (const [key, value] of this.#kv.range(ALL_PRIVACY)) {
      choices.set(key.slice(key.lastIndexOf('/') + 1), decodeStored(privacyRecord, key, value));
    }
    this.#choices = choices;
  }

  of(user: UserId): Privacy {
    return this.#choices.get(user) ?? SHARES_ALL;
  }

  /** What goes into the batch of the document that makes this choice; null: it is as it was. */
  operation(user: UserId, privacy: Privacy): Operation | null {
    const before = this.of(user);
    if (PRIVACY_KEYS.every((key) => privacy[key] === before[key])) return null;
    const key = privacyKey(user);
    const isDefault = PRIVACY_KEYS.every((name) => privacy[name]);
    return isDefault ? { type: 'del', key } : { type: 'put', key, value: encodeStored(privacy) };
  }

  /** That batch is on disk. */
  settle(user: UserId, privacy: Privacy): void {
    if (PRIVACY_KEYS.every((name) => privacy[name])) this.#choices.delete(user);
    else this.#choices.set(user, privacy);
    for (const listener of this.#listeners) listener(user, privacy);
  }

  /** Their own document is erased. */
  forget(user: UserId): void {
    this.#choices.delete(user);
  }

  onChanged(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}
