// What every RoomLog must do, whatever is under it. Each implementation runs this suite; where the place can break
// its disk, the histories below have failures in them.

import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { RoomId } from '#protocol/ids.ts';
import { runs } from '../../tests/property-runs.ts';
import { codeOf } from './key-value-contract.ts';
import type { KeyValue, Operation } from './key-value.ts';
import type { LoggedRecord, RoomLog } from './room-log.ts';

export interface OpenedLog {
  readonly log: RoomLog;
  /** What the log projects into. */
  readonly kv: KeyValue;
}

/** A place that outlives the logs opened on it. */
export interface RoomLogPlace {
  /** Closes what is open first, as a crash or a restart does. */
  readonly reopen: () => Promise<OpenedLog>;
  /** The next batch fails. Null where the place has no such faults. */
  readonly failNextBatch: ((fault: { applied: boolean }) => void) | null;
  dispose(): Promise<void>;
}

export const ROOM_A = 'AAAAAAAAAAAAAAAAAAAAAA';
export const ROOM_B = 'BBBBBBBBBBBBBBBBBBBBBB';
const ROOM_C = 'CCCCCCCCCCCCCCCCCCCCCC';

export const record = (text: string): Uint8Array => new TextEncoder().encode(text);
const put = (key: string, value: string): Operation => ({ type: 'put', key, value: record(value) });

export async function recordsOf(log: RoomLog, room: RoomId, from = 0): Promise<string[]> {
  const found: string[] = [];
  for await (const { position, record } of log.read(room, from)) {
    found.push(`${position}:${new TextDecoder().decode(record)}`);
  }
  return found;
}

