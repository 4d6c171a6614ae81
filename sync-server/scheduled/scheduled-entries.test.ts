import { expect, onTestFinished, test } from 'vitest';
import type { ScheduledEntry } from '#protocol/api/scheduled.ts';
import type { Entry } from '#protocol/entry.ts';
import type { RoomId, UserId } from '#protocol/ids.ts';
import { SCHEDULED_AHEAD_MAX_MS, SCHEDULED_MAX } from '#protocol/limits.ts';
import { SigningDevice } from '../gate/testing/signing-device.ts';
import { NO_BLOBS } from '../rooms/room-blobs.ts';
import { OPEN_POLICY } from '../rooms/room-policy.ts';
import { StoreError } from '../store/key-value.ts';
import { RoomsSetup } from '../rooms/testing/rooms-setup.ts';
import { SCHEDULED_REMAINS } from './scheduled-keys.ts';
import { ScheduledEntries, type ScheduledBy, type ScheduledEntriesDeps } from './scheduled-entries.ts';

const HOUR_MS = 3_600_000;
const CANARY = 'canary-sD3fG6hJ9kL2';

/** Ann's room with Bo in it, and what is to be sent there later. */
class Setup implements AsyncDisposable {
  readonly rooms: RoomsSetup;
  readonly inactive = new Set<UserId>();
  readonly ended = new Set<string>();
  /** Rooms whose records are damaged. */
  readonly damaged = new Set<RoomId>();
  /** Times that an entry was offered to a room. */
  tries = 0;
  readonly told: UserId[] = [];
  scheduled!: ScheduledEntries;
  ann!: UserId;
  bo!: UserId;
  room!: RoomId;

  private constructor(rooms: RoomsSetup) {
    this.rooms = rooms;
  }

  static async start(): Promise<Setup> {
    const rooms = await RoomsSetup.start();
    const setup = new Setup(rooms);
    onTestFinished(() => setup[Symbol.asyncDispose]());
    [setup.ann, setup.bo] = [rooms.user(), rooms.user()];
    setup.room = await rooms.room(setup.ann, 'private', setup.bo);
    await setup.open();
    return setup;
  }

  async open(): Promise<void> {
    this.scheduled = await ScheduledEntries.open({
      ...{ kv: this.rooms.store.kv, timers: this.rooms.timers, rooms: this.#counted(), blobs: NO_BLOBS },
      isActive: (user) => !this.inactive.has(user),
      deviceKey: (id) => this.rooms.policy.deviceKey(id),
      isOpen: async (_user, session) => !this.ended.has(session),
      onError: (error) => this.rooms.errors.push(error)
    });
    this.scheduled.onChanged((user) => this.told.push(user));
  }

  async restart(how: 'restart' | 'crash', meanwhileMs = 0): Promise<void> {
    await this.scheduled.close();
    this.rooms.timers.advance(meanwhileMs);
    await this.rooms[how]();
    await this.open();
  }

  later(author: UserId, inMs = HOUR_MS, body = CANARY): Entry {
    return this.rooms.message(author, body, { sentAt: this.rooms.timers.nowMs() + inMs });
  }

  async put(entry: Entry, mustSign = false) {
    return this.scheduled.put(sessionOf(entry.author, mustSign), this.room, entry);
  }

  #counted(): ScheduledEntriesDeps['rooms'] {
    const { rooms } = this.rooms;
    return {
      append: (entry, room) => {
        this.tries += 1;
        if (this.damaged.has(room)) return Promise.reject(new StoreError('corrupt', 'a record is damaged'));
        return rooms.append(entry, room);
      },
      summary: (user, room) => rooms.summary(user, room),
      authorOf: (user, room, entry) => rooms.authorOf(user, room, entry),
      subscribe: (events) => rooms.subscribe(events)
    };
  }

  async pass(ms: number): Promise<void> {
    this.rooms.timers.advance(ms);
    await this.scheduled.settled();
  }

