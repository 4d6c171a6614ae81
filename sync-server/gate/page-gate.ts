// The gate of one live page (DESIGN §4): what members and the server write goes through here, and nothing else does.
//   receive: decode, strictly → owner of each client id → shape of each item → causal order: all or nothing so far;
//   then element by element: entry, tombstone, or, once the page is full, nothing more → one canonical update.
// It holds no Y.Doc, and what it returns is written by us: bytes of others are never passed on.

import assert from 'node:assert/strict';
import { isSeal, MESSAGES_ROOT, parseArrival, type Arrival, type Seal } from '#protocol/arrival.ts';
import { effectTarget, type Entry } from '#protocol/entry.ts';
import { parseEntry } from '#protocol/parse-entry.ts';
import { isBlobHash, isUserId, type BlobHash, type EntryId, type UserId } from '#protocol/ids.ts';
import { ATTACHMENTS_MAX } from '#protocol/limits.ts';
import { causalOrder } from './causal-order.ts';
import { checkElement, type Verdict } from './element-check.ts';
import { encodeAny, idOf, type Element } from './element.ts';
import { entryHash } from './entry-hash.ts';
import type {
  AcceptedEntry,
  GateContext,
  GateOutcome,
  IndexedEntry,
  PageGate,
  PageGateState,
  PageGateView,
  RefusedEntry
} from './gate-contract.ts';
import { LivePage } from './live-page.ts';
import { decodeUpdate, type Id, type NewItem, type NewSection, type ReadElements } from './update-decoder.ts';

/** One update's signatures that do not fit, beyond which the rest is not looked at: 20,000 would take seconds. */
const FALSE_SIGNATURES_MAX = 32;

export function createPageGate(state: PageGateState): PageGate {
  return new StagedPageGate(state);
}

class StagedPageGate implements PageGate {
  readonly #page: LivePage;
  /** Of updates whose ids were asked for and that were not received yet. */
  readonly #read = new WeakMap<Uint8Array, ReadElements>();

  constructor(state: PageGateState) {
    this.#page = new LivePage(state);
  }

  snapshot(): PageGateView {
    return this.#page.view();
  }

  bind(clientId: number, user: UserId): boolean {
    return this.#page.bind(clientId, user);
  }

