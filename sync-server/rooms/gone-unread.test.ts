import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EntryId, RoomId, UserId } from '#protocol/ids.ts';
import { runs } from '../../tests/property-runs.ts';
import { RoomsSetup } from './testing/rooms-setup.ts';

const HOUR_MS = 3_600_000;
/** Seven minutes never make an hour: nothing falls due in the very moment that is looked at. */
const PACE_MS = 7 * 60_000;

type Step =
  | { readonly kind: 'message' | 'come-or-go'; readonly who: number }
  | { readonly kind: 'read'; readonly who: number; readonly share: number }
  | { readonly kind: 'redact'; readonly share: number }
  | { readonly kind: 'later'; readonly paces: number }
  | { readonly kind: 'switch' | 'restart' };

const who = fc.nat(2);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 10, arbitrary: fc.record({ kind: fc.constant('message' as const), who }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('read' as const), who, share: fc.nat(110) }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('later' as const), paces: fc.integer({ min: 1, max: 9 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('redact' as const), share: fc.nat(99) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('come-or-go' as const), who }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('switch', 'restart') }) }
);

interface Said {
  readonly id: EntryId;
  readonly author: UserId;
  /** Infinity: it stays. */
  readonly until: number;
  /** It has disappeared, or was taken away. */
  gone: boolean;
}

/** What unread means where messages disappear, by keeping all of it. */
class CountedRoom {
  readonly said: Said[] = [];
  readonly read = new Map<UserId, number>();
  disappears = true;

  unread(user: UserId): number {
    const from = this.read.get(user);
    if (from === undefined) return 0;
    return this.said.slice(from).filter(({ author, gone }) => author !== user && !gone).length;
  }

  pass(nowMs: number): void {
    for (const one of this.said) if (one.until < nowMs) one.gone = true;
  }
}

async function take(setup: RoomsSetup, room: RoomId, model: CountedRoom, users: UserId[], next: Step): Promise<void> {
  const owner = users[3]!;
  switch (next.kind) {
    case 'restart':
      return setup.restart();
    case 'switch':
      model.disappears = !model.disappears;
      await setup.rooms.append(
        setup.entry(owner, { type: 'room', action: 'disappearing', after: model.disappears ? HOUR_MS / 1_000 : 0 }),
        room
      );
      return;
    case 'later':
      setup.timers.advance(next.paces * PACE_MS);
      await setup.rooms.erasuresSettled();
      return model.pass(setup.timers.nowMs());
    case 'redact': {
      const one = model.said[Math.floor((model.said.length * next.share) / 100)];
      if (!one || one.gone) return;
      await setup.rooms.append(setup.entry(one.author, { type: 'redaction', target: one.id, of: one.author }), room);
      one.gone = true;
      return;
    }
    case 'message': {
      const author = users[next.who]!;
      const entry = setup.message(author);
      expect(await setup.rooms.append(entry, room)).toBeNull();
      const until = model.disappears ? setup.timers.nowMs() + HOUR_MS : Infinity;
      model.said.push({ id: entry.id, author, until, gone: false });
      if (model.read.get(author) === model.said.length - 1) model.read.set(author, model.said.length);
      return;
    }
    case 'come-or-go': {
      const user = users[next.who]!;
      const action = model.read.has(user) ? 'left' : 'joined';
      expect(await setup.rooms.append(setup.entry(user, { type: 'membership', action }), room)).toBeNull();
      if (action === 'left') model.read.delete(user);
      else model.read.set(user, model.said.length);
      return;
    }
    case 'read': {
      const user = users[next.who]!;
      const n = Math.floor((model.said.length * next.share) / 100);
      const answer = await setup.rooms.markRead(user, room, n);
      const was = model.read.get(user);
      if (was === undefined) return;
      model.read.set(user, Math.max(was, Math.min(n, model.said.length)));
      expect(answer).toEqual({ n: model.read.get(user), unread: model.unread(user) });
    }
  }
}

