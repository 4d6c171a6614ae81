// The server's clock as this device knows it: what it says now by this device's clock, which may be set to anything, and
// what it says at the least, since the server said so. What is hidden goes by the first, what is deleted by the second.
// It is kept on the disk for the next start. Invariant: `proven` is never ahead of the server's clock.

import type { UserDb } from '../storage/user-db.ts';

const OFFSET = 'clockOffsetMs';
/** The last time that the server told. */
const HEARD = 'serverTimeMs';

/** Epoch ms by the server's clock. */
export interface ServerTime {
  /** As far as it is known. */
  now(): number;
  /** At the least. */
  proven(): number;
}

export class ServerClock implements ServerTime {
  readonly #wallMs: () => number;
  readonly #steadyMs: () => number;
  #offsetMs = 0;
  #heard = { at: -Infinity, steadyMs: 0 };

  /**
   * @param wallMs this device's clock, epoch ms
   * @param steadyMs goes on whatever the clock is set to; it may stand still while the device sleeps
   */
  constructor(wallMs: () => number, steadyMs: () => number = () => performance.now()) {
    this.#wallMs = wallMs;
    this.#steadyMs = steadyMs;
  }

  now(): number {
    return this.#wallMs() + this.#offsetMs;
  }

  proven(): number {
    return this.#heard.at + this.#steadyMs() - this.#heard.steadyMs;
  }

  /** How far this device's clock is off. */
  get offsetMs(): number {
    return this.#offsetMs;
  }

  /** Before anything asks what time it is: by a clock that is ahead, messages would disappear early. */
  async load(db: Pick<UserDb, 'meta'>): Promise<void> {
    const heard = await db.meta<number>(HEARD);
    this.restore((await db.meta<number>(OFFSET)) ?? 0, heard ?? -Infinity);
  }

  async keep(db: Pick<UserDb, 'putMeta'>): Promise<void> {
    await Promise.all([db.putMeta(OFFSET, this.#offsetMs), db.putMeta(HEARD, this.#heard.at)]);
  }

  /** What was known before: of the time since one only knows that it went on. */
  restore(offsetMs: number, provenMs: number): void {
    this.#offsetMs = offsetMs;
    this.#heard = { at: provenMs, steadyMs: this.#steadyMs() };
  }

  /** @returns whether this device's clock was ahead of what the server says */
  hear(serverTimeMs: number): boolean {
    const wasAhead = this.now() > serverTimeMs;
    this.#offsetMs = serverTimeMs - this.#wallMs();
    this.#heard = { at: serverTimeMs, steadyMs: this.#steadyMs() };
    return wasAhead;
  }
}
