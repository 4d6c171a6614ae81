// Where each session wants to be pushed to: at most one place a session. All of them are in memory, as every message asks.
// Invariant: a subscription goes in the very batch that ends its session, and one place serves one session alone, so that
// who signs in on a browser after somebody else hears nothing of theirs. What is on its way to one that is gone ends.

import * as v from 'valibot';
import type { UserId } from '#protocol/ids.ts';
import { OneAtATime } from '../accounts/one-at-a-time.ts';
import type { KeyValue, Operation } from '../store/key-value.ts';
import { decodeStored, encodeStored } from '../store/stored-json.ts';
import { ALL_SUBSCRIPTIONS, ownerOfSubscription, subscriptionKey, toldOf } from './push-keys.ts';

const subscriptionRecord = v.strictObject({
  endpoint: v.string(),
  /** The browser's key for this subscription, and the secret shared with it; base64url. */
  p256dh: v.string(),
  auth: v.string(),
  /** Whether it is shown who wrote, and what. */
  content: v.boolean(),
  /** Of the page that subscribed: where a notification leads to. */
  origin: v.string()
});
type SubscriptionRecord = v.InferOutput<typeof subscriptionRecord>;

export interface PushSubscription extends SubscriptionRecord {
  readonly user: UserId;
  readonly session: string;
}

/** Each is a request for each message, to whatever address its session has named: nobody has so many devices. */
const PER_PERSON_MAX = 50;

export class PushSubscriptions {
  readonly #kv: KeyValue;
  readonly #writing = new OneAtATime();
  #ofUsers = new Map<UserId, Map<string, PushSubscription>>();
  /** Of those that something was sent to. */
  readonly #ends = new WeakMap<PushSubscription, AbortController>();

  private constructor(kv: KeyValue) {
    this.#kv = kv;
  }

  /** Rejects with StoreError. */
  static async open(kv: KeyValue): Promise<PushSubscriptions> {
    const subscriptions = new PushSubscriptions(kv);
    await subscriptions.reload();
    return subscriptions;
  }

  /** As on disk, after a failed write. Rejects with StoreError. */
  async reload(): Promise<void> {
    const found = new Map<UserId, Map<string, PushSubscription>>();
    for await (const [key, value] of this.#kv.range(ALL_SUBSCRIPTIONS)) {
      const [user, session] = ownerOfSubscription(key);
      const ofUser = found.get(user) ?? new Map<string, PushSubscription>();
      found.set(user, ofUser.set(session, { ...decodeStored(subscriptionRecord, key, value), user, session }));
    }
    const before = [...this.#ofUsers.values()].flatMap((ofUser) => [...ofUser.values()]);
    this.#ofUsers = found;
    for (const one of before) this.#end(one);
  }

  /** Everybody who has one. */
  get users(): Iterable<UserId> {
    return this.#ofUsers.keys();
  }
  has(user: UserId): boolean {
    return this.#ofUsers.has(user);
  }
  of(user: UserId): readonly PushSubscription[] {
    return [...(this.#ofUsers.get(user)?.values() ?? [])];
  }
  get(user: UserId, session: string): PushSubscription | null {
    return this.#ofUsers.get(user)?.get(session) ?? null;
  }

  /** Aborted once it is not the one of its session any more. */
  whileThere(subscription: PushSubscription): AbortSignal {
    if (this.get(subscription.user, subscription.session) !== subscription) return AbortSignal.abort();
    const end = this.#ends.get(subscription) ?? new AbortController();
    this.#ends.set(subscription, end);
    return end.signal;
  }

  /** In the place of what the session had. False: enough others of the person have one. Rejects with StoreError. */
  put(subscription: PushSubscription): Promise<boolean> {
    return this.#writing.run(async () => {
      const { user, session, ...record } = subscription;
      const others = this.of(user).filter((other) => other.session !== session && other.endpoint !== record.endpoint);
      if (others.length >= PER_PERSON_MAX) return false;
      const before = [...this.#ofUsers.values()]
        .flatMap((ofUser) => [...ofUser.values()])
        .filter((other) => other.endpoint === record.endpoint && other.session !== session);
      const ending: Operation[] = [];
      for (const other of before) {
        // Who signs in anew on a browser stays who was told.
        if (other.user === user) ending.push({ type: 'del', key: subscriptionKey(user, other.session) });
        else ending.push(...(await this.ending(other.user, [other.session])));
      }
      await this.#kv.batch(
        [...ending, { type: 'put', key: subscriptionKey(user, session), value: encodeStored(record) }],
        { sync: true }
      );
      for (const other of before) this.#forget(other.user, other.session);
      const replaced = this.get(user, session);
      const ofUser = this.#ofUsers.get(user) ?? new Map<string, PushSubscription>();
      this.#ofUsers.set(user, ofUser.set(session, subscription));
      if (replaced) this.#end(replaced);
      return true;
    });
  }

  /** @param endpoint only while it is still this one. Rejects with StoreError. */
  remove(user: UserId, session: string, endpoint?: string): Promise<void> {
    return this.#writing.run(async () => {
      const there = this.get(user, session);
      if (!there || (endpoint !== undefined && there.endpoint !== endpoint)) return;
      await this.#kv.batch(await this.ending(user, [session]), { sync: true });
      this.#forget(user, session);
    });
  }

  /** What goes into the batch that ends these sessions: with the last of a person's, what they were told. */
  async ending(user: UserId, sessions: readonly string[]): Promise<Operation[]> {
    const operations = sessions.map((session): Operation => ({ type: 'del', key: subscriptionKey(user, session) }));
    const isLeft = this.of(user).some(({ session }) => !sessions.includes(session));
    return isLeft || !this.has(user) ? operations : [...operations, ...(await this.erasure(user))];
  }

  /** That batch is on disk. */
  ended(user: UserId, sessions: readonly string[]): void {
    for (const session of sessions) this.#forget(user, session);
  }

  /** What else is kept of a person; the subscriptions go with the sessions. */
  async erasure(user: UserId): Promise<Operation[]> {
    const operations: Operation[] = [];
    for await (const [key] of this.#kv.range(toldOf(user))) operations.push({ type: 'del', key });
    return operations;
  }

  #forget(user: UserId, session: string): void {
    const ofUser = this.#ofUsers.get(user);
    const subscription = ofUser?.get(session);
    ofUser?.delete(session);
    if (ofUser?.size === 0) this.#ofUsers.delete(user);
    if (subscription) this.#end(subscription);
  }

  #end(subscription: PushSubscription): void {
    this.#ends.get(subscription)?.abort();
  }
}
