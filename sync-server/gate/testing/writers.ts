// A page, and people with documents of their own, who write into it as stock clients do and hear all that it lets out.

import { expect } from 'vitest';
import * as Y from 'yjs';
import type { RefusalCode } from '#protocol/refusal-codes.ts';
import { created } from './entries.ts';
import {
  arrivalsOf,
  elementsOf,
  messagesOf,
  pendingIn,
  stateVectorOf,
  TestPage,
  userId,
  type Checked
} from './test-page.ts';
import { values, wireUpdate } from './wire.ts';

export const ANN = userId('ann');
export const BEN = userId('ben');

export const ids = ({ accepted }: Checked): string[] => accepted.map(({ entry }) => entry.id);
export const codes = ({ refused }: Checked): [string | null, RefusalCode][] =>
  refused.map(({ id, code }) => [id, code]);

export function setupWriters() {
  const page = new TestPage();

  /** A person's document, which hears all that the page lets out. */
  function writer(user: string) {
    const doc = new Y.Doc();
    const earlier = page.onUpdate;
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(page.reader));
    page.onUpdate = (update) => {
      earlier(update);
      Y.applyUpdate(doc, update);
    };
    return {
      doc,
      push: (...entries: unknown[]) => doc.transact(() => entries.forEach((entry) => messagesOf(doc).push([entry]))),
      /** All that the page has not got. */
      send(nowMs?: number): Checked {
        const stateVector = Y.encodeStateVector(new Map(page.gate.snapshot().stateVector));
        const outcome = page.receive(Y.encodeStateAsUpdate(doc, stateVector), user, nowMs);
        if (outcome.kind !== 'checked') throw new Error(JSON.stringify(outcome));
        return outcome;
      }
    };
  }

  function openRoom(more: object = {}): ReturnType<typeof writer> {
    const ann = writer(ANN);
    ann.push(created(ANN, more));
    expect(ids(ann.send())).toEqual(['created-the-room']);
    return ann;
  }

  /** The room, written by Ann under a client id that no document of hers hears of. @returns the client id */
  function openRoomByHand(): number {
    const client = 7;
    page.receive(wireUpdate([{ client, clock: 0, structs: [values({}, created(ANN))] }]), ANN);
    return client;
  }

  function expectAllAlike(...docs: Y.Doc[]): void {
    for (const doc of docs) {
      expect(pendingIn(doc)).toBeNull();
      expect(messagesOf(doc).toJSON()).toEqual(messagesOf(page.reader).toJSON());
      expect(elementsOf(messagesOf(doc))).toEqual(elementsOf(messagesOf(page.reader)));
      expect(elementsOf(arrivalsOf(doc))).toEqual(elementsOf(arrivalsOf(page.reader)));
      expect(stateVectorOf(doc)).toEqual(stateVectorOf(page.reader));
    }
  }

  return { page, writer, openRoom, openRoomByHand, expectAllAlike };
}
