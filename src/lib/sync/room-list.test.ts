import 'fake-indexeddb/auto';
import { expect, onTestFinished, test } from 'vitest';
import { UserDb } from '../storage/user-db.ts';
import { RoomList } from './room-list.ts';
import { summary } from './testing/synced-room.ts';

let databases = 0;

async function setup() {
  databases += 1;
  const db = new UserDb(`rooms${databases}`, () => undefined);
  onTestFinished(() => db.close());
  const open = async (): Promise<RoomList> => {
    const list = new RoomList(db, { now: Date.now, proven: Date.now }, () => undefined);
    await list.load();
    return list;
  };
  return { list: await open(), open };
}

const of = (id: string, extra: object = {}) => ({ ...summary, id, ...extra });
const ids = (list: RoomList): string[] => list.all().map(({ id }) => id);

test('the server’s list takes the place of what was known, never of rooms that wait here for their creation', async () => {
  const { list, open } = await setup();
  await list.replace([of('left'), of('stays')], () => false);
  await list.add('made-here');
  await list.add('given-up');
  await list.replace([of('stays'), of('new')], (id) => id === 'made-here' || id === 'left');
  expect(ids(list).sort()).toEqual(['made-here', 'new', 'stays']);
  expect(ids(await open()).sort()).toEqual(['made-here', 'new', 'stays']);
});

test('unread is what the server says, less what was read here since', async () => {
  const { list, open } = await setup();
  await list.replace([of('a', { n: 10, read: 4, unread: 5 })], () => false);
  expect(list.unread('a')).toBe(5);
  expect(await list.markRead('a', 8)).toBe(true);
  expect(list.unread('a')).toBe(2);
  expect(list.untold()).toEqual([{ room: 'a', n: 8 }]);
  expect(await list.markRead('a', 7)).toBe(false);
  expect((await open()).unread('a')).toBe(2);
  await list.readElsewhere('a', 10, 0);
  expect(list.unread('a')).toBe(0);
  expect(list.untold()).toEqual([]);
});