export function describeRoomLog(name: string, makePlace: () => Promise<RoomLogPlace>): void {
  async function setup() {
    const place = await makePlace();
    onTestFinished(() => place.dispose());
    return { place, ...(await place.reopen()) };
  }
  const append = (log: RoomLog, room: RoomId, expected: number, text: string, operations: Operation[] = []) =>
    log.append({ room, expected, record: record(text), operations });

  describe(`${name} as a RoomLog`, () => {
    test('a room that was never written to is at 0 and reads as empty', async () => {
      const { log } = await setup();
      expect(await log.position(ROOM_A)).toBe(0);
      expect(await recordsOf(log, ROOM_A)).toEqual([]);
    });

    test('records are read in order, from any position, also after opening again', async () => {
      const { log, place } = await setup();
      for (let i = 0; i < 12; i++) await append(log, ROOM_A, i, `a${i}`);
      await append(log, ROOM_B, 0, 'b0');
      for (const opened of [async () => ({ log }), place.reopen]) {
        const { log: current } = await opened();
        expect(await current.position(ROOM_A)).toBe(12);
        expect(await recordsOf(current, ROOM_A)).toEqual(Array.from({ length: 12 }, (_, i) => `${i}:a${i}`));
        expect(await recordsOf(current, ROOM_A, 10)).toEqual(['10:a10', '11:a11']);
        expect(await recordsOf(current, ROOM_A, 12)).toEqual([]);
        expect(await recordsOf(current, ROOM_A, 99)).toEqual([]);
        expect(await recordsOf(current, ROOM_B)).toEqual(['0:b0']);
      }
    });

    test('[LOG-1] an append at another position than the room is at conflicts and changes nothing', async () => {
      const { log, kv } = await setup();
      await append(log, ROOM_A, 0, 'a0');
      for (const expected of [0, 2, -1, 0.5]) {
        expect(await codeOf(append(log, ROOM_A, expected, 'x', [put('x', 'x')]))).toBe('conflict');
      }
      expect(await kv.get('x')).toBeUndefined();
      await append(log, ROOM_A, 1, 'a1');
      expect(await recordsOf(log, ROOM_A)).toEqual(['0:a0', '1:a1']);
    });

    test('[LOG-1] of two appends at one position in one group the first wins, and neighbours are not touched', async () => {
      const { log } = await setup();
      const results = await Promise.allSettled([
        append(log, ROOM_A, 0, 'first'),
        append(log, ROOM_A, 0, 'second'),
        append(log, ROOM_B, 0, 'b0'),
        append(log, ROOM_A, 1, 'third')
      ]);
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
      expect(await recordsOf(log, ROOM_A)).toEqual(['0:first', '1:third']);
      expect(await recordsOf(log, ROOM_B)).toEqual(['0:b0']);
    });

    test('[LOG-2] the projected keys become true with the record', async () => {
      const { log, kv, place } = await setup();
      await append(log, ROOM_A, 0, 'a0', [put('page/A', 'one'), put('page/gone', 'x')]);
      await append(log, ROOM_A, 1, 'a1', [put('page/A', 'two'), { type: 'del', key: 'page/gone' }]);
      for (const opened of [async () => ({ kv }), place.reopen]) {
        const { kv: current } = await opened();
        expect(await current.getMany(['page/A', 'page/gone'])).toEqual([record('two'), undefined]);
      }
    });

    test('a commit that reaches into the log itself, or names no key, is a bug of the caller', async () => {
      const { log } = await setup();
      const neighbour = append(log, ROOM_A, 0, 'a0');
      await expect(append(log, ROOM_A, 1, 'x', [put(`log/${ROOM_A}/000000000000`, 'x')])).rejects.toThrow(TypeError);
      await expect(append(log, ROOM_A, 1, 'x', [put(`log-head/${ROOM_A}`, 'x')])).rejects.toThrow(TypeError);
      await expect(append(log, ROOM_A, 1, 'x', [put('', 'x')])).rejects.toThrow(TypeError);
      await expect(append(log, 'a/b', 0, 'x')).rejects.toThrow(TypeError);
      await neighbour;
      expect(await recordsOf(log, ROOM_A)).toEqual(['0:a0']);
    });

    test('[LOG-3] subscribers of a room are called after each durable commit, in order, until they leave', async () => {
      const { log } = await setup();
      const seen: string[] = [];
      const note = (who: string) => (logged: LoggedRecord) =>
        void seen.push(`${who}${logged.position}:${new TextDecoder().decode(logged.record)}`);
      const leave = log.subscribe(ROOM_A, note('x'));
      log.subscribe(ROOM_A, note('y'));
      log.subscribe(ROOM_B, note('z'));
      await Promise.all([append(log, ROOM_A, 0, 'a0'), append(log, ROOM_B, 0, 'b0'), append(log, ROOM_A, 1, 'a1')]);
      expect(seen).toEqual(['x0:a0', 'y0:a0', 'z0:b0', 'x1:a1', 'y1:a1']);
      leave();
      leave();
      expect(await codeOf(append(log, ROOM_A, 0, 'late'))).toBe('conflict');
      await append(log, ROOM_A, 2, 'a2');
      expect(seen.slice(5)).toEqual(['y2:a2']);
    });

    test('a record is on disk when its subscriber is called', async () => {
      const { log } = await setup();
      const position = new Promise<number>((resolve) => log.subscribe(ROOM_A, () => resolve(log.position(ROOM_A))));
      await append(log, ROOM_A, 0, 'a0');
      expect(await position).toBe(1);
    });

    test('trimmed records are gone, the position stays, and the rest reads on', async () => {
      const { log, place } = await setup();
      for (let i = 0; i < 5; i++) await append(log, ROOM_A, i, `a${i}`);
      await append(log, ROOM_B, 0, 'b0');
      await log.trim(ROOM_A, 3);
      await log.trim(ROOM_A, 2);
      await log.trim(ROOM_C, 7);
      for (const opened of [async () => ({ log }), place.reopen]) {
        const { log: current } = await opened();
        expect(await current.position(ROOM_A)).toBe(5);
        expect(await current.position(ROOM_C)).toBe(0);
        expect(await recordsOf(current, ROOM_A)).toEqual(['3:a3', '4:a4']);
        expect(await recordsOf(current, ROOM_A, 4)).toEqual(['4:a4']);
        expect(await recordsOf(current, ROOM_B)).toEqual(['0:b0']);
      }
      const { log: again } = await place.reopen();
      await again.trim(ROOM_A, 99);
      expect(await recordsOf(again, ROOM_A)).toEqual([]);
      await append(again, ROOM_A, 5, 'a5');
      expect(await recordsOf(again, ROOM_A)).toEqual(['5:a5']);
    });

    test('a trim among appends neither loses nor hides one', async () => {
      const { log } = await setup();
      await append(log, ROOM_A, 0, 'a0');
      await Promise.all([append(log, ROOM_A, 1, 'a1'), log.trim(ROOM_A, 1), append(log, ROOM_A, 2, 'a2')]);
      expect(await recordsOf(log, ROOM_A)).toEqual(['1:a1', '2:a2']);
    });

    test('records trimmed while they are read are no error', async () => {
      const { log } = await setup();
      for (let i = 0; i < 4; i++) await append(log, ROOM_A, i, `a${i}`);
      const seen: number[] = [];
      for await (const { position } of log.read(ROOM_A, 0)) {
        if (position === 0) await log.trim(ROOM_A, 3);
        seen.push(position);
      }
      expect(seen).toEqual([0, 1, 2, 3]);
      const reading = log.read(ROOM_A, 0)[Symbol.asyncIterator]();
      const first = reading.next();
      await Promise.all([log.trim(ROOM_A, 4), append(log, ROOM_A, 4, 'a4')]);
      const step = await first;
      expect(step.done === true || step.value.position >= 3).toBe(true);
      await reading.return?.();
    });

    test('[LOG-4] a record that is missing from the middle or the end is corrupt, not skipped', async () => {
      const { log, kv } = await setup();
      for (let i = 0; i < 4; i++) await append(log, ROOM_A, i, `a${i}`);
      for (const lost of [3, 1, 0]) {
        await kv.batch([{ type: 'del', key: `log/${ROOM_A}/${String(lost).padStart(12, '0')}` }], { sync: true });
        expect(await codeOf(recordsOf(log, ROOM_A))).toBe('corrupt');
      }
      expect(await codeOf(recordsOf(log, ROOM_A, 2))).toBe('corrupt');
    });

    test('[LOG-5] after any history every acknowledged record is there, once, in a log without gaps', async () => {
      const rooms = [ROOM_A, ROOM_B, ROOM_C];
      const step = fc.oneof(
        { weight: 8, arbitrary: fc.record({ append: fc.constantFrom(...rooms), wait: fc.boolean() }) },
        { weight: 1, arbitrary: fc.record({ stale: fc.constantFrom(...rooms) }) },
        { weight: 1, arbitrary: fc.record({ fail: fc.boolean() }) },
        { weight: 1, arbitrary: fc.constant({ reopen: true }) }
      );
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
          const place = await makePlace();
          try {
            let { log } = await place.reopen();
            /** What callers hold of each room: where it is, and what they were told. */
            const next = new Map<RoomId, number>();
            const acknowledged = new Map<RoomId, string[]>(rooms.map((room) => [room, []]));
            const told = new Map<RoomId, string[]>(rooms.map((room) => [room, []]));
            let running: Promise<unknown>[] = [];
            let failed = false;
            let serial = 0;

            const begin = (opened: OpenedLog): void => {
              log = opened.log;
              for (const room of rooms) {
                log.subscribe(
                  room,
                  (l) => void told.get(room)!.push(`${l.position}:${new TextDecoder().decode(l.record)}`)
                );
              }
            };
            const settle = async (): Promise<void> => {
              await Promise.all(running);
              running = [];
            };
            const restart = async (): Promise<void> => {
              await settle();
              begin(await place.reopen());
              for (const room of rooms) next.set(room, await log.position(room));
              failed = false;
            };
            const send = (room: RoomId, expected: number, stale: boolean): Promise<unknown> => {
              const text = `${room[0]}${serial++}`;
              return append(log, room, expected, text, [put(`projection/${room}`, text)]).then(
                () => {
                  expect(stale, 'a stale append was taken').toBe(false);
                  acknowledged.get(room)!.push(`${expected}:${text}`);
                },
                (error: { code?: string }) => {
                  if (!stale) expect(error.code, 'a fresh append conflicted').not.toBe('conflict');
                  if (error.code !== 'conflict') failed = true;
                }
              );
            };

            await restart();
            for (const s of steps) {
              if (failed) await restart();
              if ('append' in s) {
                const expected = next.get(s.append)!;
                next.set(s.append, expected + 1);
                running.push(send(s.append, expected, false));
                if (s.wait) await settle();
              } else if ('stale' in s) {
                running.push(send(s.stale, next.get(s.stale)! + 5, true));
              } else if ('fail' in s) {
                place.failNextBatch?.({ applied: s.fail });
              } else {
                await restart();
              }
            }
            await restart();

            for (const room of rooms) {
              const found = await recordsOf(log, room);
              expect(found.map((r) => Number(r.split(':')[0]))).toEqual(found.map((_, i) => i));
              expect(await log.position(room)).toBe(found.length);
              expect(found).toEqual(expect.arrayContaining(acknowledged.get(room)!));
              expect(told.get(room)).toEqual(acknowledged.get(room));
            }
          } finally {
            await place.dispose();
          }
        }),
        runs(40)
      );
    });
  });
}
