import { expect, test } from 'vitest';
import { eventually } from '../../../tests/eventually.ts';
import { entry, PAGE, setupRoom } from './testing/synced-room.ts';

test('[OUTBOX-8] local echo doubled on reconnect: a message that waits for its arrival over a lost line stands once all the while', async () => {
  const { server, replica } = await setupRoom();
  const seen: number[] = [];
  const shown = (): string[] => [
    ...replica.head.arrived.map((one) => one.entry.id),
    ...replica.unacknowledged.map((one) => one.entry.id),
    ...replica.pending.map(({ id }) => id)
  ];
  replica.listen(() => seen.push(shown().filter((id) => id === entry(1).id).length));
  server.holdArrivals = true;
  await replica.write(entry(1));
  await eventually(() => expect(server.entries(PAGE)).toHaveLength(1));
  for (let times = 0; times < 3; times++) {
    const { attempts } = server;
    server.drop(4500);
    await eventually(() => expect(server.attempts).toBeGreaterThan(attempts));
    await eventually(() => expect(replica.head.synced).toBe(true));
  }
  expect(replica.pending.map(({ id }) => id)).toEqual([entry(1).id]);
  server.holdArrivals = false;
  server.acknowledge(PAGE);
  await eventually(() => expect(replica.pending).toEqual([]));
  expect(shown()).toEqual([entry(1).id]);
  expect(server.entries(PAGE)).toHaveLength(1);
  expect(new Set(seen)).toEqual(new Set([1]));
});
