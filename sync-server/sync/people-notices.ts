// Changes of what others see of people, told to everybody who is connected. One round in PEOPLE_EVERY_MS at most, with
// the last word of each person: however often somebody changes their status, it costs the others one message.

import type { UserInfo } from '#protocol/api/profile.ts';
import type { ServerMessage } from '#protocol/control.ts';
import type { UserId } from '#protocol/ids.ts';
import type { Timers } from '../timers.ts';
import { splitBySize } from './split-by-size.ts';

export const PEOPLE_EVERY_MS = 1_000;

export class PeopleNotices {
  readonly #timers: Timers;
  readonly #tell: (message: ServerMessage) => void;
  #changed = new Map<UserId, UserInfo>();
  #toldAtMs = -Infinity;
  #cancelRound: (() => void) | null = null;

  /** @param tell gives a message to every connection that has been greeted */
  constructor(timers: Timers, tell: (message: ServerMessage) => void) {
    this.#timers = timers;
    this.#tell = tell;
  }

  changed(user: UserInfo): void {
    this.#changed.set(user.id, user);
    if (this.#cancelRound) return;
    const waitMs = Math.max(0, this.#toldAtMs + PEOPLE_EVERY_MS - this.#timers.nowMs());
    this.#cancelRound = this.#timers.after(waitMs, () => this.#round());
  }

  close(): void {
    this.#cancelRound?.();
  }

  #round(): void {
    const people = [...this.#changed.values()];
    this.#changed = new Map();
    this.#toldAtMs = this.#timers.nowMs();
    this.#cancelRound = null;
    for (const changed of splitBySize(people)) this.#tell({ type: 'people', changed });
  }
}
