// One number line over all rooms for changes of sealed pages. A client's cursor may stand at a number only when all
// up to it are settled, since commits of different rooms do not finish in the order their numbers were given.

import * as v from 'valibot';
import type { KeyValue } from '../store/key-value.ts';
import { ALL_CHANGES, changeSeqOf } from './keys.ts';

export const changeSchema = v.strictObject({ room: v.string(), page: v.number(), revision: v.number() });
/** Value of change/<seq>. */
export type Change = v.InferOutput<typeof changeSchema>;

export const pageRevisionSchema = v.strictObject({
  revision: v.number(),
  /** Entries that the page's late list has had: each has its number. */
  late: v.number(),
  /** Bytes of those that count (late-list.ts), as they are stored. Absent: not counted yet. */
  lateBytes: v.optional(v.number(), 0),
  /** By author: their entries and bytes of those. Absent: not counted yet. */
  lateBy: v.optional(v.record(v.string(), v.pipe(v.tuple([v.number(), v.number()]), v.readonly())), {}),
  /** Where the page's latest change stands. */
  seq: v.number()
});
/** Value of revision/<room>/<page>. */
export type PageRevision = v.InferOutput<typeof pageRevisionSchema>;

export class ChangeSequence {
  #last: number;
  readonly #inFlight = new Set<number>();

  private constructor(last: number) {
    this.#last = last;
  }

  static async open(kv: KeyValue): Promise<ChangeSequence> {
    for await (const [key] of kv.range({ ...ALL_CHANGES, reverse: true, limit: 1 })) {
      return new ChangeSequence(changeSeqOf(key));
    }
    return new ChangeSequence(0);
  }

  take(): number {
    this.#last += 1;
    this.#inFlight.add(this.#last);
    return this.#last;
  }

  /** Its commit is on disk. A failed one may be there or not, so it never settles and cursors stay below it. */
  settle(seq: number): void {
    this.#inFlight.delete(seq);
  }

  /** Whoever has all changes up to here misses none. */
  get cursor(): number {
    return this.#inFlight.size === 0 ? this.#last : Math.min(...this.#inFlight) - 1;
  }
}
