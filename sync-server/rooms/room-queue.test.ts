import { expect, test } from 'vitest';
import { newUserId, type UserId } from '#protocol/ids.ts';
import { RoomQueue } from './room-queue.ts';
import type { RoomJob } from './room-job.ts';

const settled = { resolve: () => undefined, reject: () => undefined };
const said = (author: UserId, body: string): RoomJob => ({
  ...{ kind: 'entry', vouched: false, ...settled },
  entry: { id: `entry-${body}`, type: 'message', author, sentAt: 1, body }
});
const erasure: RoomJob = { kind: 'erase', ids: [], expired: true, ...settled };

test('[COMMIT-9] however much comes for a room, what is to be erased there has its turn, after all that came before it', () => {
  const queue = new RoomQueue();
  const [ann, bo] = [newUserId(), newUserId()];
  for (let at = 0; at < 5; at++) queue.push(said(ann, `before-${at}`));
  queue.push(said(bo, 'before'));
  queue.push(erasure);
  const taken: RoomJob[] = [];
  for (let round = 0; round < 20 && !taken.includes(erasure); round++) {
    const jobs = queue.takeNext();
    // A commit takes one, and as many as that come meanwhile.
    taken.push(jobs[0]!);
    queue.leave(jobs.slice(1));
    queue.push(said(ann, `after-${round}`));
  }
  const bodies = taken.map((job) => (job.kind === 'entry' && 'body' in job.entry ? job.entry.body : job.kind));
  expect(bodies).toEqual(['before-0', 'before-1', 'before', 'before-2', 'before-3', 'before-4', 'erase']);
});
