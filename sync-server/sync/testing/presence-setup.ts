// A page and people on it, each with an `Awareness` as a client has one; time goes by hand.

import { onTestFinished } from 'vitest';
import { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate } from 'y-protocols/awareness';
import * as Y from 'yjs';
import type { UserId } from '#protocol/ids.ts';
import { SHARES_ALL } from '#protocol/personal.ts';
import { isTyping, presentUser } from '#protocol/presence.ts';
import { HandTimers } from '../../testing/hand-timers.ts';
import { PagePresence } from '../page-presence.ts';
import type { PresenceSeat } from '../presence-seat.ts';
import { readYMessage, type AwarenessRecord } from '../y-message.ts';
import { userIdOf } from './fake-authenticator.ts';

/** What a client's `Awareness` holds and got; its state goes out through `say`. */
export interface Person {
  readonly seat: PresenceSeat;
  readonly awareness: Awareness;
  readonly received: Uint8Array[];
  readonly say: (state: Record<string, unknown> | null) => void;
  /** User ids of the states that it sees, its own not counted. */
  readonly sees: () => string[];
  /** Of those, who types. */
  readonly seesTyping: () => string[];
}

export function setupPresence() {
  const timers = new HandTimers();
  let nextId = 100;
  /** Names of those who keep back that they type. */
  const quiet = new Set<UserId>();
  const privacy = { of: (user: UserId) => ({ ...SHARES_ALL, typing: !quiet.has(user) }) };
  const page = new PagePresence(privacy, timers, () => nextId++);
  const keepBack = (name: string, kept: boolean): void => {
    if (kept) quiet.add(userIdOf(name));
    else quiet.delete(userIdOf(name));
    page.privacyChanged(userIdOf(name));
  };

  function person(name: string, stockDoc?: Y.Doc): Person {
    const received: Uint8Array[] = [];
    const doc = stockDoc ?? new Y.Doc();
    const awareness = new Awareness(doc);
    awareness.setLocalState(null);
    const send = (message: Uint8Array) => {
      received.push(message);
      for (const payload of payloads(message)) applyAwarenessUpdate(awareness, payload, 'server');
    };
    const seat = stockDoc ? page.joinStock(userIdOf(name), send) : page.join(userIdOf(name), doc.clientID, send).seat;
    if (seat.awarenessId !== null) awareness.clientID = seat.awarenessId;
    page.tell(seat);
    onTestFinished(() => awareness.destroy());
    return {
      seat,
      awareness,
      received,
      say(state) {
        awareness.setLocalState(state);
        speak(seat, recordsOf(awareness, [awareness.clientID]));
      },
      sees: () =>
        [...awareness.getStates()].flatMap(([id, state]) =>
          id !== awareness.clientID && presentUser(state) ? [presentUser(state)!] : []
        ),
      seesTyping: () =>
        [...awareness.getStates()].flatMap(([id, state]) =>
          id !== awareness.clientID && isTyping(state) ? [presentUser(state)!] : []
        )
    };
  }

  function speak(seat: PresenceSeat, records: readonly AwarenessRecord[]): boolean {
    const record = page.ownRecord(seat, records);
    return record !== null && page.take(seat, record);
  }

  return { timers, page, person, speak, keepBack };
}

export function payloads(message: Uint8Array): Uint8Array[] {
  // The type, and the length of the payload as a varUint.
  let at = 1;
  while ((message[at]! & 0x80) !== 0) at++;
  return [message.subarray(at + 1)];
}

export function recordsOf(awareness: Awareness, ids: number[]): readonly AwarenessRecord[] {
  const payload = encodeAwarenessUpdate(awareness, ids);
  const message = readYMessage(Uint8Array.of(1, ...varUint(payload.length), ...payload));
  return message?.kind === 'awareness' ? message.records : [];
}

const varUint = (value: number): number[] => (value < 128 ? [value] : [(value % 128) + 128, ...varUint(value >> 7)]);

export const record = (clientId: number, clock: number, state: unknown): AwarenessRecord => ({
  clientId,
  clock,
  json: new TextEncoder().encode(JSON.stringify(state))
});
