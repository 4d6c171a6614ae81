// How far this person has read each thread, in their own document. Invariant: what is read stays read: of two marks of a
// thread the later one counts, whichever device wrote last.

import { readThreadMark } from '#protocol/personal.ts';
import type { PersonalReplica } from './personal-replica.ts';

/** Threads whose mark is kept: a hundred bytes each. Beyond so many the oldest go. */
export const THREAD_MARKS_MAX = 1_000;

export class ThreadMarks {
  readonly #own: Pick<PersonalReplica, 'get' | 'set' | 'keys'>;
  readonly #changed: () => void;
  /** By root: the latest that was ever seen here, epoch ms. */
  readonly #latest = new Map<string, number>();

  /** @param changed something may be read that was not */
  constructor(own: Pick<PersonalReplica, 'get' | 'set' | 'keys'>, changed: () => void) {
    this.#own = own;
    this.#changed = changed;
  }

  /** Epoch ms of the newest arrival that was seen; null: none is kept. */
  seen(root: string): number | null {
    return this.#latest.get(root) ?? null;
  }

  set(room: string, root: string, at: number): void {
    if (at <= (this.seen(root) ?? -1)) return;
    this.#latest.set(root, at);
    void this.#own.set('threads', root, { room, at });
    this.#forgetOldest();
    this.#changed();
  }

  /** These may have other values now. Who knows of a later one writes it once more. */
  heard(roots: readonly string[]): void {
    for (const root of roots) {
      const mark = readThreadMark(root, this.#own.get('threads', root));
      if (!mark) continue;
      const latest = this.seen(root) ?? -1;
      if (mark.at > latest) this.#latest.set(root, mark.at);
      else if (mark.at < latest) void this.#own.set('threads', root, { ...mark, at: latest });
    }
    this.#changed();
  }

  #forgetOldest(): void {
    const roots = this.#own.keys('threads');
    if (roots.length <= THREAD_MARKS_MAX) return;
    const at = (root: string): number => readThreadMark(root, this.#own.get('threads', root))?.at ?? 0;
    const oldest = [...roots].sort((a, b) => at(a) - at(b)).slice(0, roots.length - THREAD_MARKS_MAX);
    for (const root of oldest) void this.#own.set('threads', root, null);
  }
}
