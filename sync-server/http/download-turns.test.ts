import { expect, test } from 'vitest';
import { newUserId } from '#protocol/ids.ts';
import { DownloadTurns } from './download-turns.ts';

const HERE = new AbortController().signal;

test('[FILE-32] one person is sent so many files at once, the next in their order, and others do not wait for them', async () => {
  const turns = new DownloadTurns({ atOnce: 2, waiting: 2 });
  const [ann, bo] = [newUserId(), newUserId()];
  const order: string[] = [];
  const [first, second] = [await turns.take(ann, HERE), await turns.take(ann, HERE)];
  const third = turns.take(ann, HERE).then((done) => (order.push('third'), done));
  const gone = new AbortController();
  const fourth = turns.take(ann, gone.signal).then((done) => (order.push('fourth'), done));
  expect(await turns.take(ann, HERE)).toBeNull();
  expect(await turns.take(bo, HERE)).not.toBeNull();
  expect(order).toEqual([]);
  // Who is gone leaves the place to who came later.
  gone.abort();
  (await fourth)!();
  const fifth = turns.take(ann, HERE).then((done) => (order.push('fifth'), done));
  first!();
  first!();
  const thirds = await third;
  expect(order).toEqual(['fourth', 'third']);
  second!();
  const fifths = await fifth;
  thirds!();
  fifths!();
  for (let at = 0; at < 2; at++) expect(await turns.take(ann, HERE)).not.toBeNull();
});
