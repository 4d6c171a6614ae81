// A page with a message by Ann, and Mallory, who writes updates by hand: whatever they send, Ann’s document and the page
// must go on as if nothing had come.

import { expect } from 'vitest';
import * as Y from 'yjs';
import { created, message } from './entries.ts';
import { arrivalsOf, messagesOf, TestPage, userId } from './test-page.ts';
import { wireUpdate, type WireHead, type WireStruct } from './wire.ts';

export const ANN = userId('ann');
export const MALLORY = userId('mallory');
/** Mallory's client id. */
export const MAL = 666;

export type AttackedPage = ReturnType<typeof setupAttackedPage>;

/** A room with one message, written by Ann, whose document goes on. */
export function setupAttackedPage() {
  const page = new TestPage();
  const ann = new Y.Doc();
  page.onUpdate = (update) => Y.applyUpdate(ann, update);
  messagesOf(ann).push([created(ANN)]);
  messagesOf(ann).push([message('first', ANN)]);
  expect(page.receive(Y.encodeStateAsUpdate(ann), ANN)).toMatchObject({ kind: 'checked', refused: [], gap: false });
  const last = { client: ann.clientID, clock: 1 };
  const after = (): WireHead => ({ origin: last });

  /** Nothing of it is in the page, and Ann goes on writing into the same document as everybody else. */
  function expectUnharmed(): void {
    const before = Y.encodeStateVector(ann);
    messagesOf(ann).push([message('goes-on', ANN)]);
    const outcome = page.receive(Y.encodeStateAsUpdate(ann, before), ANN);
    expect(outcome).toMatchObject({ kind: 'checked', refused: [], gap: false });
    expect(messagesOf(page.reader).toJSON()).toEqual(messagesOf(ann).toJSON());
    expect(messagesOf(page.reader).toJSON()).toEqual([created(ANN), message('first', ANN), message('goes-on', ANN)]);
    expect(arrivalsOf(page.reader).toArray()).toHaveLength(3);
    expect(page.arrived).toEqual(['created-the-room', 'first___', 'goes-on_']);
  }

  function expectMalformed(update: Uint8Array, reason: RegExp): void {
    const before = page.gate.snapshot();
    expect(page.gate.receive(update, page.context(MALLORY))).toEqual({
      kind: 'malformed',
      reason: expect.stringMatching(reason) as string
    });
    expect(page.gate.snapshot()).toEqual(before);
    expectUnharmed();
  }

  return { page, ann, last, after, expectUnharmed, expectMalformed };
}

export const fromMallory = (...structs: WireStruct[]): Uint8Array => wireUpdate([{ client: MAL, clock: 0, structs }]);