  idsOf(update: Uint8Array): readonly EntryId[] {
    const read: ReadElements = new Map();
    this.#read.set(update, read);
    const decoded = decodeUpdate(update, this.#known, read);
    if (!decoded.ok) return [];
    const ids = new Set<EntryId>();
    for (const { items } of decoded.sections) {
      for (const { elements } of items) for (const element of elements) addIds(ids, element);
    }
    return [...ids];
  }

  blobsOf(update: Uint8Array): readonly { readonly author: UserId; readonly hash: BlobHash }[] {
    const named: { author: UserId; hash: BlobHash }[] = [];
    for (const element of this.#read.get(update)?.values() ?? []) {
      const isObject = element.ok && typeof element.value === 'object' && element.value !== null;
      // Nearly none has any, and there may be 20,000.
      if (isObject && 'attachments' in element.value) named.push(...blobsIn(element.value));
    }
    return named;
  }

  receive(update: Uint8Array, context: GateContext): GateOutcome {
    const decoded = decodeUpdate(update, this.#known, this.#read.get(update));
    this.#read.delete(update);
    if (!decoded.ok) return { kind: 'malformed', reason: decoded.reason };

    const foreign = decoded.sections.find(
      (section) => bringsStructs(section) && !this.#page.mayWrite(section.client, context.sender)
    );
    if (foreign) return { kind: 'foreign-client', clientId: foreign.client };

    for (const section of decoded.sections) {
      const flaw = section.flaw ?? this.#flawIn(section.items);
      if (flaw !== null) return { kind: 'malformed', reason: flaw };
    }
    const order = causalOrder(decoded.sections, this.#known);
    if (!order.ok) return { kind: 'malformed', reason: order.reason };

    const taken = this.#take(order.items, context);
    return { kind: 'checked', update: this.#page.finishUpdate(), ...taken, gap: order.gap };
  }

  appendEntries(clientId: number, entries: readonly Entry[]): { update: Uint8Array; accepted: AcceptedEntry[] } {
    assert.ok(!this.#page.sealed, 'a sealed page takes no entries');
    assert.ok(entries.length > 0, 'nothing to append');
    const accepted: AcceptedEntry[] = [];
    for (const entry of entries) {
      if (accepted.length > 0 && this.#page.full) break;
      assert.ok(parseEntry(entry).ok, `the server writes an entry that is none: ${entry.id}`);
      this.#page.appendEntry(clientId, entry, encodeAny(entry));
      accepted.push({ entry, hash: entryHash(entry) });
    }
    const update = this.#page.finishUpdate();
    assert.ok(update);
    return { update, accepted };
  }

  appendArrivals(clientId: number, arrivals: readonly (Arrival | Seal)[]): Uint8Array {
    assert.ok(arrivals.length > 0, 'nothing to append');
    for (const arrival of arrivals) {
      assert.ok(!this.#page.sealed, 'nothing follows the seal');
      assert.ok(parseArrival(arrival), 'the server writes an arrival that is none');
      this.#page.appendArrival(clientId, encodeAny(arrival));
      if (isSeal(arrival)) this.#page.seal(arrival.sealed);
    }
    const update = this.#page.finishUpdate();
    assert.ok(update);
    return update;
  }

  readonly #known = (client: number): number => this.#page.nextClock(client);

  /** An origin under the arrivals would put the item among them: a forged acknowledgement. */
  #flawIn(items: readonly NewItem[]): string | null {
    for (const { origin, root } of items) {
      if (!origin && root !== MESSAGES_ROOT) return 'an item is not under messages';
      if (origin && this.#page.isArrival(origin)) return 'an origin is an arrival';
    }
    return null;
  }

  #take(items: readonly NewItem[], context: GateContext): Taken {
    const taken: Taken = { accepted: [], refused: [], known: [] };
    const { sender, nowMs, mustSign } = context;
    let falseSignatures = 0;
    const inThisUpdate = new Map<EntryId, IndexedEntry>();
    const indexed = (id: EntryId): IndexedEntry | null => inThisUpdate.get(id) ?? context.indexed(id);
    for (const item of items) {
      for (const [index, element] of item.elements.entries()) {
        if (this.#page.sealed || this.#page.full) {
          taken.refused.push(sealedRefusal(element));
          continue;
        }
        const verdict = checkElement(element, {
          ...{ sender, nowMs, mustSign, indexed },
          roomId: this.#page.roomId,
          room: this.#page.room,
          deviceKey: (id) => context.deviceKey(id),
          admits: (entry, room) => context.admits(entry, room),
          mayVerify: () => falseSignatures < FALSE_SIGNATURES_MAX,
          falseSignature: () => void (falseSignatures += 1)
        });
        this.#takeElement(idAt(item, index), originAt(item, index), verdict, sender);
        if (verdict.kind === 'known') taken.known.push(verdict.id);
        else if (verdict.kind === 'refused') taken.refused.push(verdict.refused);
        else {
          const { entry, hash } = verdict;
          taken.accepted.push({ entry, hash });
          const { id, author, type } = entry;
          inThisUpdate.set(id, { id, author, type, page: this.#page.page, hash });
          // A second redaction in the same update finds nothing to take away.
          const target = type === 'redaction' ? indexed(effectTarget(entry)!) : null;
          if (target) inThisUpdate.set(target.id, { ...target, redacted: true });
        }
      }
    }
    return taken;
  }

  /** A known entry stays where it is, so a second element of it is a tombstone like a refused one. */
  #takeElement(id: Id, origin: Id | null, verdict: Verdict, sender: UserId): void {
    if (verdict.kind === 'accepted') this.#page.takeEntry(sender, id, origin, verdict.entry, verdict.encoded);
    else this.#page.takeTombstone(sender, id, origin);
  }
}

/** A section may be nothing but a gap. */
const bringsStructs = ({ items, flaw }: NewSection): boolean => items.length > 0 || flaw !== null;

const idAt = (item: NewItem, index: number): Id => ({ client: item.client, clock: item.clock + index });

/** Each element after an item's first stands right of the one before it. */
const originAt = (item: NewItem, index: number): Id | null => (index === 0 ? item.origin : idAt(item, index - 1));

interface Taken {
  readonly accepted: AcceptedEntry[];
  readonly refused: RefusedEntry[];
  readonly known: EntryId[];
}

function sealedRefusal(element: Element): RefusedEntry {
  const id = element.ok ? idOf(element.value) : element.id;
  return { id, code: 'sealed', detail: 'the page is full: append to the head page' };
}

function addIds(ids: Set<EntryId>, element: Element): void {
  const id = element.ok ? idOf(element.value) : null;
  if (!element.ok || id === null) return;
  ids.add(id);
  // Not parsed yet: more ids than receive will ask for do no harm, fewer would.
  const target = effectTarget(element.value as Entry);
  if (target !== null) ids.add(target);
}

/** Not parsed yet, so whatever it is is possible. */
function blobsIn(value: object): { readonly author: UserId; readonly hash: BlobHash }[] {
  const { author, attachments } = value as { author?: unknown; attachments?: unknown };
  if (!isUserId(author) || !Array.isArray(attachments)) return [];
  const named = attachments.slice(0, ATTACHMENTS_MAX).flatMap((one: unknown) => {
    const { hash, thumbnail } = (one ?? {}) as { hash?: unknown; thumbnail?: unknown };
    return [hash, ((thumbnail ?? {}) as { hash?: unknown }).hash];
  });
  return named.filter(isBlobHash).map((hash) => ({ author, hash }));
}
