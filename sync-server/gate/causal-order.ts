// Puts the new items of an update into the order in which the page takes them: after what stands before them under
// their client id and after their origin; among those ready, by the sender's clock, then client id, then clock. So a
// client's items always arrive in its own order, and items of two client ids as their author wrote them.
// Each item is looked at once: the cost is n log n, whatever an update claims to depend on.

import type { Id, NewItem, NewSection } from './update-decoder.ts';
import { PriorityQueue } from './priority-queue.ts';

export type CausalOrder =
  | { readonly ok: true; readonly items: readonly NewItem[]; readonly gap: boolean }
  | { readonly ok: false; readonly reason: string };

interface Node {
  readonly item: NewItem;
  readonly sentAt: number;
  /** How many items of this update must be taken first. */
  waitsFor: number;
  readonly dependents: Node[];
}

/**
 * @param known the page's next clock of a client id
 */
export function causalOrder(sections: readonly NewSection[], known: (client: number) => number): CausalOrder {
  const nodes = new Map<number, Node[]>();
  for (const { client, items } of sections) nodes.set(client, items.map(nodeOf));
  const unreachable: Node[] = [];
  let total = 0;
  for (const section of sections) {
    const own = nodes.get(section.client)!;
    total += own.length;
    for (const [index, node] of own.entries()) {
      const before = own[index - 1];
      if (before) follow(node, before);
      if (index === section.reachable) unreachable.push(node);
      const origin = node.item.origin;
      if (!origin || origin.clock < known(origin.client)) continue;
      if (origin.client === node.item.client && origin.clock >= node.item.clock)
        return { ok: false, reason: 'an origin lies in its own future' };
      const target = nodeAt(nodes.get(origin.client), origin);
      if (target) follow(node, target);
      else unreachable.push(node);
    }
  }
  const lost = reachedFrom(unreachable);
  const items = inOrder(nodes, lost);
  // Whatever is neither in order nor behind a gap waits for itself.
  if (items.length + lost.size < total) return { ok: false, reason: 'origins go in a circle' };
  return { ok: true, items, gap: lost.size > 0 || sections.some((section) => section.gap) };
}

function nodeOf(item: NewItem): Node {
  return { item, sentAt: sentAtOf(item), waitsFor: 0, dependents: [] };
}

/** The sender's clock as far as it can be read; what has none will be refused and goes first. */
function sentAtOf(item: NewItem): number {
  const element = item.elements[0];
  if (!element?.ok || element.value === null || typeof element.value !== 'object') return 0;
  const sentAt = (element.value as { sentAt?: unknown }).sentAt;
  return typeof sentAt === 'number' && Number.isFinite(sentAt) ? sentAt : 0;
}

function follow(node: Node, before: Node): void {
  node.waitsFor += 1;
  before.dependents.push(node);
}

/** The node whose item holds the id; nodes are in clock order. */
function nodeAt(nodes: readonly Node[] | undefined, id: Id): Node | null {
  if (!nodes) return null;
  let low = 0;
  let high = nodes.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const node = nodes[middle]!;
    if (id.clock < node.item.clock) high = middle - 1;
    else if (id.clock >= node.item.clock + node.item.elements.length) low = middle + 1;
    else return node;
  }
  return null;
}

function reachedFrom(starts: readonly Node[]): Set<Node> {
  const reached = new Set(starts);
  // A set yields what is added while it is walked.
  for (const node of reached) for (const dependent of node.dependents) reached.add(dependent);
  return reached;
}

function inOrder(nodes: ReadonlyMap<number, readonly Node[]>, lost: ReadonlySet<Node>): NewItem[] {
  const ready = new PriorityQueue<Node>(
    (a, b) => a.sentAt - b.sentAt || a.item.client - b.item.client || a.item.clock - b.item.clock
  );
  for (const own of nodes.values()) for (const node of own) if (node.waitsFor === 0 && !lost.has(node)) ready.add(node);
  const items: NewItem[] = [];
  for (let node = ready.take(); node; node = ready.take()) {
    items.push(node.item);
    for (const dependent of node.dependents) {
      dependent.waitsFor -= 1;
      if (dependent.waitsFor === 0 && !lost.has(dependent)) ready.add(dependent);
    }
  }
  return items;
}
