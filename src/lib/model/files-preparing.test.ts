import { test, expect } from 'vitest';
import { ATTACHMENTS_MAX } from '#protocol/limits.ts';
import { breakWrites } from '../storage/testing/broken-writes.ts';
import type { FilesOfRoomOptions } from './room-files.svelte.ts';
import { roomFilesSetup, file, names, prepare, ROOM } from './testing/room-files-setup.ts';

test('[FILES-6] files stand in the order in which they were chosen, are moved and taken out, and are there after a restart', async () => {
  const { open } = roomFilesSetup();
  const files = await open();
  const [one] = await Promise.all([files.add([file('a'), file('b')]), files.add([file('c')])]);
  expect(one).toEqual([]);
  expect(names(files)).toEqual(['a.txt', 'b.txt', 'c.txt']);
  expect(files.preparing).toEqual([]);
  files.move(files.composed[2]!.hash, -5);
  files.move(files.composed[0]!.hash, 1);
  files.remove(files.composed[2]!.hash);
  expect(names(files)).toEqual(['a.txt', 'c.txt']);
  const again = await open();
  await expect.poll(() => names(again)).toEqual(['a.txt', 'c.txt']);
});

test('[FILES-6] what cannot be taken is said in words, by name, and the rest is taken', async () => {
  const { db, name, open } = roomFilesSetup();
  const files = await open();
  expect(await files.add([file(''), file('a'), file('a', 'again.txt'), file('x'.repeat(21))])).toEqual([
    '“.txt” is empty.',
    '“again.txt” is in this message already.',
    expect.stringMatching(/is larger than the 1 MB that this server takes/)
  ]);
  expect(names(files)).toEqual(['a.txt']);
  const mend = breakWrites((database) => database === name);
  expect(await files.add([file('b')])).toEqual([expect.stringMatching(/no room left for “b.txt”/)]);
  mend();
  expect(names(files)).toEqual(['a.txt']);
  const many = Array.from({ length: ATTACHMENTS_MAX }, (_, at) => file(`f${at}`));
  expect(await files.add(many)).toEqual([expect.stringMatching(/takes 10 files at most/)]);
  expect(files.composed).toHaveLength(ATTACHMENTS_MAX);
  expect((await db.files())[0]!.files).toHaveLength(ATTACHMENTS_MAX);
});

test('[FILES-6] a file of a type that the server does not take is refused where it is chosen', async () => {
  const files = await roomFilesSetup(undefined, prepare, ['image/*', 'application/pdf']).open();
  expect(await files.add([file('a')])).toEqual([expect.stringMatching(/“a.txt” is a kind of file that this server/)]);
  expect(names(files)).toEqual([]);
  const others = await roomFilesSetup(undefined, prepare, ['text/*']).open();
  expect(await others.add([file('a')])).toEqual([]);
});

test('[FILES-6] whoever goes to another room while a file is made ready finds it there again', async () => {
  const made = Promise.withResolvers<void>();
  const { open } = roomFilesSetup(undefined, async (chosen) => {
    await made.promise;
    return prepare(chosen);
  });
  const files = await open();
  const added = files.add([file('a')]);
  files.detach();
  made.resolve();
  expect(await added).toEqual([]);
  const again = await open();
  await expect.poll(() => names(again)).toEqual(['a.txt']);
});

test('[FILES-20] no message waits for a file that nobody makes ready any more, whatever went wrong with it', async () => {
  const { clients, open } = roomFilesSetup();
  const files = await open();
  clients[0]!.composedFiles.add = () => Promise.reject(new TypeError('a bug'));
  await expect(files.add([file('a'), file('b')])).rejects.toThrow('a bug');
  expect(files.preparing).toEqual([]);
  files.sendWhenReady(() => Promise.resolve());
  expect(files.isSending).toBe(false);
});

