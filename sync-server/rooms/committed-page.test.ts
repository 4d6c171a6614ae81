import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as Y from 'yjs';
import { runs } from '../../tests/property-runs.ts';
import { StoreError } from '../store/key-value.ts';
import { CommittedPage, decodeBase, encodeBase } from './committed-page.ts';
import { mergeInSteps } from './merge-updates.ts';
import { decodePageRecord, encodePageRecord } from './page-record.ts';

/** Updates of several clients that know each other's, in the order they were made. */
function updatesOf(pushes: readonly number[]): { doc: Y.Doc; updates: Uint8Array[] } {
  const docs = [new Y.Doc(), new Y.Doc(), new Y.Doc()];
  const whole = new Y.Doc();
  const updates: Uint8Array[] = [];
  for (const [index, who] of pushes.entries()) {
    const doc = docs[who]!;
    if (index % 3 === 0) Y.applyUpdate(doc, Y.encodeStateAsUpdate(whole));
    const before = Y.encodeStateVector(doc);
    doc.getArray('messages').push([{ index }]);
    const update = Y.encodeStateAsUpdate(doc, before);
    updates.push(update);
    Y.applyUpdate(whole, update);
  }
  return { doc: whole, updates };
}

test('whoever syncs from a page gets what is missing, wherever its base ends and whatever they have', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(2), { minLength: 1, maxLength: 150 }),
      fc.nat(100),
      fc.nat(100),
      (pushes, baseShare, knownShare) => {
        const { doc, updates } = updatesOf(pushes);
        const baseEnd = Math.floor((updates.length * baseShare) / 101);
        const known = Math.floor((updates.length * knownShare) / 101);
        const base = baseEnd === 0 ? null : mergeInSteps(updates.slice(0, baseEnd));
        const page = new CommittedPage(base, [], new Map());
        for (const update of updates.slice(baseEnd)) page.apply(update, Y.decodeStateVector(Y.encodeStateVector(doc)));
        const reader = new Y.Doc();
        for (const update of updates.slice(0, known)) Y.applyUpdate(reader, update);
        Y.applyUpdate(reader, page.beyond(Y.encodeStateVector(reader)));
        expect(reader.getArray('messages').toJSON()).toEqual(doc.getArray('messages').toJSON());
        expect(Y.decodeStateVector(page.encodedStateVector())).toEqual(
          Y.decodeStateVector(Y.encodeStateVector(reader))
        );
      }
    ),
    runs(100)
  );
});

test('a base is due again once the log has grown, and not before', () => {
  const { updates } = updatesOf(Array.from({ length: 200 }, (_, index) => index % 3));
  const page = new CommittedPage(null, [], new Map());
  expect(page.rebaseDue).toBe(false);
  for (const update of updates.slice(0, 63)) page.apply(update, new Map());
  expect(page.rebaseDue).toBe(false);
  page.apply(updates[63]!, new Map());
  expect(page.rebaseDue).toBe(true);
  page.rebased();
  expect(page.rebaseDue).toBe(false);
});

test('a heavy base is due again, too, before the log has grown without end', () => {
  const heavy = new Y.Doc();
  heavy.getArray('messages').push([{ body: 'x'.repeat(400_000) }]);
  const page = new CommittedPage(Y.encodeStateAsUpdate(heavy), [], new Map());
  const { updates } = updatesOf(Array.from({ length: 512 }, (_, index) => index % 3));
  const last = updates.pop()!;
  for (const update of updates) page.apply(update, new Map());
  expect(page.rebaseDue).toBe(false);
  page.apply(last, new Map());
  expect(page.rebaseDue).toBe(true);
});

test('bases and records are read as they were written; anything else is corrupt', () => {
  const update = Uint8Array.of(1, 2, 3);
  expect(decodeBase(encodeBase({ from: 300, update }))).toEqual({ from: 300, update });
  const updates = [
    { page: 0, update },
    { page: 1_000, update: new Uint8Array(0) }
  ];
  expect(decodePageRecord(encodePageRecord(updates))).toEqual(updates);
  for (const bytes of [new Uint8Array(0), Uint8Array.of(9, 9, 9), Uint8Array.of(1, 1)]) {
    expect(() => decodePageRecord(bytes)).toThrow(StoreError);
  }
  expect(() => decodeBase(new Uint8Array(0))).toThrow(StoreError);
});