  async said(): Promise<Entry[]> {
    const entries = await this.rooms.rooms.headEntries(this.room);
    return entries.map(({ entry }) => entry).filter(({ type }) => type === 'message');
  }

  onDisk(): boolean {
    return this.rooms.disk.holds(new TextEncoder().encode(CANARY));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.scheduled.close();
    await this.rooms[Symbol.asyncDispose]();
  }
}

const sessionOf = (user: UserId, mustSign = false): ScheduledBy => ({
  ...{ id: `session of ${user}`, user: { id: user } },
  kind: mustSign ? 'cookie' : 'token'
});

const ids = (entries: readonly (Entry | ScheduledEntry)[]): string[] =>
  entries.map((one) => ('entry' in one ? (one as ScheduledEntry).entry.id : one.id));

test('[SCHED-1] an entry is appended at its time as its author wrote it, once, over restarts and crashes', async () => {
  const setup = await Setup.start();
  const [soon, late] = [setup.later(setup.ann), setup.later(setup.bo, 2 * HOUR_MS)];
  expect(await setup.put(late)).toEqual({ outcome: 'kept' });
  expect(await setup.put(soon)).toEqual({ outcome: 'kept' });
  await setup.pass(HOUR_MS - 1);
  expect(await setup.said()).toEqual([]);
  await setup.pass(1);
  expect(await setup.said()).toEqual([soon]);
  expect([await setup.scheduled.of(setup.ann), ids(await setup.scheduled.of(setup.bo))]).toEqual([[], [late.id]]);
  // It falls due while nothing runs.
  await setup.restart('restart', 3 * HOUR_MS);
  await setup.pass(1);
  expect(await setup.said()).toEqual([soon, late]);
  expect(setup.rooms.errors).toEqual([]);
});

test('[SCHED-1] a process that dies between the sending and the note of it sends nothing twice', async () => {
  const setup = await Setup.start();
  const entry = setup.later(setup.ann);
  await setup.put(entry);
  // As the entry stands in the room while its record is still there.
  await setup.scheduled.close();
  setup.rooms.timers.advance(HOUR_MS);
  expect(await setup.rooms.rooms.append(entry, setup.room)).toBeNull();
  await setup.rooms.crash();
  await setup.open();
  await setup.pass(1);
  expect(await setup.said()).toEqual([entry]);
  expect(await setup.scheduled.of(setup.ann)).toEqual([]);
  // And a device that never heard of it offers it in vain, in whatever form.
  expect(await setup.put(entry)).toEqual({ outcome: 'sent' });
  expect(await setup.put({ ...entry, sentAt: entry.sentAt + HOUR_MS })).toEqual({ outcome: 'sent' });
  expect(await setup.scheduled.remove(setup.ann, setup.room, entry.id)).toBe('sent');
});

test('[SCHED-2] the rooms take nothing before its time, whoever brings it, and messages of members alone are kept', async () => {
  const setup = await Setup.start();
  const entry = setup.later(setup.ann);
  await setup.put(entry);
  expect(await setup.rooms.rooms.append(entry, setup.room)).toBe('clock');
  const of = (more: object) => setup.put({ ...setup.later(setup.ann), ...more });
  expect(await of({ type: 'room', action: 'deleted', body: undefined })).toEqual({
    outcome: 'refused',
    code: 'schema'
  });
  const { id, author, sentAt } = setup.later(setup.ann);
  const deletion: Entry = { id, author, sentAt, type: 'room', action: 'deleted' };
  expect(await setup.put(deletion)).toEqual({ outcome: 'refused', code: 'not-allowed' });
  expect(await setup.scheduled.put(sessionOf(setup.bo), setup.room, entry)).toEqual({
    outcome: 'refused',
    code: 'author'
  });
  // Signed by its author, brought by somebody else.
  const device = new SigningDevice(setup.ann);
  setup.rooms.policy = { ...OPEN_POLICY, deviceKey: (id) => (id === device.id ? device.key() : null) };
  const signed = device.sign(setup.room, setup.later(setup.ann));
  expect(await setup.scheduled.put(sessionOf(setup.bo), setup.room, signed)).toEqual({
    outcome: 'refused',
    code: 'author'
  });
  const tooFar = setup.later(setup.ann, SCHEDULED_AHEAD_MAX_MS + 1);
  expect(await setup.put(tooFar)).toEqual({ outcome: 'refused', code: 'clock' });
});

