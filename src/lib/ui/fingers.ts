// The fingers that lie on something, or the pointers that are pressed there: one drags, two pinch.

export interface Spot {
  readonly x: number;
  readonly y: number;
}

export class Fingers {
  readonly #spots = new Map<number, Spot>();
  #most = 0;

  get count(): number {
    return this.#spots.size;
  }

  /** How far two of them are apart, in pixels; 0 for one alone. */
  get apart(): number {
    const [a, b] = [...this.#spots.values()];
    return a && b ? Math.hypot(a.x - b.x, a.y - b.y) : 0;
  }

  /** No other one has lain here since this one does: who has pinched does not swipe with what they lift last. */
  get alone(): boolean {
    return this.count === 1 && this.#most === 1;
  }

  put({ pointerId, clientX: x, clientY: y }: PointerEvent): void {
    if (this.count === 0) this.#most = 0;
    this.#spots.set(pointerId, { x, y });
    this.#most = Math.max(this.#most, this.count);
  }

  /** @returns where it was before; undefined for one that does not lie here, which stays out */
  move(event: PointerEvent): Spot | undefined {
    const before = this.#spots.get(event.pointerId);
    if (before) this.put(event);
    return before;
  }

  /** @returns false for one that did not lie here */
  lift({ pointerId }: PointerEvent): boolean {
    return this.#spots.delete(pointerId);
  }
}