test('[GONE-16] [UNREAD-6] unread are the messages of others above the marker that are there, whatever comes between', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 50 }), async (steps) => {
      await using setup = await RoomsSetup.start();
      const users = [setup.user(), setup.user(), setup.user(), setup.user()];
      const room = await setup.room(users[3]!, 'public', ...users.slice(0, 3));
      const on = { type: 'room', action: 'disappearing', after: HOUR_MS / 1_000 };
      expect(await setup.rooms.append(setup.entry(users[3]!, on), room)).toBeNull();
      const model = new CountedRoom();
      for (const user of users) model.read.set(user, 0);
      for (const next of steps) {
        await take(setup, room, model, users, next);
        for (const user of users) {
          const summary = await setup.rooms.summary(user, room);
          expect(summary!.unread).toBe(model.unread(user));
        }
      }
      expect(setup.errors).toEqual([]);
    }),
    runs(50)
  );
});

test('[GONE-16] who has the room in their list hears that nothing is unread any more', async () => {
  await using setup = await RoomsSetup.start();
  const [ann, bo] = [setup.user(), setup.user()];
  const room = await setup.room(ann, 'private', bo);
  await setup.rooms.append(setup.entry(ann, { type: 'room', action: 'disappearing', after: HOUR_MS / 1_000 }), room);
  await setup.rooms.append(setup.message(ann, 'soon gone', { mentions: [bo] }), room);
  expect(await setup.rooms.summary(bo, room)).toMatchObject({ n: 1, unread: 1, mentions: [1] });
  const heard: UserId[] = [];
  setup.rooms.subscribe({
    ...{ gone: () => undefined, read: () => undefined, receipt: () => undefined, pageChanged: () => undefined },
    changed: (user) => heard.push(user)
  });
  setup.timers.advance(HOUR_MS + PACE_MS);
  await setup.rooms.erasuresSettled();
  await expect.poll(() => heard).toContain(bo);
  expect(await setup.rooms.summary(bo, room)).toMatchObject({ n: 1, unread: 0, mentions: [] });
  await setup.restart();
  const [listed] = await setup.rooms.joined(bo);
  expect(listed).toMatchObject({ n: 1, unread: 0, read: 0 });
});

test('[UNREAD-6] who has the room in their list hears that what was taken away is not unread any more', async () => {
  await using setup = await RoomsSetup.start();
  const [ann, bo] = [setup.user(), setup.user()];
  const room = await setup.room(ann, 'private', bo);
  const oops = setup.message(ann, 'oops');
  await setup.rooms.append(oops, room);
  await setup.rooms.append(setup.message(ann, 'stays'), room);
  expect(await setup.rooms.summary(bo, room)).toMatchObject({ n: 2, unread: 2 });
  const heard: UserId[] = [];
  setup.rooms.subscribe({
    ...{ gone: () => undefined, read: () => undefined, receipt: () => undefined, pageChanged: () => undefined },
    changed: (user) => heard.push(user)
  });
  await setup.rooms.append(setup.entry(ann, { type: 'redaction', target: oops.id, of: ann }), room);
  expect(heard).toContain(bo);
  expect(await setup.rooms.summary(bo, room)).toMatchObject({ n: 2, unread: 1 });
  await setup.restart();
  expect((await setup.rooms.joined(bo))[0]).toMatchObject({ n: 2, unread: 1, read: 0 });
});

test('[UNREAD-6] what a moderator takes away leaves the count of its author right, also where nobody has asked for it since the start', async () => {
  await using setup = await RoomsSetup.start();
  const [ann, bo] = [setup.user(), setup.user()];
  const room = await setup.room(ann, 'public', bo);
  for (const one of [setup.message(ann), setup.message(ann)]) await setup.rooms.append(one, room);
  const bos = setup.message(bo);
  await setup.rooms.append(bos, room);
  await setup.restart();
  const gone = setup.entry(ann, { type: 'redaction', target: bos.id, of: bo });
  expect(await setup.rooms.append(gone, room)).toBeNull();
  for (const round of ['live', 'from disk']) {
    expect((await setup.rooms.summary(bo, room))!.unread, round).toBe(2);
    await setup.restart();
  }
});