test('[FILES-20] what is to be sent when its files are ready goes once all are, unless one cannot be taken or it was called off', async () => {
  const { open } = roomFilesSetup();
  const files = await open();
  let sent = 0;
  const send = (): Promise<void> => {
    sent += 1;
    return Promise.resolve();
  };
  const added = [files.add([file('a')]), files.add([file('b')])];
  files.sendWhenReady(send);
  expect(files.isSending).toBe(true);
  await files.settled();
  expect(sent).toBe(1);
  expect(names(files)).toEqual(['a.txt', 'b.txt']);
  await Promise.all(added);

  const refused = files.add([file('')]);
  files.sendWhenReady(send);
  expect(await refused).toHaveLength(1);
  const off = files.add([file('c')]);
  files.sendWhenReady(send);
  files.sendWhenReady(null);
  await off;
  files.sendWhenReady(send);
  expect(files.isSending).toBe(false);
  expect(sent).toBe(1);
});

const pieces = ['one ', 'two '].map((words, part) => ({
  ...{ part, bytes: new Blob([words], { type: 'audio/webm' }), duration: 1_000 * (part + 1), levels: [0.25, 0.5] }
}));

test('[VOICE-1] what a tab recorded that ended meanwhile stands in the composer at the next start, once', async () => {
  const { db, open } = roomFilesSetup();
  const recording = (await open()).beginRecording();
  for (const piece of pieces) recording.keep(piece);
  await expect.poll(() => db.recordings.all()).toHaveLength(2);
  const again = await open();
  await expect
    .poll(() => again.composed)
    .toMatchObject([
      { name: 'Voice message.webm', size: 8, voice: true, duration: 2_000, waveform: [128, 255, 128, 255] }
    ]);
  await expect.poll(() => db.recordings.all()).toEqual([]);
  const third = await open();
  await expect.poll(() => names(third)).toEqual(['Voice message.webm']);
});

test('[VOICE-1] a recording that stood in the composer when its tab ended does not come back once that is sent', async () => {
  const { db, open } = roomFilesSetup();
  const files = await open();
  const recording = files.beginRecording();
  for (const piece of pieces) recording.keep(piece);
  await expect.poll(() => db.recordings.all()).toHaveLength(2);
  const kept = await db.recordings.all();
  await recording.take({ bytes: new Blob(['one two '], { type: 'audio/webm' }), duration: 2_000, waveform: [] });
  await expect.poll(() => db.recordings.all()).toEqual([]);
  // It ended before they went.
  for (const part of kept) await db.recordings.put(part);
  const again = await open();
  await expect.poll(() => db.recordings.all()).toEqual([]);
  expect(names(again)).toEqual(['Voice message.webm']);
});

test('[VOICE-1] whoever goes to another room finds the recording in the composer that it was begun in; one given up is gone', async () => {
  const { db, open } = roomFilesSetup();
  const files = await open();
  const recording = files.beginRecording();
  for (const piece of pieces) recording.keep(piece);
  files.detach();
  const all = { bytes: new Blob(['one two '], { type: 'audio/webm' }), duration: 2_000, waveform: [] };
  expect(await recording.take(all)).toEqual([]);
  const again = await open();
  expect(again.composed).toMatchObject([{ voice: true, duration: 2_000 }]);
  const other = again.beginRecording();
  other.keep(pieces[0]!);
  await expect.poll(() => db.recordings.all()).toHaveLength(1);
  other.drop();
  await expect.poll(() => db.recordings.all()).toEqual([]);
});

/** The first page never makes anything ready, as one that is closed; those after it do. */
function endless() {
  let isFirst = true;
  const never: FilesOfRoomOptions['prepare'] = async () => {
    await new Promise(() => undefined);
    return { kind: 'unreadable' };
  };
  const device = roomFilesSetup(undefined, (chosen, recorded) =>
    isFirst ? never(chosen, null, false) : prepare(chosen, recorded)
  );
  const end = (): void => void (isFirst = false);
  return { ...device, end };
}

test('[FILES-22] what a page was making ready as it ended stands in its composer at the next start, once and in order', async () => {
  const { db, open, asking, end } = endless();
  void (await open()).add([file('a'), file('b', 'other.txt')]);
  expect(asking.size).toBe(2);
  await expect.poll(() => db.chosen.of(ROOM)).toHaveLength(2);
  await expect.poll(() => asking.size).toBe(0);
  end();
  // Two windows come up at once: one of them does it.
  const [again, other] = await Promise.all([open(), open()]);
  await expect.poll(() => names(again)).toEqual(['a.txt', 'other.txt']);
  await expect.poll(() => names(other)).toEqual(['a.txt', 'other.txt']);
  await expect.poll(() => db.chosen.all()).toEqual([]);
  expect([...again.problems, ...other.problems]).toEqual([]);
  again.remove(again.composed[0]!.hash);
  await expect.poll(() => names(other)).toEqual(['other.txt']);
  expect(names(await open())).toEqual(['other.txt']);
});

