// What the fault tests share: a paced stream of messages, and the check on the order of what was acknowledged.

import { expect } from 'vitest';

/** Calls `say` so many times a second until stopped; it resends nothing by itself. */
export function pace(perSecond: number, say: (index: number) => string) {
  const ids: string[] = [];
  const startedAt = performance.now();
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - startedAt) / 1_000) * perSecond);
    while (ids.length < due) ids.push(say(ids.length));
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
