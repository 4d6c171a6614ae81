import { expect, test } from 'vitest';
import type { Shared } from '../../../../lib/model/shared-model.ts';
import { takeReply, takeShared } from './composer-arrivals.ts';

function setup(draft: string, share: Shared | null) {
  const room = {
    draft,
    setDraft: (text: string) => {
      room.draft = text;
    }
  };
  const kept = { share };
  const shared = {
    read: () => Promise.resolve(kept.share),
    drop: (at: number | null) => {
      if (kept.share?.at === at) kept.share = null;
      return Promise.resolve();
    }
  };
  return { room, kept, shared };
}

const file = (name: string): File => new File([name], name);

test('[PWA-7] what was shared stands after the draft and beside it, and waits no more', async () => {
  const { room, kept, shared } = setup('half a thought', { text: 'Tide table', files: [file('a.txt')], at: 1 });
  const taken: string[] = [];
  const add = (files: readonly File[]): Promise<string[]> => {
    taken.push(...files.map(({ name }) => name));
    return Promise.resolve([]);
  };
  expect(await takeShared(room, shared, add)).toEqual([]);
  expect(room.draft).toBe('half a thought\nTide table');
  expect(taken).toEqual(['a.txt']);
  expect(kept.share).toBeNull();
  expect(await takeShared(room, shared, add)).toBeNull();
});

test('[PWA-7] what was shared waits on as long as one of its files was not taken, and its words come once', async () => {
  const share = { text: 'Tide table', files: [file('a.txt'), file('b.txt')], at: 1 };
  const { room, kept, shared } = setup('', share);
  expect(await takeShared(room, shared, () => Promise.resolve(['No place for b.txt']))).toEqual(['No place for b.txt']);
  expect(kept.share).toBe(share);
  await takeShared(room, shared, () => Promise.resolve([]));
  expect(room.draft).toBe('Tide table');
  expect(kept.share).toBeNull();
});

test('[PWA-7] a share that comes while the one before is taken stays', async () => {
  const { room, kept, shared } = setup('', { text: 'Tide table', files: [file('a.txt')], at: 1 });
  const newer = { text: 'Weather', files: [], at: 2 };
  await takeShared(room, shared, () => {
    kept.share = newer;
    return Promise.resolve([]);
  });
  expect(kept.share).toBe(newer);
});

test('[PWA-7] an answer from a notification stands after the draft', () => {
  const { room } = setup('half a thought', null);
  takeReply(room, 'Quick answer');
  expect(room.draft).toBe('half a thought\nQuick answer');
});
