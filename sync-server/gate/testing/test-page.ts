// A page with its gate, an id index as the rooms would keep it, and a stock Y.Doc that is told all that the gate lets
// out: whatever a test sends in, that document must take it without anything left pending.

import assert from 'node:assert/strict';
import * as Y from 'yjs';
import { ARRIVALS_ROOT, MESSAGES_ROOT, type Arrival } from '#protocol/arrival.ts';
import { isKnown, type Entry } from '#protocol/entry.ts';
import type { DeviceId, EntryId, UserId } from '#protocol/ids.ts';
import type {
  AcceptedEntry,
  GateContext,
  GateOutcome,
  IndexedEntry,
  PageGate,
  PageGateState
} from '../gate-contract.ts';
import { createPageGate } from '../page-gate.ts';
import { emptyPage } from '../page-gate-state.ts';
import type { DeviceKey } from '../signature-check.ts';

export const ROOM = 'R'.repeat(22);
export const NOW = 1_750_000_000_000;
/** Client ids of the server, with the mark that the rooms give theirs. */
export const SERVER_MESSAGES = 0x1d5a37 * 2 ** 32 + 1;
export const SERVER_ARRIVALS = 0x1d5a37 * 2 ** 32 + 2;

/** A user id that is readable in a failing test. */
export const userId = (name: string): UserId => `u${name.padEnd(22, '_')}`;

export type Checked = Extract<GateOutcome, { kind: 'checked' }>;

export class TestPage {
  gate: PageGate;
  readonly reader = new Y.Doc();
  readonly index = new Map<EntryId, IndexedEntry>();
  readonly devices = new Map<DeviceId, DeviceKey>();
  /** Ids in arrival order. */
  readonly arrived: EntryId[] = [];
  #n = 0;
  #arrivalsClient = SERVER_ARRIVALS;

  constructor(state: PageGateState = emptyPage({ room: ROOM, page: 0 }, null)) {
    this.gate = createPageGate(state);
  }

  context(sender: UserId, nowMs: number = NOW): GateContext {
    const indexed = (id: EntryId): IndexedEntry | null => this.index.get(id) ?? null;
    return {
      sender,
      nowMs,
      indexed,
      admits: () => null,
      mustSign: false,
      deviceKey: (id) => this.devices.get(id) ?? null
    };
  }

  /** Takes an update as the rooms would, and lets the reader have what came of it. The input's bytes are wiped after. */
  receive(update: Uint8Array, sender: UserId, nowMs: number = NOW, more: Partial<GateContext> = {}): GateOutcome {
    const bytes = update.slice();
    const named = new Set(this.gate.idsOf(bytes));
    const asked: EntryId[] = [];
    const indexed = (id: EntryId): IndexedEntry | null => {
      asked.push(id);
      return this.index.get(id) ?? null;
    };
    const outcome = this.gate.receive(bytes, { ...this.context(sender, nowMs), indexed, ...more });
    assert.deepEqual(
      asked.filter((id) => !named.has(id)),
      [],
      'the index is asked only for ids that idsOf named'
    );
    bytes.fill(0xff);
    if (outcome.kind === 'checked') this.#commit(outcome);
    return outcome;
  }

  /** The server starts again: it has what was stored, and other client ids for what it writes. */
  restart(stored: PageGateState): void {
    this.gate = createPageGate(stored);
    this.#arrivalsClient += 1_000;
  }

  arrivedInReader(): unknown[] {
    return arrivalsOf(this.reader).map((arrival) => (arrival as Arrival).id);
  }

  append(
    entries: readonly Entry[],
    clientId: number = SERVER_MESSAGES
  ): { update: Uint8Array; accepted: AcceptedEntry[] } {
    const appended = this.gate.appendEntries(clientId, entries);
    this.#commit({ ...appended, kind: 'checked', refused: [], known: [], gap: false });
    return appended;
  }

  seal(next: number): Uint8Array {
    const update = this.gate.appendArrivals(this.#arrivalsClient, [{ sealed: next }]);
    this.#tell(update);
    return update;
  }

  #commit({ update, accepted }: Checked): void {
    if (!update) return;
    for (const { entry, hash } of accepted) {
      assert.ok(!this.index.has(entry.id), `${entry.id} is accepted once`);
      this.index.set(entry.id, { id: entry.id, author: entry.author, type: entry.type, page: 0, hash });
      this.arrived.push(entry.id);
    }
    this.#tell(update);
    if (accepted.length > 0) this.#tell(this.gate.appendArrivals(this.#arrivalsClient, accepted.map(this.#arrivalOf)));
    for (const { entry } of accepted) if (isKnown(entry) && entry.type === 'redaction') this.#erase(entry.target);
  }

  /** As the rooms do: an update that only deletes. */
  #erase(target: EntryId): void {
    this.index.set(target, { ...this.index.get(target)!, redacted: true });
    this.erased.add(target);
    const messages = messagesOf(this.reader);
    const at = messages.toArray().findIndex((value) => (value as Entry).id === target);
    assert.ok(at >= 0, 'what is erased was there');
    const before = Y.encodeStateVector(this.reader);
    messages.delete(at, 1);
    this.#tell(Y.encodeStateAsUpdate(this.reader, before));
  }

  /** Ids of entries whose content was erased. */
  readonly erased = new Set<EntryId>();
  readonly #arrivalOf = ({ entry }: AcceptedEntry): Arrival => ({ id: entry.id, at: NOW, n: ++this.#n });

  /** What the rooms send to every replica. */
  onUpdate: (update: Uint8Array) => void = () => {};

  #tell(update: Uint8Array): void {
    Y.applyUpdate(this.reader, update);
    assert.equal(pendingIn(this.reader), null, 'the reader has all that the update stands on');
    assert.deepEqual(stateVectorOf(this.reader), sorted(this.gate.snapshot().stateVector));
    this.onUpdate(update);
  }
}

/** What a document could not integrate, or null. */
export function pendingIn(doc: Y.Doc): unknown {
  return doc.store.pendingStructs ?? doc.store.pendingDs;
}

export const stateVectorOf = (doc: Y.Doc): [number, number][] => sorted(Y.decodeStateVector(Y.encodeStateVector(doc)));

export const sorted = (stateVector: ReadonlyMap<number, number>): [number, number][] =>
  [...stateVector].sort(([a], [b]) => a - b);

export const messagesOf = (doc: Y.Doc): Y.Array<unknown> => doc.getArray(MESSAGES_ROOT);
export const arrivalsOf = (doc: Y.Doc): Y.Array<unknown> => doc.getArray(ARRIVALS_ROOT);

/** Every element of a root array with its id, tombstones included, in document order. */
export function elementsOf(array: Y.Array<unknown>): string[] {
  const elements: string[] = [];
  for (let at = array._start; at !== null; at = at.right) {
    for (let i = 0; i < at.length; i++)
      elements.push(`${at.id.client}:${at.id.clock + i}${at.deleted ? ' deleted' : ''}`);
  }
  return elements;
}
