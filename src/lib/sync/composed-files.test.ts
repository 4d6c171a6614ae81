import 'fake-indexeddb/auto';
import { expect, onTestFinished, test } from 'vitest';
import type { Entry } from '#protocol/entry.ts';
import { BlobDb } from '../storage/blob-db.ts';
import { blobHash } from '../storage/blob-hash.ts';
import { UserDb } from '../storage/user-db.ts';
import { ComposedFiles } from './composed-files.ts';
import { Outbox } from './outbox.ts';

const ROOM = 'r'.repeat(22);
const UNSIGNED = { isCurrent: () => true, sign: (_room: string, entry: Entry) => Promise.resolve(entry) };
let databases = 0;

/** A device: each tab of it has an outbox and composers over the same disk. `alive` are those that answer the roll call. */
function device() {
  const name = `composed-files-${(databases += 1)}`;
  const alive = new Set<string>();
  const scheduled = new Set<string>();
  const blobs = new BlobDb(`${name}-blobs`, () => 1);
  onTestFinished(() => blobs.close());
  const tab = async (own: string) => {
    const db = new UserDb(name, () => undefined);
    const outbox = new Outbox(db, own, UNSIGNED, () => undefined, Date.now);
    await outbox.load();
    const files = new ComposedFiles({
      ...{ db: blobs, outbox, tab: own, alive: () => Promise.resolve(alive) },
      isScheduled: async (_room, entry) => scheduled.has(entry),
      announce: () => undefined
    });
    await files.load();
    onTestFinished(() => {
      files.close();
      outbox.close();
      db.close();
    });
    return { outbox, files };
  };
  return { alive, scheduled, blobs, tab };
}

async function file(words: string) {
  const bytes = new Blob([words]);
  const hash = await blobHash(bytes, null);
  return { attachment: { hash, name: `${words}.txt`, type: 'text/plain', size: bytes.size }, blobs: [{ hash, bytes }] };
}

const message = (id: string, attachments: Awaited<ReturnType<ComposedFiles['take']>>): Entry => ({
  ...{ id, type: 'message', author: `u${'a'.repeat(22)}`, sentAt: 1, body: '', attachments }
});

test('[FILES-10] a message takes its files for good once it has arrived, though the tab that wrote it never let go of them', async () => {
  const { blobs, tab } = device();
  const writing = await tab('writing');
  const { attachment, blobs: bytes } = await file('a');
  await writing.files.add(ROOM, attachment, bytes);
  const entry = message('message-1', await writing.files.take(ROOM, ROOM, 'message-1'));
  await writing.outbox.add(ROOM, entry, 0);
  // That tab ends here. Another one that runs already sends the message, and sees it arrive.
  const sending = await tab('sending');
  await blobs.hold([attachment], { room: ROOM, entry: entry.id, of: ROOM, tab: 'writing' });
  await sending.outbox.remove(ROOM, [entry.id]);
  expect(await blobs.files()).toEqual([]);
  const next = await tab('next');
  expect(next.files.of(ROOM)).toEqual([]);
  expect(await blobs.has([attachment.hash])).toBe(true);
});

test('[FILES-10] another tab follows what stands in a composer also after a change that failed', async () => {
  const { blobs, tab } = device();
  const [one, two] = [await tab('one'), await tab('two')];
  const compose = blobs.compose.bind(blobs);
  blobs.compose = () => Promise.reject(new Error('the disk is gone'));
  const { attachment, blobs: bytes } = await file('a');
  await expect(one.files.add(ROOM, attachment, bytes)).rejects.toThrow('the disk is gone');
  blobs.compose = compose;
  await two.files.add(ROOM, attachment, bytes);
  one.files.heard({ type: 'files', of: ROOM });
  await expect.poll(() => one.files.of(ROOM)).toEqual([attachment]);
});

test('[FILES-10] a tab that was frozen while it sent is taken for gone: its message has the files, and no composer', async () => {
  const { alive, blobs, tab } = device();
  const frozen = await tab('frozen');
  const { attachment, blobs: bytes } = await file('a');
  await frozen.files.add(ROOM, attachment, bytes);
  const entry = message('message-1', await frozen.files.take(ROOM, ROOM, 'message-1'));
  alive.add('next');
  const next = await tab('next');
  await expect.poll(() => next.files.of(ROOM)).toEqual([attachment]);
  // It goes on where it was.
  await frozen.outbox.add(ROOM, entry, 0);
  await frozen.files.sent(ROOM, entry.id);
  expect(await blobs.composed(ROOM)).toEqual([]);
  next.files.heard({ type: 'files', of: ROOM });
  await expect.poll(() => next.files.of(ROOM)).toEqual([]);
  expect(await blobs.has([attachment.hash])).toBe(true);
  await blobs.erase(ROOM, [entry.id]);
  expect(await blobs.has([attachment.hash])).toBe(false);
});

test('[SCHED-16] files that went with a message that is to be sent later stay with it over a restart, and come back where it was not kept', async () => {
  const { blobs, scheduled, tab } = device();
  const one = await tab('one');
  const [kept, unkept] = [await file('a'), await file('b')];
  await one.files.add(ROOM, kept.attachment, kept.blobs);
  await one.files.take(ROOM, ROOM, 'message-1');
  scheduled.add('message-1');
  await one.files.add(ROOM, unkept.attachment, unkept.blobs);
  await one.files.take(ROOM, ROOM, 'message-2');
  await one.files.giveBack('message-2');
  expect(one.files.of(ROOM)).toEqual([unkept.attachment]);
  // It ended before it had told that the first is on the disk.
  const next = await tab('next');
  await expect.poll(() => blobs.files()).toEqual([{ of: ROOM, files: [unkept.attachment] }]);
  expect(next.files.of(ROOM)).toEqual([unkept.attachment]);
  expect(await blobs.has([kept.attachment.hash])).toBe(true);
  await blobs.erase(ROOM, ['message-1']);
  expect(await blobs.has([kept.attachment.hash])).toBe(false);
});