test('[SCHED-3] it is signed when it is written: a false signature is refused then, a device that was revoked since later', async () => {
  const setup = await Setup.start();
  const device = new SigningDevice(setup.ann);
  let revokedAt: number | null = null;
  setup.rooms.policy = { ...OPEN_POLICY, deviceKey: (id) => (id === device.id ? device.key({ revokedAt }) : null) };
  const unsigned = setup.later(setup.ann);
  expect(await setup.put(unsigned, true)).toEqual({ outcome: 'refused', code: 'unsigned' });
  const signed = device.sign(setup.room, unsigned);
  const forged = { ...signed, sentAt: signed.sentAt + 1 };
  expect(await setup.put(forged, true)).toEqual({ outcome: 'refused', code: 'signature' });
  const other = device.sign(setup.room, setup.later(setup.ann));
  expect([await setup.put(signed, true), await setup.put(other, true)]).toEqual([
    { outcome: 'kept' },
    { outcome: 'kept' }
  ]);
  expect(await setup.scheduled.remove(setup.ann, setup.room, signed.id)).toBe('removed');
  revokedAt = setup.rooms.timers.nowMs();
  await setup.pass(HOUR_MS);
  expect(await setup.said()).toEqual([]);
  // Its author is told why, and what it said is not lost.
  expect(await setup.scheduled.of(setup.ann)).toEqual([{ room: setup.room, entry: other, refused: 'signature' }]);
  expect(setup.told.at(-1)).toBe(setup.ann);
  revokedAt = null;
  const anew = device.sign(setup.room, { ...other, sentAt: setup.rooms.timers.nowMs() });
  expect(await setup.put(anew, true)).toEqual({ outcome: 'kept' });
  await setup.pass(1);
  expect(await setup.said()).toEqual([anew]);
});

test('[SCHED-4] it is changed and taken back until its time, and what it said before leaves the disk', async () => {
  const setup = await Setup.start();
  const [changed, removed] = [setup.later(setup.ann), setup.later(setup.ann)];
  await setup.put(changed);
  const after = { ...changed, body: 'other words', sentAt: changed.sentAt + HOUR_MS };
  expect(await setup.put(after)).toEqual({ outcome: 'kept' });
  await setup.scheduled.settled();
  expect(setup.onDisk()).toBe(false);
  await setup.put(removed);
  expect(await setup.scheduled.remove(setup.bo, setup.room, removed.id)).toBe('absent');
  expect(await setup.scheduled.remove(setup.ann, setup.room, removed.id)).toBe('removed');
  expect(await setup.scheduled.remove(setup.ann, setup.room, removed.id)).toBe('absent');
  await setup.scheduled.settled();
  expect(setup.onDisk()).toBe(false);
  await setup.pass(HOUR_MS);
  expect(await setup.said()).toEqual([]);
  await setup.pass(HOUR_MS);
  expect(await setup.said()).toEqual([after]);
  // On the other devices of its author it shows each time.
  expect(setup.told).toEqual(Array(5).fill(setup.ann));
});

test('[SCHED-4] what a process before has taken back leaves the disk, and the next one has nothing to do for it', async () => {
  const setup = await Setup.start();
  const entry = setup.later(setup.ann);
  await setup.put(entry);
  await setup.scheduled.remove(setup.ann, setup.room, entry.id);
  expect(setup.onDisk()).toBe(true);
  await setup.restart('crash');
  await setup.scheduled.settled();
  expect(setup.onDisk()).toBe(false);
  expect(await setup.rooms.store.kv.get(SCHEDULED_REMAINS)).toBeUndefined();
});

