import { describe, expect, test } from 'vitest';
import { CLOSE } from '#protocol/close-codes.ts';
import { STORED_MAX_ROOMS } from '#protocol/limits.ts';
import { summaryOf } from './testing/fake-rooms.ts';
import { userIdOf } from './testing/fake-authenticator.ts';
import { OTHER_ROOM, PAGE } from './testing/muxed-messages.ts';
import { ROOM, setupSync } from './testing/sync-setup.ts';

describe('notices', () => {
  test('[CONN-10] a changed room is told with its summary, at most once a round', async () => {
    await using setup = await setupSync();
    const [ann, bo] = [await setup.client('ann'), await setup.client('bo')];
    for (let at = 0; at < 50; at++) setup.rooms.events.changed(userIdOf('ann'), ROOM);
    setup.timers.advance(0);
    expect(await ann.controlOf('rooms')).toEqual({ type: 'rooms', changed: [summaryOf(ROOM)], gone: [] });
    setup.rooms.events.gone(userIdOf('ann'), OTHER_ROOM);
    setup.timers.advance(499);
    expect(setup.rooms.summaryReads).toBe(1);
    setup.timers.advance(1);
    await ann.until(() => ann.control.length === 3);
    expect(ann.control.at(-1)).toEqual({ type: 'rooms', changed: [], gone: [OTHER_ROOM] });
    expect(bo.control).toHaveLength(1);
  });

  test('[CONN-10] a change while a round is running is in the next one', async () => {
    await using setup = await setupSync();
    const ann = await setup.client('ann');
    const disk = Promise.withResolvers<void>();
    setup.rooms.pending = disk.promise;
    setup.rooms.events.changed(userIdOf('ann'), ROOM);
    setup.timers.advance(0);
    setup.rooms.summaries.set(ROOM, { ...summaryOf(ROOM), n: 11 });
    setup.rooms.events.changed(userIdOf('ann'), ROOM);
    setup.rooms.events.pageChanged(userIdOf('ann'), PAGE, 4, 12);
    disk.resolve();
    await ann.controlOf('rooms');
    setup.timers.advance(500);
    expect(await ann.controlOf('pages')).toEqual({ type: 'pages', changed: [{ ...PAGE, revision: 4 }], cursor: 12 });
    await ann.until(() => ann.control.filter(({ type }) => type === 'rooms').length === 2);
  });

  test('[CONN-11] a read marker is kept, and told to the other connections of the person alone', async () => {
    await using setup = await setupSync();
    const [phone, desk, bo] = [await setup.client('ann'), await setup.client('ann'), await setup.client('bo')];
    phone.sendControl({ type: 'read', room: ROOM, n: 4 });
    expect(await desk.controlOf('read')).toEqual({ type: 'read', room: ROOM, n: 4, unread: 6 });
    desk.sendControl({ type: 'read', room: ROOM, n: 6 });
    expect(await phone.controlOf('read')).toEqual({ type: 'read', room: ROOM, n: 6, unread: 4 });
    expect(desk.control.filter(({ type }) => type === 'read')).toHaveLength(1);
    expect(bo.control).toHaveLength(1);
  });

  test('[RECEIPT-9] reports of what a device has are kept for its own person, room after room; too many are malformed', async () => {
    await using setup = await setupSync();
    const ann = await setup.client('ann');
    const other = 'S'.repeat(22);
    ann.sendControl({
      type: 'stored',
      rooms: [
        { room: ROOM, n: 4 },
        { room: other, n: 2 }
      ]
    });
    ann.sendControl({ type: 'read', room: ROOM, n: 4, quiet: true });
    await ann.opened(ROOM);
    await expect
      .poll(() => setup.rooms.stored)
      .toEqual([
        { user: userIdOf('ann'), room: ROOM, n: 4 },
        { user: userIdOf('ann'), room: other, n: 2 }
      ]);
    expect(setup.rooms.quietReads).toBe(1);
    const rooms = Array.from({ length: STORED_MAX_ROOMS + 1 }, () => ({ room: ROOM, n: 1 }));
    ann.sendControl({ type: 'stored', rooms });
    expect(await ann.closeCode()).toBe(CLOSE.malformed);
  });

  test('[CONN-10] a store that was restored greets everybody anew', async () => {
    await using setup = await setupSync();
    const ann = await setup.client('ann');
    setup.generation = 'second';
    setup.sync.generationChanged();
    expect(await ann.closeCode()).toBe(CLOSE.storage);
    const again = await setup.client('ann');
    expect((await again.controlOf('hello')).generation).toBe('second');
  });
});
