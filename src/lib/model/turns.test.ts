import { expect, test } from 'vitest';
import { Turns } from './turns.ts';

test('[DOWNLOAD-1] no more than two are under way at once, and each has its turn, also after one that failed', async () => {
  const turns = new Turns(2);
  const ends: (() => void)[] = [];
  const begun: number[] = [];
  const taken = [0, 1, 2, 3].map((name) =>
    turns.take(async () => {
      begun.push(name);
      await new Promise<void>((end) => ends.push(end));
      if (name === 0) throw new Error('the first one fails');
    })
  );
  const outcomes = Promise.allSettled(taken);
  await expect.poll(() => begun).toEqual([0, 1]);
  ends[0]!();
  await expect.poll(() => begun).toEqual([0, 1, 2]);
  ends[1]!();
  await expect.poll(() => begun).toEqual([0, 1, 2, 3]);
  ends[2]!();
  ends[3]!();
  expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', ...Array<string>(3).fill('fulfilled')]);
});

test('[DOWNLOAD-3] what was asked for last has the next turn, where that is wanted', async () => {
  const turns = new Turns(1, { newestFirst: true });
  const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
  const begun: number[] = [];
  const taken = [0, 1, 2, 3].map((name) =>
    turns.take(async () => {
      begun.push(name);
      await held;
      return name;
    })
  );
  letGo();
  expect(await Promise.all(taken)).toEqual([0, 1, 2, 3]);
  expect(begun).toEqual([0, 3, 2, 1]);
});
