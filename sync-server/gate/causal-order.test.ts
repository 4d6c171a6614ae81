import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { causalOrder } from './causal-order.ts';
import type { Id, NewItem, NewSection } from './update-decoder.ts';

const element = (sentAt: number) => ({ ok: true, value: { sentAt }, encoded: new Uint8Array(0) }) as const;
const item = (client: number, clock: number, origin: Id | null, sentAt = 0): NewItem => ({
  client,
  clock,
  origin,
  root: null,
  elements: [element(sentAt)]
});
const section = (items: NewItem[], gapAt?: number): NewSection => ({
  client: items[0]!.client,
  items,
  reachable: gapAt ?? items.length,
  gap: gapAt !== undefined,
  flaw: null
});
const nothingKnown = () => 0;
const names = (sections: NewSection[], known: (client: number) => number = nothingKnown) => {
  const order = causalOrder(sections, known);
  return order.ok ? { order: order.items.map((it) => `${it.client}:${it.clock}`), gap: order.gap } : order.reason;
};

describe('[GATE-8] arrival order within an update', () => {
  it('[GATE-8] one client id: its own order, whatever its clocks say', () => {
    expect(names([section([item(7, 0, null, 900), item(7, 1, null, 100), item(7, 2, null, 500)])])).toEqual({
      order: ['7:0', '7:1', '7:2'],
      gap: false
    });
  });

  it('[GATE-8] several client ids: as they were written, then by client id', () => {
    const sections = [
      section([item(9, 0, null, 200), item(9, 1, null, 300)]),
      section([item(8, 0, null, 250)]),
      section([item(7, 0, null, 200)])
    ];
    expect(names(sections)).toEqual({ order: ['7:0', '9:0', '8:0', '9:1'], gap: false });
  });

  it('[GATE-8] an item comes after its origin, even if it says it was written before', () => {
    const sections = [section([item(9, 0, { client: 7, clock: 0 }, 1)]), section([item(7, 0, null, 500)])];
    expect(names(sections)).toEqual({ order: ['7:0', '9:0'], gap: false });
  });
});

describe('[GATE-5] what is out of reach', () => {
  it('[GATE-5] behind a gap nothing is taken, nor what stands on it; the rest is', () => {
    const sections = [
      section([item(9, 0, null), item(9, 5, null)], 1),
      section([item(8, 0, { client: 9, clock: 5 }), item(8, 1, null)]),
      section([item(7, 0, { client: 9, clock: 0 })])
    ];
    expect(names(sections)).toEqual({ order: ['9:0', '7:0'], gap: true });
  });

  it('[GATE-5] a known origin is within reach, one clock more is not', () => {
    const known = (client: number) => (client === 3 ? 10 : 0);
    expect(names([section([item(7, 0, { client: 3, clock: 9 })])], known)).toEqual({ order: ['7:0'], gap: false });
    expect(names([section([item(7, 0, { client: 3, clock: 10 })])], known)).toEqual({ order: [], gap: true });
  });

  it('[GATE-5] a circle is told from a gap', () => {
    const circle = [section([item(9, 0, { client: 8, clock: 0 })]), section([item(8, 0, { client: 9, clock: 0 })])];
    expect(names(circle)).toBe('origins go in a circle');
    const behindGap = [
      section([item(9, 0, { client: 8, clock: 0 })], 0),
      section([item(8, 0, { client: 9, clock: 0 })])
    ];
    expect(names(behindGap)).toEqual({ order: [], gap: true });
  });

  it('[GATE-5] each item comes after what it stands on, for any web of origins', () => {
    const web = fc.array(fc.record({ client: fc.integer({ min: 1, max: 5 }), back: fc.nat(), sentAt: fc.nat(50) }), {
      maxLength: 60
    });
    fc.assert(
      fc.property(web, (links) => {
        const written: Id[] = [];
        const sections = new Map<number, NewItem[]>();
        for (const { client, back, sentAt } of links) {
          const items = sections.get(client) ?? [];
          sections.set(client, items);
          const origin = written.length === 0 ? null : written[back % written.length]!;
          items.push(item(client, items.length, origin, sentAt));
          written.push({ client, clock: items.length - 1 });
        }
        const order = causalOrder(
          [...sections.values()].map((items) => section(items)),
          nothingKnown
        );
        if (!order.ok) throw new Error(order.reason);
        expect(order.items).toHaveLength(links.length);
        const clocks = new Map<number, number>();
        for (const { client, clock, origin } of order.items) {
          expect(clock).toBe(clocks.get(client) ?? 0);
          if (origin) expect(origin.clock).toBeLessThan(clocks.get(origin.client) ?? 0);
          clocks.set(client, clock + 1);
        }
      })
    );
  });
});

describe('[GATE-5] work', () => {
  /** How often the items of an update are looked at until it is in order. */
  function looksAt(build: (watch: (it: NewItem) => NewItem) => NewSection[]): number {
    let looks = 0;
    const watch = (it: NewItem): NewItem =>
      new Proxy(it, { get: (target, key) => (looks++, target[key as keyof NewItem]) });
    const sections = build(watch);
    looks = 0;
    causalOrder(sections, nothingKnown);
    return looks;
  }
  /** n client ids that wait for one far clock of another, which comes step by step: naive waiting looks n² times. */
  const waiters = (n: number) => (watch: (it: NewItem) => NewItem) => [
    section(Array.from({ length: n }, (_, clock) => watch(item(1, clock, null)))),
    ...Array.from({ length: n }, (_, i) => section([watch(item(i + 2, 0, { client: 1, clock: n - 1 }))]))
  ];
  /** Each client id waits for the one before. */
  const chain = (n: number) => (watch: (it: NewItem) => NewItem) =>
    Array.from({ length: n }, (_, i) => section([watch(item(n - i, 0, { client: n - i + 1, clock: 0 }))]));
  const orphans = (n: number) => (watch: (it: NewItem) => NewItem) =>
    Array.from({ length: n }, (_, i) => section([watch(item(n - i, 0, { client: 2 * n + i, clock: 3 }))]));

  it.each([
    ['waiters', waiters],
    ['chain', chain],
    ['orphans', orphans]
  ])('[GATE-5] twice the %s cost about twice the work', (_name, build) => {
    const looks = looksAt(build(2_000));
    expect(looks).toBeGreaterThan(2_000);
    expect(looksAt(build(4_000))).toBeLessThan(2.5 * looks);
  });
});
