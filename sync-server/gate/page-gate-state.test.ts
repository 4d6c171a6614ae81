import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StoreError } from '../store/key-value.ts';
import type { PageGateState } from './gate-contract.ts';
import { decodePageGateState, emptyPage, encodePageGateState } from './page-gate-state.ts';
import { created, message } from './testing/entries.ts';
import { ROOM, SERVER_ARRIVALS, SERVER_MESSAGES, TestPage, userId } from './testing/test-page.ts';
import { values, wireUpdate } from './testing/wire.ts';

const ANN = userId('ann');
const clock = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const id = fc.option(fc.record({ client: clock, clock }));

const anyState: fc.Arbitrary<PageGateState> = fc
  .record({
    page: fc.nat(),
    owners: fc.uniqueArray(fc.tuple(clock, fc.constantFrom(ANN, 'server:messages', 'server:arrivals'), clock), {
      selector: ([client]) => client
    }),
    entries: fc.nat(),
    bytes: clock,
    sealedTo: fc.option(fc.integer({ min: 1, max: 9e8 })),
    lastArrival: id,
    lastServerMessage: id
  })
  .map(({ page, owners, ...rest }) => ({
    ...rest,
    ref: { room: ROOM, page },
    owners: new Map(owners.map(([client, owner]) => [client, owner])),
    stateVector: new Map(owners.map(([client, , next]) => [client, next] as const).filter(([, next]) => next > 0)),
    room: null
  }));

describe('[GATE-14] a page at rest', () => {
  it('[GATE-14] reads back as it was', () => {
    fc.assert(
      fc.property(anyState, (state) => {
        expect(decodePageGateState(encodePageGateState(state), null)).toEqual(state);
      })
    );
  });

  it('[GATE-14] bytes that are none are told as corrupt', () => {
    const whole = encodePageGateState(emptyPage({ room: ROOM, page: 3 }, null));
    for (let length = 0; length < whole.length; length++) {
      expect(() => decodePageGateState(whole.subarray(0, length), null)).toThrow(StoreError);
    }
    expect(() => decodePageGateState(new Uint8Array([...whole, 0]), null)).toThrow(StoreError);
    expect(() => decodePageGateState(Uint8Array.of(2, ...whole.subarray(1)), null)).toThrow(/cannot be read/);
  });

  it('[GATE-14] a gate built from it goes on where the other stood, under fresh client ids of the server', () => {
    const page = new TestPage();
    page.receive(wireUpdate([{ client: 7, clock: 0, structs: [values({}, created(ANN), message('a', ANN))] }]), ANN);
    page.append([message('by-server', ANN)]);
    const { full: _, ...state } = page.gate.snapshot();

    const stored = decodePageGateState(encodePageGateState(state), state.room);
    expect(stored).toEqual(state);
    page.restart(stored);
    const sentAgain = wireUpdate([
      { client: 7, clock: 0, structs: [values({}, created(ANN), message('a', ANN), message('b', ANN))] }
    ]);
    expect(page.receive(sentAgain, ANN)).toMatchObject({ accepted: [{ entry: { id: 'b_______' } }], gap: false });
    page.append([message('by-server-2', ANN)], SERVER_MESSAGES + 10);

    expect(page.arrivedInReader()).toEqual(['created-the-room', 'a_______', 'by-server', 'b_______', 'by-server-2']);
    expect([...page.gate.snapshot().owners]).toEqual([
      [7, ANN],
      [SERVER_ARRIVALS, 'server:arrivals'],
      [SERVER_MESSAGES, 'server:messages'],
      [SERVER_ARRIVALS + 1_000, 'server:arrivals'],
      [SERVER_MESSAGES + 10, 'server:messages']
    ]);
  });
});
