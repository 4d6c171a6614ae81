import { expect, test } from 'vitest';
import type { Entry } from '#protocol/entry.ts';
import { PAGE_MAX_ENTRIES } from '#protocol/limits.ts';
import { newRoomId, type RoomId, type UserId } from '#protocol/ids.ts';
import { StoreError, type Operation } from '../store/key-value.ts';
import { Expiries } from './expiries.ts';
import { expiryKey } from './keys.ts';
import { CANARY, holds, onDisk } from './testing/canary.ts';
import { RoomsSetup } from './testing/rooms-setup.ts';

const HOUR_S = 3_600;
const HOUR_MS = HOUR_S * 1_000;
/** When the sweep after an hour has surely been planned. */
const SWEPT_MS = HOUR_MS + 5_000;

const disappearing = (setup: RoomsSetup, author: UserId, after: number): Entry =>
  setup.entry(author, { type: 'room', action: 'disappearing', after });

async function fleetingRoom(setup: RoomsSetup): Promise<{ ann: UserId; bo: UserId; room: RoomId }> {
  const [ann, bo] = [setup.user(), setup.user()];
  const room = await setup.room(ann, 'private', bo);
  expect(await setup.rooms.append(disappearing(setup, ann, HOUR_S), room)).toBeNull();
  return { ann, bo, room };
}

test('[GONE-2] while it is on, each message and what is made of it is told its end with its arrival, the same to all', async () => {
  await using setup = await RoomsSetup.start();
  const { ann, bo, room } = await fleetingRoom(setup);
  const at = setup.timers.nowMs();
  const [said, plain] = [setup.message(ann, 'soon gone'), setup.message(ann, 'stays')];
  await setup.rooms.append(said, room);
  setup.timers.advance(60_000);
  const reaction = setup.entry(bo, { type: 'reaction', target: said.id, emoji: '👍', on: true });
  const edit = setup.entry(ann, { type: 'edit', target: said.id, body: 'soon gone, really' });
  for (const entry of [reaction, edit, disappearing(setup, ann, 0), plain]) await setup.rooms.append(entry, room);
  const reader = await setup.client(bo, room);
  await reader.untilArrived(plain.id);
  const untilOf = new Map(reader.view.arrived.map(({ entry, arrival }) => [entry.id, arrival!.until]));
  for (const { id } of [said, reaction, edit]) expect(untilOf.get(id)).toBe(at + HOUR_MS);
  expect([...untilOf.values()].filter((until) => until !== undefined)).toHaveLength(3);
  // What the room is and who is in it never disappears.
  expect(untilOf.get(plain.id)).toBeUndefined();
});

test('[GONE-3] at its time a message leaves every replica and the disk, with its edits and reactions, on whatever page', async () => {
  await using setup = await RoomsSetup.start();
  const { ann, bo, room } = await fleetingRoom(setup);
  const said = setup.message(ann, CANARY);
  await setup.rooms.append(said, room);
  await setup.rooms.append(disappearing(setup, ann, 0), room);
  const filler = await setup.client(ann, room);
  await filler.untilArrived(said.id);
  filler.append(...Array.from({ length: PAGE_MAX_ENTRIES - 6 }, (_, at) => setup.message(ann, `filler ${at}`)));
  await filler.until(() => filler.view.arrived.length >= PAGE_MAX_ENTRIES - 2);
  while ((await setup.rooms.summary(ann, room))!.head === 0) await setup.rooms.append(setup.message(ann, 'more'), room);
  await setup.rooms.append(setup.entry(ann, { type: 'edit', target: said.id, body: `${CANARY} again` }), room);
  await setup.rooms.append(setup.entry(bo, { type: 'reaction', target: said.id, emoji: '🎉', on: true }), room);
  const late = setup.message(bo, 'an answer', { replyTo: said.id });
  await setup.rooms.append(late, room);
  const open = await setup.client(bo, room, 0);
  await open.untilArrived(said.id);
  expect([holds(open.doc), onDisk(setup)]).toEqual([true, true]);

  setup.timers.advance(SWEPT_MS);
  await open.until(() => !holds(open.doc));
  await setup.rooms.erasuresSettled();
  expect(onDisk(setup)).toBe(false);
  const sealed = await setup.rooms.sealedPage(bo, { room, page: 0 });
  if (sealed === null || sealed === 'not-sealed') throw new Error('not sealed');
  expect(sealed.late).toEqual([]);
  expect(sealed.erased).toMatchObject([{ id: said.id, until: expect.any(Number) as number }]);
  const head = await setup.client(bo, room, 1);
  await head.untilArrived(late.id);
  expect(head.view.arrived.map(({ entry }) => entry.type)).toEqual(['snapshot', 'message']);
  expect(setup.errors).toEqual([]);
});

test('[GONE-4] what falls due while no process runs, or is half done by one that died, is taken away by the next', async () => {
  await using setup = await RoomsSetup.start();
  const { ann, room } = await fleetingRoom(setup);
  await setup.rooms.append(setup.message(ann, CANARY), room);
  await setup[Symbol.asyncDispose]();
  setup.timers.advance(2 * HOUR_MS);
  await setup.restart();
  setup.timers.advance(1);
  await setup.rooms.erasuresSettled();
  expect(onDisk(setup)).toBe(false);
  expect(await setup.rooms.summary(ann, room)).toMatchObject({ last: { type: 'disappeared', body: '' }, n: 1 });
});

