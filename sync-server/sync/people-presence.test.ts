import { expect, onTestFinished, test } from 'vitest';
import type { ServerMessage } from '#protocol/control.ts';
import { newUserId, type UserId } from '#protocol/ids.ts';
import { SHARES_ALL, type Privacy } from '#protocol/personal.ts';
import { LastSeen } from '../accounts/last-seen.ts';
import type { Session } from '../accounts/session.ts';
import { Store } from '../store/store.ts';
import { HandTimers } from '../testing/hand-timers.ts';
import { PeoplePresence, PRESENCE_ROUND_MS, type PresenceReader } from './people-presence.ts';

class Reader implements PresenceReader {
  readonly session: Session;
  readonly heard: ServerMessage[] = [];
  constructor(user: UserId) {
    this.session = { user: { id: user } } as Session;
  }
  notify(message: ServerMessage): void {
    this.heard.push(message);
  }
  /** What was told of a person last: status and when they were seen. */
  of(user: UserId): readonly [string, number | null] | null {
    const told = this.heard.flatMap((message) => (message.type === 'presence' ? message.people : []));
    const last = told.findLast((one) => one.user === user);
    return last ? [last.status, last.seenAt] : null;
  }
}

async function setup() {
  const store = await Store.inMemory();
  onTestFinished(() => store.close());
  const timers = new HandTimers();
  const choices = new Map<UserId, Privacy>();
  const privacy = { of: (user: UserId) => choices.get(user) ?? SHARES_ALL };
  const deleted = new Set<UserId>();
  const lastSeen = new LastSeen({ kv: store.kv, privacy, exists: (user) => !deleted.has(user) });
  const strangers = new Set<UserId>();
  const presence = new PeoplePresence({
    rooms: { sharingRoom: async (_user, others) => new Set(others.filter((other) => !strangers.has(other))) },
    ...{ privacy, lastSeen, timers },
    log: { debug: () => undefined, info: () => undefined, warn: () => undefined }
  });
  const [ann, bo] = [newUserId(), newUserId()];
  const watch = async (...users: UserId[]): Promise<Reader> => {
    const reader = new Reader(ann);
    presence.watch(reader, users);
    await expect.poll(() => reader.heard.length).toBe(1);
    return reader;
  };
  const round = (): void => timers.advance(PRESENCE_ROUND_MS);
  return { store, timers, choices, deleted, lastSeen, strangers, presence, ann, bo, watch, round };
}

test('[PRES-12] whether people are here is told when one begins to look, then what changes, a moment later, together', async () => {
  const { timers, presence, ann, bo, watch, round } = await setup();
  const [phone, desk] = [new Reader(bo), new Reader(bo)];
  const reader = await watch(bo);
  expect(reader.of(bo)).toEqual(['gone', null]);
  presence.set(phone, 'here');
  presence.set(desk, 'away');
  round();
  await expect.poll(() => reader.of(bo)).toEqual(['here', null]);
  presence.set(phone, 'away');
  round();
  await expect.poll(() => reader.of(bo)).toEqual(['away', null]);
  const leftAt = timers.nowMs() - PRESENCE_ROUND_MS;
  presence.remove(phone);
  presence.remove(desk);
  round();
  await expect.poll(() => reader.of(bo)).toEqual(['gone', leftAt]);
  // A line that goes and comes back at once is no news to anybody but by its last word.
  const before = reader.heard.length;
  presence.set(phone, 'here');
  presence.remove(phone);
  presence.set(desk, 'here');
  presence.set(new Reader(ann), 'here');
  round();
  await expect.poll(() => reader.of(bo)).toEqual(['here', null]);
  expect(reader.heard).toHaveLength(before + 1);
  presence.remove(reader);
  presence.remove(desk);
  expect(timers.pending).toBe(0);
});

test('[PRES-13] nobody shows to who shares no room with them, and not any more once they do not', async () => {
  const { strangers, presence, bo, watch, round } = await setup();
  strangers.add(bo);
  const phone = new Reader(bo);
  presence.set(phone, 'here');
  const reader = await watch(bo);
  expect(reader.of(bo)).toEqual(['gone', null]);
  presence.set(phone, 'away');
  round();
  strangers.delete(bo);
  presence.concerns(bo);
  round();
  await expect.poll(() => reader.of(bo)).toEqual(['away', null]);
  strangers.add(bo);
  presence.concerns(bo);
  round();
  await expect.poll(() => reader.of(bo)).toEqual(['gone', null]);
});

test('[PRES-14] when somebody was here last is told of nobody who keeps it back, and to nobody who does; nothing of it is kept', async () => {
  const { store, timers, choices, deleted, lastSeen, presence, ann, bo, watch } = await setup();
  const cy = newUserId();
  const at = timers.nowMs();
  const records = async (): Promise<number> => {
    let count = 0;
    for await (const _record of store.kv.range({ gte: 'seen/', lt: 'seen0' })) count += 1;
    return count;
  };
  for (const user of [bo, cy]) {
    const phone = new Reader(user);
    presence.set(phone, 'here');
    presence.remove(phone);
  }
  const reader = await watch(bo, cy);
  expect([reader.of(bo), reader.of(cy)]).toEqual([
    ['gone', at],
    ['gone', at]
  ]);
  const back = { ...SHARES_ALL, lastSeen: false };
  choices.set(bo, back);
  await lastSeen.privacyChanged(bo, back);
  const again = await watch(bo, cy);
  expect([again.of(bo), again.of(cy)]).toEqual([
    ['gone', null],
    ['gone', at]
  ]);
  choices.set(ann, back);
  expect((await watch(cy)).of(cy)).toEqual(['gone', null]);
  expect(await records()).toBe(1);
  // Nor of who has deleted their account, whose sockets end after it.
  deleted.add(cy);
  await store.kv.batch(await lastSeen.erasure(cy), { sync: true });
  const phone = new Reader(cy);
  presence.set(phone, 'here');
  presence.remove(phone);
  await presence.close();
  expect(await records()).toBe(0);
});
