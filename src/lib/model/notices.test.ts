import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { News } from '../sync/news.ts';
import type { SyncClient } from '../sync/sync-client.ts';
import { Notices, type RoomNotice } from './notices.ts';
import { People } from './people.svelte.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setup() {
  const state = { read: 3, muted: null as true | null, threadSeen: null as number | null };
  const client = {
    leads: true,
    list: { summary: () => ({ kind: 'direct' }), readUpTo: () => state.read },
    threadSeen: () => state.threadSeen,
    marks: { of: () => ({ muted: state.muted, archived: null, level: null }), defaultLevel: 'mentions' }
  } as unknown as SyncClient;
  const people = new People();
  const notices = new Notices(
    (id) => people.person(id),
    (body) => body.replaceAll('*', '')
  );
  const told: RoomNotice[] = [];
  const stop = notices.listen((notice) => told.push(notice));
  const news: News = { room: 'room', n: 4, author: 'u-bo', body: '**tide**\nis in', mentioned: false };
  return { state, client, notices, people, told, stop, news };
}

test('[NOTICE-4] what is seen within a moment is told nowhere; else once, in plain words', () => {
  const { state, client, notices, told, stop, news } = setup();
  notices.heard(client, news);
  state.read = 4;
  vi.runAllTimers();
  expect(told).toEqual([]);
  notices.heard(client, { ...news, n: 5, mentioned: true });
  notices.heard(client, { ...news, n: 6 });
  vi.runAllTimers();
  expect(told.map(({ text, mention, leads }) => [text, mention, leads])).toEqual([['tide is in', true, true]]);
  state.muted = true;
  notices.heard(client, { ...news, n: 7, mentioned: true });
  vi.runAllTimers();
  state.muted = null;
  notices.heard(client, { ...news, n: 8 });
  notices.close();
  stop();
  vi.runAllTimers();
  expect(told).toHaveLength(1);
});

test('[NOTICE-4] of whom one has blocked nothing is told', () => {
  const { client, notices, people, told, news } = setup();
  people.setBlocked(new Set(['u-bo']));
  notices.heard(client, news);
  vi.runAllTimers();
  expect(told).toEqual([]);
});

test('[THREAD-15] a thread has its own word, apart from its room’s, and none where it was seen by then', () => {
  const { state, client, notices, told, news } = setup();
  notices.heard(client, { ...news, n: 0, mentioned: true, thread: { root: 'root', at: 9 } });
  notices.heard(client, { ...news, n: 5 });
  vi.runAllTimers();
  expect(told.map(({ thread, mention }) => [thread, mention])).toEqual([
    ['root', true],
    [null, false]
  ]);
  state.threadSeen = 9;
  notices.heard(client, { ...news, n: 0, mentioned: true, thread: { root: 'root', at: 9 } });
  vi.runAllTimers();
  expect(told).toHaveLength(2);
});
