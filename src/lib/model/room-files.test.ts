import { test, expect } from 'vitest';
import type { Attachment } from '#protocol/attachment.ts';
import type { Entry } from '#protocol/entry.ts';
import type { Prepared } from '../files/prepare-file.ts';
import { blobHash } from '../storage/blob-hash.ts';
import { roomFilesSetup, file, names, ROOM, prepare } from './testing/room-files-setup.ts';

const message = (id: string, attachments: readonly Attachment[]): Entry => ({
  id,
  type: 'message',
  author: `u${'a'.repeat(22)}`,
  sentAt: 1,
  body: '',
  attachments
});

test('[FILES-6] what goes with a message is in no composer any more, also where the app ended in between', async () => {
  const { db, unsent, open } = roomFilesSetup();
  const files = await open();
  await files.add([file('a')]);
  const taken = await files.take('message-1');
  expect(taken.map(({ name }) => name)).toEqual(['a.txt']);
  expect(files.composed).toEqual([]);
  // In the outbox, and then it ended.
  unsent.push(message('message-1', taken));
  const again = await open();
  await expect.poll(() => db.files()).toEqual([]);
  expect(again.composed).toEqual([]);
  expect(await db.has([taken[0]!.hash])).toBe(true);
});

test('[FILES-6] files of a message that never got into the outbox stand in the composer again', async () => {
  const { open } = roomFilesSetup();
  const files = await open();
  await files.add([file('a')]);
  await files.take('message-1');
  await files.add([file('b')]);
  // The app ended before the message was written, and this is the next one.
  const again = await open();
  await expect.poll(() => names(again)).toEqual(['a.txt', 'b.txt']);
  await expect.poll(() => names(files)).toEqual(['a.txt', 'b.txt']);
});

test('[FILES-6] files of a message that could not be saved go back to the composer, unless it is saved later', async () => {
  const { db, unsent, state, open } = roomFilesSetup();
  state.of = 'not-saved';
  const files = await open();
  await files.add([file('a')]);
  unsent.push(message('message-1', await files.take('message-1')));
  await files.sent('message-1');
  expect(files.composed).toEqual([]);
  expect((await db.files()).map(({ taken }) => taken?.entry)).toEqual(['message-1']);
  state.of = 'kept';
  state.changed();
  await expect.poll(() => db.files()).toEqual([]);
});

test('[FILES-11] files of a message that failed stand in the composer again, before what stands there', async () => {
  const { db, open } = roomFilesSetup();
  const files = await open();
  await files.add([file('a'), file('b')]);
  const taken = await files.take('message-1');
  await files.sent('message-1');
  await files.add([file('c')]);
  expect(await files.takeUp(taken)).toBe(true);
  await db.erase(ROOM, ['message-1']);
  expect(names(files)).toEqual(['a.txt', 'b.txt', 'c.txt']);
  expect(await db.has(files.composed.map(({ hash }) => hash))).toBe(true);
});

test('[FILES-10] two windows of a room show the same files, and neither undoes what the other did', async () => {
  const { open } = roomFilesSetup();
  const [one, two] = [await open(), await open()];
  await Promise.all([one.add([file('a'), file('b')]), two.add([file('c'), file('d')])]);
  await expect.poll(() => names(one).toSorted()).toEqual(['a.txt', 'b.txt', 'c.txt', 'd.txt']);
  await expect.poll(() => names(two)).toEqual(names(one));
  one.remove(one.composed.find(({ name }) => name === 'a.txt')!.hash);
  two.remove(two.composed.find(({ name }) => name === 'd.txt')!.hash);
  await expect.poll(() => names(one).toSorted()).toEqual(['b.txt', 'c.txt']);
  await expect.poll(() => names(two)).toEqual(names(one));
  expect(await two.add([file('c')])).toEqual(['“c.txt” is in this message already.']);
});

test('[FILES-10] what two windows send at once goes with one message', async () => {
  const { open } = roomFilesSetup();
  const [one, two] = [await open(), await open()];
  await one.add([file('a')]);
  await expect.poll(() => names(two)).toEqual(['a.txt']);
  const said: { body?: unknown; attachments?: readonly Attachment[] }[] = [];
  const say = async (payload: (typeof said)[number]): Promise<void> => void said.push(payload);
  await Promise.all([one.send('', null, say), two.send('', null, say)]);
  expect(said.map(({ attachments }) => attachments?.map(({ name }) => name))).toEqual([['a.txt']]);
  expect([one.composed, two.composed]).toEqual([[], []]);
  // Words go out whoever has the files.
  await two.add([file('b')]);
  await Promise.all([one.send('One', null, say), two.send('Two', null, say)]);
  expect(said.slice(1).map(({ body }) => body)).toEqual(expect.arrayContaining(['One', 'Two']));
  expect(said.slice(1).filter(({ attachments }) => attachments)).toHaveLength(1);
});

