// When what disappears in an open room is to be looked at again: to hide it by the server's clock as far as it is known, and
// to delete it once that clock proves that its time has come.

import { ExpiryTimer } from './expiry-timer.ts';
import type { ServerTime } from './server-clock.ts';

export class RoomExpiry {
  readonly #hiding: ExpiryTimer;
  readonly #dropping: ExpiryTimer;

  constructor(time: ServerTime, due: () => void) {
    this.#hiding = new ExpiryTimer(() => time.now(), due);
    this.#dropping = new ExpiryTimer(() => time.proven(), due);
  }

  /** Epoch ms of what comes next; Infinity: nothing. */
  wait(hideAt: number, dropAt: number): void {
    this.#hiding.wait(hideAt);
    this.#dropping.wait(dropAt);
  }

  clockChanged(): void {
    this.#hiding.clockChanged();
    this.#dropping.clockChanged();
  }

  close(): void {
    this.#hiding.close();
    this.#dropping.close();
  }
}