test('[FILES-22] what is refused after the page that chose it ended is said in words, and kept no longer', async () => {
  const { db, open, end } = endless();
  void (await open()).add([file('a'), file('x'.repeat(21)), file('')]);
  await expect.poll(() => db.chosen.of(ROOM)).toHaveLength(3);
  end();
  const again = await open();
  await expect
    .poll(() => again.problems)
    .toEqual([expect.stringMatching(/is larger than the 1 MB/), '“.txt” is empty.']);
  expect(names(again)).toEqual(['a.txt']);
  await expect.poll(() => db.chosen.all()).toEqual([]);
  again.problemsTold();
  expect(again.problems).toEqual([]);
});

test('[FILES-22] a file over which page after page ends is given up, with words', async () => {
  const { db, open } = endless();
  void (await open()).add([file('a')]);
  await expect.poll(() => db.chosen.of(ROOM)).toHaveLength(1);
  for (let ended = 1; ended < 3; ended += 1) {
    await open();
    await expect.poll(async () => (await db.chosen.of(ROOM))[0]?.ended).toBe(ended);
  }
  const last = await open();
  await expect.poll(() => last.problems).toEqual([expect.stringMatching(/“a.txt” could not be made ready/)]);
  await expect.poll(() => db.chosen.all()).toEqual([]);
});

test('[FILES-22] a file over which page after page ends takes none with it that waited behind it', async () => {
  const { db, open } = roomFilesSetup(undefined, async (chosen) => {
    if (chosen.name === 'bad.txt') await new Promise(() => undefined);
    return prepare(chosen);
  });
  void (await open()).add([file('a', 'bad.txt'), file('b')]);
  await expect.poll(() => db.chosen.of(ROOM)).toHaveLength(2);
  for (let ended = 1; ended < 3; ended += 1) {
    await open();
    await expect.poll(async () => (await db.chosen.of(ROOM)).map((row) => row.ended)).toEqual([ended, 0]);
  }
  const last = await open();
  await expect.poll(() => names(last)).toEqual(['b.txt']);
  await expect.poll(() => last.problems).toEqual([expect.stringMatching(/“bad.txt” could not be made ready/)]);
  await expect.poll(() => db.chosen.all()).toEqual([]);
});

test('[FILES-22] the browser asks before a page goes while a file that the disk did not take is made ready', async () => {
  const made = Promise.withResolvers<void>();
  const { db, open, asking } = roomFilesSetup(undefined, async (chosen) => {
    await made.promise;
    return prepare(chosen);
  });
  const files = await open();
  db.chosen.put = async () => ({ ok: false, failure: 'quota' });
  const added = files.add([file('a')]);
  await Promise.resolve();
  expect(asking.size).toBe(1);
  made.resolve();
  expect(await added).toEqual([]);
  expect(asking.size).toBe(0);
  expect(names(files)).toEqual(['a.txt']);
});

test('[FILES-22] a page that was taken for gone brings nothing that another one makes ready by now', async () => {
  const made = Promise.withResolvers<void>();
  let isFirst = true;
  const { db, open } = roomFilesSetup(undefined, async (chosen) => {
    if (isFirst) await made.promise;
    return prepare(chosen);
  });
  const frozen = await open();
  const added = frozen.add([file('a')]);
  await expect.poll(() => db.chosen.of(ROOM)).toHaveLength(1);
  isFirst = false;
  const next = await open();
  await expect.poll(() => names(next)).toEqual(['a.txt']);
  await next.take('message-1');
  await expect.poll(() => names(frozen)).toEqual([]);
  made.resolve();
  expect(await added).toEqual([]);
  expect(names(frozen)).toEqual([]);
  expect(await db.composed(ROOM)).toEqual([]);
});
