// What of the outbox takes messages away, and what has to wait for that.
// Invariant: a message that is to go before it was sent is never sent; whoever may have sent it sees to its removal.

import { effectTarget, type Entry } from '#protocol/entry.ts';
import type { Holds } from './holds.ts';
import type { PendingEntry } from './outbox.ts';

export interface Waiting {
  of(room: string): readonly PendingEntry[];
  get(room: string, id: string): PendingEntry | undefined;
}

export class Removals {
  readonly #waiting: Waiting;
  readonly #holds: Pick<Holds, 'isHeld' | 'isRecallable'>;

  constructor(waiting: Waiting, holds: Pick<Holds, 'isHeld' | 'isRecallable'>) {
    this.#waiting = waiting;
    this.#holds = holds;
  }

  isAny(room: string): boolean {
    return this.#waiting.of(room).some(isRemoval);
  }

  /** Those that can still be called back, whichever tab made them, by message. */
  recallable(room: string): ReadonlyMap<string, PendingEntry> {
    const recallable = this.#of(room).filter((removal) => this.#holds.isRecallable(removal));
    return new Map(recallable.map((removal) => [removedBy(removal.entry), removal]));
  }

  /** Not to be sent now: what can be called back, and messages that are to go, with what is about them. */
  notNow(room: string): ReadonlySet<string> {
    const removed = new Set(this.#of(room).map(({ entry }) => removedBy(entry)));
    const isToGo = (id: string): boolean => removed.has(id) && this.#waiting.get(room, id) !== undefined;
    const waits = (pending: PendingEntry): boolean => {
      if (isRemoval(pending)) return this.#holds.isHeld(pending);
      const target = effectTarget(pending.entry);
      return isToGo(pending.id) || (target !== null && isToGo(target));
    };
    return new Set(this.#waiting.of(room).flatMap((pending) => (waits(pending) ? [pending.id] : [])));
  }

  /** Messages that wait, and whose removal nobody can call back any more. */
  due(room: string): readonly PendingEntry[] {
    return this.#of(room).flatMap((removal) => {
      const message = this.#waiting.get(room, removedBy(removal.entry));
      return message && !this.#holds.isHeld(removal) ? [message] : [];
    });
  }

  /** The tab that is to see to an entry. */
  tabOf(pending: PendingEntry): string {
    const message = isRemoval(pending) && this.#waiting.get(pending.room, removedBy(pending.entry));
    return message ? message.tab : pending.tab;
  }

  #of(room: string): PendingEntry[] {
    return this.#waiting.of(room).filter(isRemoval);
  }
}

export const isRemoval = ({ entry, state }: PendingEntry): boolean => entry.type === 'redaction' && state !== 'failed';

const removedBy = (removal: Entry): string => effectTarget(removal)!;