test('[FILES-6] what is sent while the data of the server are replaced goes with its files, once there are the new ones', async () => {
  const { clients, open } = roomFilesSetup();
  const files = await open();
  await files.add([file('a')]);
  files.detach();
  const said: Readonly<Record<string, unknown>>[] = [];
  const sent = files.send('look', null, async (payload) => void said.push(payload));
  await Promise.resolve();
  expect(said).toEqual([]);
  files.attach(clients[0]!);
  await sent;
  expect(said).toEqual([
    expect.objectContaining({ body: 'look', attachments: [expect.objectContaining({ name: 'a.txt' })] })
  ]);
});

test('[FILES-6] a file that is taken out while another is written stays out, and the other stays', async () => {
  const { db, open } = roomFilesSetup();
  const files = await open();
  await files.add([file('a')]);
  const compose = db.compose.bind(db);
  let removed = false;
  db.compose = async (...row) => {
    const composed = await compose(...row);
    if (!removed) files.remove(files.composed[0]!.hash);
    removed = true;
    return composed;
  };
  await files.add([file('b')]);
  await expect.poll(() => names(files)).toEqual(['b.txt']);
  const again = await open();
  expect(names(again)).toEqual(['b.txt']);
});

test('[DOWNLOAD-3] of what is looked at, what came into sight last is fetched first, and what has gone by is not', async () => {
  const { open, asked, openGate } = roomFilesSetup();
  const files = await open();
  const hashes = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
  const views = hashes.map((hash) => files.open('message', { hash, type: 'image/webp', size: 4 }));
  for (const view of views) await expect.poll(() => view.status).toBe('away');
  const fetched = views.map((view) => view.fetch());
  await expect.poll(() => asked).toEqual(['a', 'b', 'c', 'd']);
  views[5]!.close();
  openGate();
  await Promise.all(fetched);
  expect(asked).toEqual(['a', 'b', 'c', 'd', 'g', 'e']);
});

test('[FILES-6] a file of the composer whose bytes are gone is said to be gone, and not looked for without end', async () => {
  const { open } = roomFilesSetup();
  const hash = await blobHash(new Blob(['gone']), null);
  const view = (await open()).open(null, { hash, type: 'text/plain', size: 4 });
  await expect.poll(() => view.status).toBe('away');
  await view.fetch();
  expect(view.status).toBe('absent');
  view.close();
});

test('[FULL-1] a picture takes its full size in its place and the smaller one again, made once, and stands nowhere twice', async () => {
  const made: boolean[] = [];
  const { db, open } = roomFilesSetup(undefined, async (given, _recorded, full) => {
    if (given.name === 'words.txt') return prepare(given);
    made.push(full);
    const bytes = new Blob([full ? 'all pixels' : 'few']);
    const hash = await blobHash(bytes, null);
    const attachment = { hash, name: given.name, type: 'image/webp', size: bytes.size };
    const larger = full ? {} : { larger: { width: 4_000, height: 3_000 } };
    return { kind: 'ready', attachment, blobs: [{ hash, bytes }], unread: false, ...larger };
  });
  const files = await open();
  await files.add([new File(['raw'], 'photo.webp'), file('words')]);
  const hashAt = (place: number): string => files.composed[place]!.hash;
  const small = hashAt(0);
  expect(files.sizes(hashAt(1))).toBeNull();
  expect(files.sizes(small)).toEqual({ width: 4_000, height: 3_000, full: false, making: false, otherBytes: null });
  expect(await Promise.all([files.changeSize(small), files.changeSize(small)])).toEqual([null, null]);
  const full = hashAt(0);
  expect(names(files)).toEqual(['photo.webp', 'words.txt']);
  expect(files.sizes(full)).toMatchObject({ full: true, otherBytes: 3 });
  expect([await db.get(small), await (await db.get(full))!.text()]).toEqual([null, 'all pixels']);
  await files.changeSize(full);
  expect([hashAt(0), made]).toEqual([small, [false, true]]);
  expect(files.sizes(small)).toMatchObject({ full: false, otherBytes: 10 });
  files.remove(small);
  expect(files.sizes(small)).toBeNull();
});

test('[FULL-1] what cannot be made in full size, or is too large for the server then, stays as it stands', async () => {
  const ready = async (given: File, size: number): Promise<Prepared> => {
    const bytes = new Blob(['x'.repeat(size)]);
    const hash = await blobHash(bytes, null);
    const attachment = { hash, name: given.name, type: 'image/webp', size };
    return { kind: 'ready', attachment, blobs: [{ hash, bytes }], unread: false, larger: { width: 9, height: 9 } };
  };
  const large = await roomFilesSetup(undefined, (given, _recorded, full) => ready(given, full ? 21 : 3)).open();
  await large.add([new File(['raw'], 'photo.webp')]);
  expect(await large.changeSize(large.composed[0]!.hash)).toMatch(/is larger than the 1 MB/);
  expect(large.composed[0]!.size).toBe(3);
  const never = await roomFilesSetup(undefined, async (given, _recorded, full) =>
    full ? { kind: 'unreadable' } : ready(given, 3)
  ).open();
  await never.add([new File(['raw'], 'photo.webp')]);
  expect(await never.changeSize(never.composed[0]!.hash)).toMatch(/cannot make “photo.webp” in full size/);
  expect(never.composed[0]!.size).toBe(3);
});