test('[SCHED-5] leaving, being removed, the end of the room, of the account and suspension end it, on the disk too', async () => {
  for (const end of ['left', 'removed', 'deleted', 'suspended', 'erased', 'removed while down'] as const) {
    const setup = await Setup.start();
    const { ann, bo, room, rooms } = setup;
    await setup.put(setup.later(bo));
    const act = (author: UserId, content: { type: string; [key: string]: unknown }) =>
      rooms.rooms.append(rooms.entry(author, content), room);
    if (end === 'left') await act(bo, { type: 'membership', action: 'left' });
    if (end === 'removed') await act(ann, { type: 'membership', action: 'removed', user: bo });
    if (end === 'deleted') await rooms.rooms.deleteRoom(room, ann);
    if (end === 'erased') await setup.scheduled.erase(bo);
    if (end === 'suspended') {
      setup.inactive.add(bo);
      await setup.restart('restart');
    }
    if (end === 'removed while down') {
      await setup.scheduled.close();
      await act(ann, { type: 'membership', action: 'removed', user: bo });
      await rooms.crash();
      await setup.open();
    }
    await setup.scheduled.settled();
    expect(await setup.scheduled.of(bo), end).toEqual([]);
    expect(setup.onDisk(), end).toBe(false);
    await setup.pass(HOUR_MS);
    if (end !== 'deleted') expect(await setup.said(), end).toEqual([]);
    expect(rooms.errors, end).toEqual([]);
  }
});

test('[SCHED-5] who is suspended at the moment that it falls due says nothing', async () => {
  const setup = await Setup.start();
  await setup.put(setup.later(setup.bo));
  setup.inactive.add(setup.bo);
  await setup.pass(HOUR_MS);
  expect(await setup.said()).toEqual([]);
  expect(await setup.scheduled.of(setup.bo)).toEqual([]);
});

test('[SCHED-5] what the disk would not end at first is ended when it works again', async () => {
  const setup = await Setup.start();
  const { ann, bo, room, rooms } = setup;
  await setup.put(setup.later(bo));
  const nothing = (): void => undefined;
  rooms.rooms.subscribe({
    ...{ changed: nothing, read: nothing, receipt: nothing, pageChanged: nothing },
    gone: () => rooms.disk.failNextBatch({ applied: false })
  });
  const reopened = new Promise<void>((resolve) => rooms.store.onReopened(resolve));
  await rooms.rooms.append(rooms.entry(ann, { type: 'membership', action: 'removed', user: bo }), room);
  await reopened;
  await setup.scheduled.settled();
  expect(setup.rooms.errors).toHaveLength(1);
  expect(await setup.scheduled.of(bo)).toHaveLength(1);
  await setup.pass(15_000);
  expect(await setup.scheduled.of(bo)).toEqual([]);
});

test('[SCHED-6] a person has a bounded number of them; a change of one is none more', async () => {
  const setup = await Setup.start();
  const all = Array.from({ length: SCHEDULED_MAX }, () => setup.later(setup.ann));
  for (const entry of all) expect(await setup.put(entry)).toEqual({ outcome: 'kept' });
  expect(await setup.put(setup.later(setup.ann))).toEqual({ outcome: 'too-many' });
  expect(await setup.put({ ...all[0]!, sentAt: all[0]!.sentAt + 1 })).toEqual({ outcome: 'kept' });
  expect(await setup.put(setup.later(setup.bo))).toEqual({ outcome: 'kept' });
});

test('[SCHED-7] slow mode makes it wait for its turn, and it is sent then', async () => {
  const setup = await Setup.start();
  const { ann, bo, room, rooms } = setup;
  await rooms.rooms.append(rooms.entry(ann, { type: 'room', action: 'slow', seconds: 60 }), room);
  const [first, second] = [setup.later(bo), setup.later(bo, HOUR_MS + 1)];
  await setup.put(first);
  await setup.put(second);
  await setup.pass(HOUR_MS);
  await setup.pass(1);
  expect(await setup.said()).toEqual([first]);
  expect(ids(await setup.scheduled.of(bo))).toEqual([second.id]);
  for (let waited = 0; waited < 6; waited += 1) await setup.pass(15_000);
  expect(await setup.said()).toEqual([first, second]);
});

