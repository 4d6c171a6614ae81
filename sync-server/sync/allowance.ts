// What one person may still ask of the server, shared by all of their connections. It outlives the connections
// until it is full again, so that reconnecting does not renew it.

import type { UserId } from '#protocol/ids.ts';
import type { SyncLimits } from './sync-limits.ts';
import type { Timers } from '../timers.ts';
import { TokenBucket } from './token-bucket.ts';

/** So many look-ups of one record cost as much as a page that is opened. */
const LOOKED_UP_PER_OPEN = 10;

export class Allowance {
  readonly #timers: Timers;
  readonly #updates: TokenBucket;
  readonly #opens: TokenBucket;
  readonly #work: TokenBucket;
  readonly #frames: TokenBucket;
  readonly #bytes: TokenBucket;
  readonly #presence: TokenBucket;
  /** Those that the next message waits for. */
  readonly #gating: readonly TokenBucket[];
  readonly #channelsPerPage: number;
  readonly #assemblyMaxBytes: number;
  #assemblingBytes = 0;
  /** Document name of a page → open channels. */
  readonly #channels = new Map<string, number>();

  constructor(limits: SyncLimits, timers: Timers) {
    const nowMs = timers.nowMs();
    this.#timers = timers;
    this.#updates = new TokenBucket(limits.updates, nowMs);
    this.#opens = new TokenBucket(limits.opens, nowMs);
    this.#work = new TokenBucket(limits.workMs, nowMs);
    this.#frames = new TokenBucket(limits.frames, nowMs);
    this.#bytes = new TokenBucket(limits.bytes, nowMs);
    this.#presence = new TokenBucket(limits.presence, nowMs);
    this.#gating = [this.#updates, this.#opens, this.#work, this.#frames, this.#bytes];
    this.#channelsPerPage = limits.channelsPerPage;
    this.#assemblyMaxBytes = limits.assemblyMaxBytes;
  }

  spendFrame(bytes: number): void {
    const nowMs = this.#timers.nowMs();
    this.#frames.spend(1, nowMs);
    this.#bytes.spend(bytes, nowMs);
  }

  spendUpdate(): void {
    this.#updates.spend(1, this.#timers.nowMs());
  }

  /** @param asked people or rooms that have to be looked up for it */
  spendOpen(asked = 0): void {
    this.#opens.spend(1 + asked / LOOKED_UP_PER_OPEN, this.#timers.nowMs());
  }

  spendWork(ms: number): void {
    this.#work.spend(ms, this.#timers.nowMs());
  }

  /** False: enough of them are open. Otherwise `releaseChannel` follows. */
  tryHoldChannel(page: string): boolean {
    const open = this.#channels.get(page) ?? 0;
    if (open >= this.#channelsPerPage) return false;
    this.#channels.set(page, open + 1);
    return true;
  }

  releaseChannel(page: string): void {
    const left = (this.#channels.get(page) ?? 0) - 1;
    if (left > 0) this.#channels.set(page, left);
    else this.#channels.delete(page);
  }

  /**
   * Pieces of an unfinished message are kept, or, below zero, no longer.
   * @returns whether all that is kept is within the bound
   */
  tryAssemble(bytes: number): boolean {
    this.#assemblingBytes += bytes;
    return this.#assemblingBytes <= this.#assemblyMaxBytes;
  }

  /** Milliseconds until the next message may be taken; 0: now. */
  waitMs(): number {
    const nowMs = this.#timers.nowMs();
    let longestMs = 0;
    for (const bucket of this.#gating) longestMs = Math.max(longestMs, bucket.waitMs(nowMs));
    return longestMs;
  }

  tryTakePresence(): boolean {
    return this.#presence.tryTake(this.#timers.nowMs());
  }

  presenceWaitMs(): number {
    return this.#presence.waitMs(this.#timers.nowMs(), 1);
  }

  isFull(): boolean {
    const nowMs = this.#timers.nowMs();
    return [...this.#gating, this.#presence].every((bucket) => bucket.isFull(nowMs));
  }
}

/** Everybody's allowances. */
export class Allowances {
  readonly #limits: SyncLimits;
  readonly #timers: Timers;
  readonly #byUser = new Map<UserId, Allowance>();

  constructor(limits: SyncLimits, timers: Timers) {
    this.#limits = limits;
    this.#timers = timers;
  }

  of(user: UserId): Allowance {
    let allowance = this.#byUser.get(user);
    if (!allowance) {
      allowance = new Allowance(this.#limits, this.#timers);
      this.#byUser.set(user, allowance);
    }
    return allowance;
  }

  /** Forgets those of absent people that hold nothing to remember. */
  sweep(isConnected: (user: UserId) => boolean): void {
    for (const [user, allowance] of this.#byUser) {
      if (!isConnected(user) && allowance.isFull()) this.#byUser.delete(user);
    }
  }
}
