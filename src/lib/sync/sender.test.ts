import { expect, test, vi } from 'vitest';
import type { Entry } from '#protocol/entry.ts';
import { eventually } from '../../../tests/eventually.ts';
import { FAKE_USER, FakeServer } from './testing/fake-server.ts';
import { arrived, entry, freshDevice, PAGE, ROOM, setupRoom, startClient, summary } from './testing/synced-room.ts';

test('[OUTBOX-1] an entry goes out once it is on disk, not before', async () => {
  const { server, client, replica } = await setupRoom();
  const disk = Promise.withResolvers<void>();
  const put = client.db.putOutbox.bind(client.db);
  vi.spyOn(client.db, 'putOutbox').mockImplementation(async (rows) => {
    await disk.promise;
    return put(rows);
  });
  const written = replica.write(entry(1));
  // What another one writes makes the sender look.
  const others: Entry = { ...entry(2), author: FAKE_USER.replace('a', 'b') };
  server.page(PAGE).doc.getArray('messages').push([others]);
  server.acknowledge(PAGE);
  await eventually(() => expect(arrived(replica)).toEqual(['entry-002']));
  expect(replica.head.has('entry-001')).toBe(false);
  disk.resolve();
  await written;
  await eventually(() => expect(arrived(replica)).toEqual(['entry-002', 'entry-001']));
});

test('[CLIENT-47] an entry that vanishes without a word is not sent over and over', async () => {
  const { server, replica } = await setupRoom();
  server.holdArrivals = true;
  const messages = server.page(PAGE).doc.getArray<Entry>('messages');
  const sent: string[] = [];
  messages.observe((event) => {
    for (const { insert } of event.changes.delta) {
      if (Array.isArray(insert)) sent.push(...(insert as Entry[]).map(({ id }) => id));
    }
  });
  const written = [entry(1), entry(2), entry(3)];
  for (const [index, next] of written.entries()) {
    await replica.write(next);
    // Whatever was due goes out with it.
    await eventually(() => expect(sent.at(-1)).toBe(next.id));
    expect(sent).toHaveLength(index + 1);
    messages.delete(0);
    await eventually(() => expect(replica.head.has(next.id)).toBe(false));
  }
});

const FILE = { hash: 'h'.repeat(42) + 'A', name: 'plan.pdf', type: 'application/pdf', size: 4 };
const PLAN = [{ hash: FILE.hash, bytes: new Blob(['plan']) }];
const USES = [{ room: ROOM, entry: 'entry-001', hash: FILE.hash }];

test('[UPLOAD-8] a message waits for its files, what is written after it goes out; it goes out under its own id', async () => {
  const { server, client, replica } = await setupRoom();
  server.tus.online = false;
  await client.blobs.put(PLAN, USES);
  await replica.write({ ...entry(1), attachments: [FILE] });
  await replica.write(entry(2));
  await eventually(() => expect(arrived(replica)).toEqual(['entry-002']));
  expect(client.outbox.of(ROOM)).toMatchObject([{ id: 'entry-001', state: 'kept' }]);
  server.tus.online = true;
  await eventually(() => expect(arrived(replica)).toEqual(['entry-002', 'entry-001']));
  expect(client.outbox.size).toBe(0);
});

test('[UPLOAD-8] a file that the server lacks after all goes up once more, and then the message has failed', async () => {
  const { server, client, replica } = await setupRoom();
  server.holdArrivals = true;
  await client.blobs.put(PLAN, USES);
  await replica.write({ ...entry(1), attachments: [FILE] });
  const messages = server.page(PAGE).doc.getArray<Entry>('messages');
  for (const outcome of ['kept', 'failed']) {
    await eventually(() => expect(messages.length).toBe(1));
    expect(server.tus.files.delete(FILE.hash)).toBe(true);
    messages.delete(0);
    await eventually(() => expect(replica.head.has('entry-001')).toBe(false));
    server.tell({ type: 'refused', room: ROOM, page: 0, id: 'entry-001', code: 'attachment', detail: '' });
    if (outcome === 'failed')
      await eventually(() => expect(client.outbox.of(ROOM)).toMatchObject([{ state: outcome, code: 'attachment' }]));
  }
  expect(server.tus.requests.filter((method) => method === 'POST')).toHaveLength(2);
});

test('[FILES-4] an erased message takes its files off this device', async () => {
  const { server, client, replica } = await setupRoom();
  await client.blobs.put(PLAN, USES);
  await replica.write(entry(1));
  await replica.write(entry(2));
  await eventually(() => expect(arrived(replica)).toEqual(['entry-001', 'entry-002']));
  expect(await client.blobs.has([FILE.hash])).toBe(true);
  // The server is the one who erases.
  server.page(PAGE).doc.getArray('messages').delete(0);
  await expect.poll(() => client.blobs.has([FILE.hash])).toBe(false);
});

const REMOVAL: Entry = { ...entry(2), type: 'redaction', target: 'entry-001', of: FAKE_USER };

test('[AWAY-4] what may have gone while no window was open is removed as what was sent, also where the app opens without a line', async () => {
  for (const wentOut of [true, false]) {
    const server = new FakeServer();
    server.rooms = [summary];
    const prefix = freshDevice();
    const before = await startClient(server, prefix);
    before.start();
    const first = before.open(ROOM);
    await eventually(() => expect(first.replica.head.synced).toBe(true));
    server.reachable = false;
    server.drop(1006);
    await eventually(() => expect(first.replica.head.synced).toBe(false));
    await first.replica.write(entry(1));
    const [row] = await before.db.outbox();
    await before.db.putOutbox([{ ...row!, posted: true }]);
    await before.close();
    if (wentOut) {
      server.page(PAGE).doc.getArray('messages').push([row!.entry]);
      server.acknowledge(PAGE);
    }

    const client = await startClient(server, prefix);
    client.start();
    const { replica } = client.open(ROOM);
    await replica.write(REMOVAL);
    await eventually(() => expect(replica.head.loaded).toBe(true));
    await eventually(async () => expect(await client.db.outbox()).toHaveLength(2));
    server.reachable = true;
    await eventually(() => expect([replica.head.accepts, client.outbox.size]).toEqual([true, 0]));
    const types = server.entries(PAGE).map(({ type }) => type);
    expect(types.sort()).toEqual(wentOut ? ['message', 'redaction'] : []);
  }
});
