import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Entry } from '#protocol/entry.ts';
import type { RoomId, UserId } from '#protocol/ids.ts';
import { MENTIONS_LISTED_MAX } from '#protocol/limits.ts';
import { runs } from '../../tests/property-runs.ts';
import { CALLS_KEPT, RoomMentions } from './room-mentions.ts';
import { RoomsSetup } from './testing/rooms-setup.ts';

type Step =
  | {
      readonly kind: 'message';
      readonly who: number;
      readonly names: readonly number[];
      readonly all: boolean;
      readonly watched: boolean;
    }
  | { readonly kind: 'leave' | 'join'; readonly who: number }
  | { readonly kind: 'read'; readonly who: number; readonly share: number }
  | { readonly kind: 'redact'; readonly share: number }
  | { readonly kind: 'restart' };

const who = fc.nat(2);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('message' as const),
      who,
      names: fc.uniqueArray(fc.nat(3), { maxLength: 3 }),
      all: fc.boolean(),
      watched: fc.boolean()
    })
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('read' as const), who, share: fc.nat(110) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('redact' as const), share: fc.nat(99) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('leave', 'join'), who }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) }
);

/** What being mentioned means, by keeping all of it. */
class CountedRoom {
  readonly said: { readonly entry: Entry; readonly called: ReadonlySet<UserId>; gone: boolean }[] = [];
  readonly read = new Map<UserId, number>();

  say(entry: Entry, called: Iterable<UserId>): void {
    const { author } = entry;
    this.said.push({ entry, called: new Set([...called].filter((user) => user !== author)), gone: false });
    if (this.read.get(author) === this.said.length - 1) this.read.set(author, this.said.length);
  }

  mentions(user: UserId): number[] {
    const read = this.read.get(user);
    if (read === undefined) return [];
    return this.said.flatMap(({ called, gone }, at) => (at + 1 > read && called.has(user) && !gone ? [at + 1] : []));
  }
}

async function take(setup: RoomsSetup, room: RoomId, model: CountedRoom, users: UserId[], next: Step): Promise<void> {
  if (next.kind === 'restart') return setup.restart();
  if (next.kind === 'redact') {
    const said = model.said[Math.floor((model.said.length * next.share) / 100)];
    if (!said) return;
    const { id, author } = said.entry;
    const answer = await setup.rooms.append(setup.entry(author, { type: 'redaction', target: id, of: author }), room);
    expect(answer).toBe(said.gone ? 'no-change' : null);
    said.gone = true;
    return;
  }
  const user = users[next.who]!;
  switch (next.kind) {
    case 'message': {
      const mentions = next.names.map((at) => users[at]!);
      // Half of the time somebody has asked before, so that the room in memory counts on.
      if (next.watched) await setup.rooms.summary(users[(next.who + 1) % 3]!, room);
      const entry = setup.message(user, 'hello', {
        ...(mentions.length > 0 && { mentions }),
        ...(next.all && { mentionsRoom: true })
      });
      expect(await setup.rooms.append(entry, room)).toBeNull();
      const members = [...model.read.keys()];
      return model.say(entry, next.all ? members : members.filter((member) => mentions.includes(member)));
    }
    case 'leave':
    case 'join': {
      const action = next.kind === 'leave' ? 'left' : 'joined';
      if ((await setup.rooms.append(setup.entry(user, { type: 'membership', action }), room)) !== null) return;
      if (next.kind === 'leave') model.read.delete(user);
      else model.read.set(user, model.said.length);
      return;
    }
    case 'read': {
      const n = Math.floor((model.said.length * next.share) / 100);
      await setup.rooms.markRead(user, room, n);
      const was = model.read.get(user);
      if (was !== undefined) model.read.set(user, Math.max(was, Math.min(n, model.said.length)));
    }
  }
}

