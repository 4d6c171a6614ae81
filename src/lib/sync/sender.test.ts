import { expect, test, vi } from 'vitest';
import type { Entry } from '#protocol/entry.ts';
import { eventually } from '../../../tests/eventually.ts';
import { FAKE_USER } from './testing/fake-server.ts';
import { arrived, entry, PAGE, setupRoom } from './testing/synced-room.ts';

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
