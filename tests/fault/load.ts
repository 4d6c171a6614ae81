// What the fault tests share: a paced stream of messages, and the check on the order of what was acknowledged.

import { expect } from 'vitest';

/** Beyond that a machine cannot keep up, and would fall behind further at each kill. */
const WAITING_MAX = 2_000;

/**
 * Calls `say` so many times a second until stopped; it resends nothing by itself.
 * @param waiting how many have no arrival yet
 */
export function pace(perSecond: number, say: (index: number) => string, waiting: () => number = () => 0) {
  const ids: string[] = [];
  let lookedAt = performance.now();
  let due = 0;
  const timer = setInterval(() => {
    const at = performance.now();
    due = waiting() > WAITING_MAX ? 0 : due + ((at - lookedAt) / 1_000) * perSecond;
    lookedAt = at;
    for (; due >= 1; due -= 1) ids.push(say(ids.length));
  }, 5);
  const stop = () => clearInterval(timer);
  return { stop, sent: () => ids, [Symbol.dispose]: stop };
}

/** What was seen in order must stand in that order. */
export function assertSameOrder(seen: readonly { readonly id: string }[], order: readonly string[]): void {
  const place = new Map(order.map((id, index) => [id, index]));
  let last = -1;
  const once = new Set<string>();
  for (const { id } of seen) {
    if (once.has(id)) continue;
    once.add(id);
    const at = place.get(id)!;
    expect(at, `${id} moved`).toBeGreaterThan(last);
    last = at;
  }
}
