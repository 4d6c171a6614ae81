// Messages that a room's slow mode did not take yet: each waits for its turn, the oldest first, and none is lost.
// Invariant: while any waits, no other message goes out, so that they keep their order.

/** The server counts from when it took the last one, which is a little later than when it was sent. */
const MARGIN_MS = 250;

export class SlowQueue {
  readonly #waiting = new Set<string>();
  readonly #again: () => void;
  #released: string | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param again called when the next one may be tried */
  constructor(again: () => void) {
    this.#again = again;
  }

  /** @param everySeconds how far apart the room wants them */
  refused(id: string, everySeconds: number): void {
    this.#waiting.add(id);
    if (this.#released === id) this.#released = null;
    this.#timer ??= setTimeout(
      () => {
        this.#timer = undefined;
        this.#again();
      },
      Math.max(1, everySeconds) * 1_000 + MARGIN_MS
    );
  }

  /** Of messages that are due, in their order, those that may go now: all, or the first when its turn has come. */
  allowed(ids: readonly string[]): readonly string[] {
    if (this.#waiting.size === 0) return ids;
    if (this.#timer !== undefined) return [];
    this.#released ??= ids[0] ?? null;
    if (this.#released !== null) this.#waiting.add(this.#released);
    // On its way already it is not among those that are due.
    return ids.filter((id) => id === this.#released);
  }

  /** Those that were refused and are not settled. */
  get ids(): readonly string[] {
    return [...this.#waiting];
  }

  /** It was taken, has failed for good, or its author has dropped it: the next one's turn comes after the pause. */
  settled(id: string, everySeconds: number): void {
    if (!this.#waiting.delete(id)) return;
    if (this.#released === id) this.#released = null;
    if (this.#waiting.size === 0) return this.#wake();
    const [next] = this.#waiting;
    this.refused(next!, everySeconds);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #wake(): void {
    this.close();
    this.#again();
  }
}