test('[SCHED-7] a hundred that wait for slow mode cost one try a turn, tell nobody, and keep their order', async () => {
  const setup = await Setup.start();
  const { ann, bo, room, rooms } = setup;
  await rooms.rooms.append(rooms.entry(ann, { type: 'room', action: 'slow', seconds: 3_600 }), room);
  const all = Array.from({ length: SCHEDULED_MAX }, (_, at) => setup.later(bo, HOUR_MS + at));
  // Ids do not rise with the times.
  for (const entry of all.toReversed()) expect(await setup.put(entry)).toEqual({ outcome: 'kept' });
  const toldAtFirst = setup.told.length;
  await setup.pass(HOUR_MS + SCHEDULED_MAX);
  expect(await setup.said()).toEqual([all[0]]);
  expect([setup.tries, setup.told.length]).toEqual([2, toldAtFirst + 1]);
  for (let second = 0; second < 5; second += 1) await setup.pass(1_000);
  expect(setup.tries).toBe(2);
  for (let waited = 0; waited < 8; waited += 1) await setup.pass(HOUR_MS / 4 + SCHEDULED_MAX);
  expect(await setup.said()).toEqual(all.slice(0, 3));
  expect(setup.tries).toBeLessThan(14);
  expect(await setup.scheduled.of(bo)).toHaveLength(SCHEDULED_MAX - 3);
});

test('[SCHED-8] what a bot scheduled ends with its token: it is not sent, and its person is told', async () => {
  const setup = await Setup.start();
  const [before, after] = [setup.later(setup.ann), setup.later(setup.ann, 2 * HOUR_MS)];
  await setup.put(before);
  await setup.put(after);
  await setup.pass(HOUR_MS);
  setup.ended.add(sessionOf(setup.ann).id);
  await setup.restart('restart', HOUR_MS);
  setup.told.length = 0;
  await setup.pass(1);
  expect(setup.told).toEqual([setup.ann]);
  expect(await setup.said()).toEqual([before]);
  expect(await setup.scheduled.of(setup.ann)).toEqual([{ room: setup.room, entry: after, refused: 'unsigned' }]);
});

test('[SCHED-9] what is handed over while its author is shut out, or their account ends, is not kept', async () => {
  const setup = await Setup.start();
  const { ann, bo, room, rooms } = setup;
  // Behind the erasure in the queue, by a request that was let in before.
  setup.inactive.add(bo);
  const [, outcome] = await Promise.all([setup.scheduled.erase(bo), setup.put(setup.later(bo))]);
  expect(outcome).toEqual({ outcome: 'refused', code: 'not-member' });
  setup.inactive.delete(bo);
  await rooms.rooms.append(rooms.entry(ann, { type: 'membership', action: 'banned', user: bo }), room);
  expect(await setup.put(setup.later(bo))).toEqual({ outcome: 'refused', code: 'not-member' });
  await setup.scheduled.settled();
  expect(setup.onDisk()).toBe(false);
});

test('[SCHED-15] a room that cannot be read holds up nobody else’s, and loses none of its own', async () => {
  const setup = await Setup.start();
  const other = await setup.rooms.room(setup.bo, 'private');
  const [stuck, fine] = [setup.later(setup.bo), setup.later(setup.ann, HOUR_MS + 1)];
  expect(await setup.scheduled.put(sessionOf(setup.bo), other, stuck)).toEqual({ outcome: 'kept' });
  await setup.put(fine);
  setup.damaged.add(other);
  await setup.pass(HOUR_MS + 1);
  expect(await setup.said()).toEqual([fine]);
  expect(setup.rooms.errors).toHaveLength(1);
  setup.damaged.clear();
  await setup.pass(15_000);
  expect((await setup.rooms.rooms.headEntries(other)).at(-1)?.entry).toEqual(stuck);
  expect(await setup.scheduled.of(setup.bo)).toEqual([]);
});