test('[GONE-5] thousands that are due are taken away page by page, and what is not due stays', async () => {
  await using setup = await RoomsSetup.start();
  const { ann, room } = await fleetingRoom(setup);
  const writer = await setup.client(ann, room);
  const many = Array.from({ length: 900 }, (_, at) => setup.message(ann, `${CANARY} ${at}`));
  writer.append(...many);
  await writer.untilArrived(many.at(-1)!.id);
  setup.timers.advance(HOUR_MS / 2);
  const later = setup.message(ann, 'later');
  writer.append(later);
  await writer.untilArrived(later.id);
  setup.timers.advance(SWEPT_MS - HOUR_MS / 2);
  await writer.until(() => !holds(writer.doc));
  await setup.rooms.erasuresSettled();
  expect(onDisk(setup)).toBe(false);
  expect(writer.view.arrived.at(-1)!.entry.id).toBe(later.id);
  setup.timers.advance(HOUR_MS / 2);
  await writer.until(() => !writer.view.arrived.some(({ entry }) => entry.type === 'message'));
});

test('[GONE-6] what was taken away before its time, or whose room is over, is no trouble at it', async () => {
  await using setup = await RoomsSetup.start();
  const { ann, room } = await fleetingRoom(setup);
  const said = setup.message(ann, CANARY);
  await setup.rooms.append(said, room);
  await setup.rooms.append(setup.entry(ann, { type: 'redaction', target: said.id, of: ann }), room);
  const other = await fleetingRoom(setup);
  await setup.rooms.append(setup.message(other.ann, CANARY), other.room);
  await setup.rooms.deleteRoom(other.room, other.ann);
  setup.timers.advance(SWEPT_MS);
  await setup.rooms.erasuresSettled();
  expect(onDisk(setup)).toBe(false);
  expect(setup.errors).toEqual([]);
  for await (const [key] of setup.store.kv.range({ gte: 'expiry/', lt: 'expiry0' })) throw new Error(key);
});

test('[GONE-7] a reply in a thread that began before goes at its own time, and never outlives its root', async () => {
  await using setup = await RoomsSetup.start();
  const [ann, bo] = [setup.user(), setup.user()];
  const room = await setup.room(ann, 'private', bo);
  const old = setup.message(ann, 'from before');
  await setup.rooms.append(old, room);
  await setup.rooms.append(disappearing(setup, ann, HOUR_S), room);
  const root = setup.message(ann, 'soon gone');
  await setup.rooms.append(root, room);
  setup.timers.advance(HOUR_MS / 2);
  const at = setup.timers.nowMs();
  const [inOld, inNew] = [old, root].map((of) => setup.message(bo, CANARY, { thread: of.id }));
  for (const reply of [inOld!, inNew!]) expect(await setup.rooms.append(reply, room)).toBeNull();
  const reader = await setup.client(ann, room);
  await reader.untilArrived(inNew!.id);
  const untilOf = new Map(reader.view.arrived.map(({ entry, arrival }) => [entry.id, arrival!.until]));
  expect([old, inOld!, inNew!].map(({ id }) => untilOf.get(id))).toEqual([undefined, at + HOUR_MS, at + HOUR_MS / 2]);
  setup.timers.advance(SWEPT_MS);
  await reader.until(() => !holds(reader.doc));
  await setup.rooms.erasuresSettled();
  expect(onDisk(setup)).toBe(false);
});

test('[GONE-8] what comes for a message after its end is refused, not taken to vanish with it; a redaction is taken', async () => {
  await using setup = await RoomsSetup.start();
  const { ann, bo, room } = await fleetingRoom(setup);
  const said = setup.message(ann, 'soon gone');
  await setup.rooms.append(said, room);
  // Due, not swept yet.
  setup.timers.advance(HOUR_MS);
  const late: Entry[] = [
    setup.message(bo, CANARY, { thread: said.id }),
    setup.entry(bo, { type: 'reaction', target: said.id, emoji: '🎉', on: true }),
    setup.entry(ann, { type: 'edit', target: said.id, body: CANARY })
  ];
  for (const entry of late) expect(await setup.rooms.append(entry, room), entry.type).toBe('no-target');
  expect(await setup.rooms.append(setup.entry(ann, { type: 'redaction', target: said.id, of: ann }), room)).toBeNull();
  setup.timers.advance(SWEPT_MS - HOUR_MS);
  await setup.rooms.erasuresSettled();
  for (const { id, ...content } of late)
    expect(await setup.rooms.append({ ...content, id: `${id}x` }, room), content.type).toBe('no-target');
});

test('[GONE-9] a room that cannot be read holds up no other, and is tried again', async () => {
  await using setup = await RoomsSetup.start();
  const [stuck, fine] = [newRoomId(), newRoomId()];
  const until = setup.timers.nowMs() + 1_000;
  const put = (room: RoomId, id: string): Operation => ({
    ...{ type: 'put', key: expiryKey(until, room, id) },
    value: new Uint8Array()
  });
  await setup.store.kv.batch([put(stuck, 'entry-001'), put(fine, 'entry-002')], { sync: true });
  const taken: string[] = [];
  const errors: unknown[] = [];
  let isDamaged = true;
  const expiries = new Expiries({
    ...{ kv: setup.store.kv, timers: setup.timers },
    expire: async (room, ids) => {
      if (room === stuck && isDamaged) throw new StoreError('corrupt', 'a record is damaged');
      taken.push(...ids);
    },
    onError: (error) => errors.push(error)
  });
  await expiries.start();
  setup.timers.advance(10_000);
  await expiries.settled();
  expect([taken, errors.length]).toEqual([['entry-002'], 1]);
  isDamaged = false;
  setup.timers.advance(60_000);
  await expiries.settled();
  expect([taken, errors.length]).toEqual([['entry-002', 'entry-001'], 1]);
  await expiries.close();
});