test('[MENTION-2] unread mentions are exactly those above the marker, by name or of all, without what was redacted', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 50 }), async (steps) => {
      await using setup = await RoomsSetup.start();
      const users = [setup.user(), setup.user(), setup.user(), setup.user()];
      // The fourth is never in it.
      const room = await setup.room(users[0]!, 'public', ...users.slice(1, 3));
      const model = new CountedRoom();
      for (const user of users.slice(0, 3)) model.read.set(user, 0);
      for (const next of steps) {
        await take(setup, room, model, users, next);
        for (const user of users) {
          const live = await setup.rooms.summary(user, room);
          expect(live!.mentions).toEqual(model.mentions(user));
        }
      }
      await setup.restart();
      for (const user of users) {
        const [stored] = (await setup.rooms.joined(user)).map(({ mentions }) => mentions);
        expect(stored ?? []).toEqual(model.mentions(user));
      }
    }),
    runs(60)
  );
});

test('[MENTION-2] a summary names the newest mentions, as many as it is bounded to', async () => {
  await using setup = await RoomsSetup.start();
  const [ann, bo] = [setup.user(), setup.user()];
  const room = await setup.room(ann, 'private', bo);
  const last = MENTIONS_LISTED_MAX + 5;
  for (let n = 1; n <= last; n++) await setup.rooms.append(setup.message(ann, 'hello', { mentions: [bo] }), room);
  const mentions = (await setup.rooms.summary(bo, room))!.mentions!;
  expect([mentions.length, mentions.at(0), mentions.at(-1)]).toEqual([MENTIONS_LISTED_MAX, 6, last]);
  // What is read leaves the store.
  await setup.rooms.markRead(bo, room, last);
  expect(setup.disk.entries.some(([key]) => key.startsWith('mention/'))).toBe(false);
});

test('[MENTION-7] of a flood of calls to all the newest are known, by a process that was there and by the next', async () => {
  await using setup = await RoomsSetup.start();
  const [ann, bo] = [setup.user(), setup.user()];
  const room = await setup.room(ann, 'private', bo);
  await setup.rooms.summary(bo, room);
  const last = CALLS_KEPT + 20;
  const writer = await setup.client(ann, room);
  const calls = Array.from({ length: last }, () => setup.message(ann, '@room', { mentionsRoom: true }));
  writer.append(...calls);
  await writer.untilArrived(calls.at(-1)!.id);
  const newest = Array.from({ length: MENTIONS_LISTED_MAX }, (_, at) => last - MENTIONS_LISTED_MAX + 1 + at);
  expect((await setup.rooms.summary(bo, room))!.mentions).toEqual(newest);
  await setup.restart();
  await setup.client(bo, room);
  expect((await setup.rooms.summary(bo, room))!.mentions).toEqual(newest);
  const known = new RoomMentions(setup.store.kv, room);
  await known.learn([bo]);
  for (let n = last + 1; n <= last + CALLS_KEPT; n++) known.add({ n, author: ann, people: [], all: true });
  expect(known.callCount).toBe(CALLS_KEPT);
});

test('[MENTION-1] who was mentioned goes with the message and with the room', async () => {
  await using setup = await RoomsSetup.start();
  const [ann, bo] = [setup.user(), setup.user()];
  const room = await setup.room(ann, 'private', bo);
  const both = { mentions: [bo], mentionsRoom: true } as Partial<Entry>;
  const message = setup.message(ann, 'hello', both);
  await setup.rooms.append(message, room);
  const traces = () =>
    setup.disk.entries.filter(
      ([key, value]) => /^(?:mention|call)\//.test(key) || (key.startsWith('id/') && /mentions/.test(textOf(value)))
    ).length;
  expect(traces()).toBe(3);
  await setup.rooms.append(setup.entry(ann, { type: 'redaction', target: message.id, of: ann }), room);
  expect([traces(), (await setup.rooms.summary(bo, room))!.mentions]).toEqual([0, []]);
  await setup.rooms.append(setup.message(ann, 'hello', both), room);
  await setup.rooms.append(setup.entry(ann, { type: 'room', action: 'deleted' }), room);
  await setup.rooms.erasuresSettled();
  expect(traces()).toBe(0);
});

const textOf = (value: Uint8Array): string => new TextDecoder().decode(value);
