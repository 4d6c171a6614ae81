import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { newRoomId } from '#protocol/ids.ts';
import { roomMarkKey } from '#protocol/personal.ts';
import { runs } from '../../../tests/property-runs.ts';
import { RoomMarks } from './room-marks.ts';
import { OwnDocument } from './testing/own-document.ts';
import { summary } from './testing/synced-room.ts';

function device() {
  const document = new OwnDocument();
  const heard: (readonly string[] | null)[] = [];
  const marks = new RoomMarks(document, (rooms) => heard.push(rooms));
  document.changed = (root, keys) => marks.heard(root, keys);
  return { document, marks, heard };
}

const [A, B, C] = [newRoomId(), newRoomId(), newRoomId()] as [string, string, string];

describe('marks of rooms', () => {
  test('[OWNROOM-1] what two devices change offline of one room is kept of both', async () => {
    const [phone, desk] = [device(), device()];
    await phone.marks.set(A, 'muted', true);
    await desk.marks.set(A, 'level', 'all');
    await desk.marks.setFavourite(A, null);
    phone.document.syncWith(desk.document);
    for (const { marks } of [phone, desk])
      expect(marks.of(A)).toEqual({ muted: true, level: 'all', favourite: 0, archived: null, unread: null });
    expect(phone.heard).toEqual([[A], [A]]);
  });

  test('[OWNROOM-2] favourites have an order, which every device shows alike', async () => {
    const [phone, desk] = [device(), device()];
    for (const room of [A, B, C]) await phone.marks.setFavourite(room, null);
    expect(phone.marks.favourites()).toEqual([A, B, C]);
    await phone.marks.setFavourite(C, A);
    await phone.marks.setFavourite(A, null);
    expect(phone.marks.favourites()).toEqual([C, B, A]);
    // Both give the same place away.
    phone.document.syncWith(desk.document);
    await phone.marks.setFavourite(A, B);
    await desk.marks.setFavourite(B, C);
    phone.document.syncWith(desk.document);
    expect(phone.marks.favourites()).toEqual(desk.marks.favourites());
    expect([...phone.marks.favourites()].sort()).toEqual([A, B, C].sort());
  });

  test('[OWNROOM-2] a favourite stands where it was put, however often they are moved', async () => {
    const rooms = Array.from({ length: 5 }, () => newRoomId());
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(4), fc.nat(5)), { maxLength: 200 }), async (moves) => {
        const { marks } = device();
        let order: string[] = [];
        for (const [which, where] of moves) {
          const room = rooms[which]!;
          const before = rooms[where] === room ? null : (rooms[where] ?? null);
          order = order.filter((one) => one !== room);
          const at = before === null ? -1 : order.indexOf(before);
          order.splice(at === -1 ? order.length : at, 0, room);
          await marks.setFavourite(room, before);
          expect(marks.favourites()).toEqual(order);
        }
      }),
      runs(30)
    );
  });

  test('[OWNROOM-2] between two favourites there is always a place', async () => {
    const { marks } = device();
    for (const room of [A, B, C]) await marks.setFavourite(room, null);
    for (let times = 0; times < 50; times++) {
      await marks.setFavourite(C, B);
      await marks.setFavourite(B, C);
    }
    expect(marks.favourites()).toEqual([A, B, C]);
  });

  test('[OWNROOM-3] what is put away comes back with a mention; a direct room or a group with any message', async () => {
    const { marks } = device();
    const put = (room: string) => marks.set(room, 'archived', 5);
    for (const room of [A, B, C]) await put(room);
    marks.bringBack({ ...summary, id: A, kind: 'private', n: 9, mentions: [3, 5] });
    marks.bringBack({ ...summary, id: B, kind: 'private', n: 9, mentions: [6] });
    marks.bringBack({ ...summary, id: C, kind: 'direct', n: 5 });
    expect([A, B, C].map((room) => marks.get(room, 'archived'))).toEqual([5, null, 5]);
    marks.bringBack({ ...summary, id: C, kind: 'direct', n: 6 });
    expect(marks.get(C, 'archived')).toBeNull();
  });

  test('[OWNROOM-4] the level is that of the room, else that of the person, else mentions; what does not fit is none', async () => {
    const { document, marks, heard } = device();
    expect([marks.rules.level, marks.get(A, 'level')]).toEqual(['mentions', null]);
    await marks.setDefaultLevel('none');
    expect([marks.rules.level, heard]).toEqual(['none', [null]]);
    await document.set('rooms', roomMarkKey(A, 'level'), 'loud');
    await document.set('preferences', 'notification-level', 7);
    expect([marks.rules.level, marks.get(A, 'level')]).toEqual(['mentions', null]);
  });

  test('[NOTICE-6] words and quiet hours are kept tidy, for all of the person’s devices', async () => {
    const { marks, heard } = device();
    await marks.setKeywords(['  tide ', 'Tide', '', 'x'.repeat(41), 'dry  dock']);
    await marks.setQuietHours({ from: 1_320, to: 420, zone: 'Europe/Berlin' });
    expect(marks.rules).toEqual({
      ...{ level: 'mentions', keywords: ['tide', 'dry dock'] },
      quiet: { from: 1_320, to: 420, zone: 'Europe/Berlin' }
    });
    expect(heard).toEqual([null, null]);
    await marks.setQuietHours(null);
    expect(marks.rules.quiet).toBeNull();
  });
});
