import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { NO_RULES } from '#protocol/notification-rules.ts';
import type { News } from '../sync/news.ts';
import type { SyncClient } from '../sync/sync-client.ts';
import { Notices, type RoomNotice } from './notices.ts';
import { People } from './people.svelte.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

interface Tab {
  readonly focused: boolean;
  readonly visible: boolean;
  readonly leads: boolean;
}

const news: News = { room: 'room', n: 4, author: 'u-bo', body: '**tide**\nis in', mentioned: false };

/** Tabs of one browser, each with a line of its own. */
function setup(...windows: readonly Tab[]) {
  const state = { read: 3, muted: null as true | null, threadSeen: null as number | null };
  const people = new People();
  const tabs = windows.map(({ leads, ...window }) => {
    const told: RoomNotice[] = [];
    const client = {
      leads,
      serverNow: () => Date.now(),
      list: { summary: () => ({ kind: 'direct' }), readUpTo: () => state.read },
      threadSeen: () => state.threadSeen,
      marks: { of: () => ({ muted: state.muted, archived: null, level: null }), rules: NO_RULES },
      announceTold: (of: string, place: number) => {
        for (const other of tabs) if (other.told !== told) other.notices.toldElsewhere(of, place);
      }
    } as unknown as SyncClient;
    const notices = new Notices(
      (id) => people.person(id),
      (body) => body.replaceAll('*', ''),
      { focused: () => window.focused, visible: () => window.visible }
    );
    const stop = notices.listen((notice) => told.push(notice));
    return { client, notices, told, stop, hears: (one: News) => notices.heard(client, one) };
  });
  return { state, people, tabs, counts: () => tabs.map(({ told }) => told.length) };
}

const inUse: Tab = { focused: true, visible: true, leads: false };
const beside: Tab = { focused: false, visible: true, leads: false };
const leading: Tab = { focused: false, visible: true, leads: true };
const hidden: Tab = { focused: false, visible: false, leads: false };

test('[NOTICE-4] what is seen within a moment is told nowhere; else once, in plain words', () => {
  const { state, tabs } = setup(inUse);
  const { notices, told, stop, hears } = tabs[0]!;
  hears(news);
  state.read = 4;
  vi.runAllTimers();
  expect(told).toEqual([]);
  hears({ ...news, n: 5, mentioned: true });
  hears({ ...news, n: 6 });
  vi.runAllTimers();
  expect(told.map(({ text, mention }) => [text, mention])).toEqual([['tide is in', true]]);
  state.muted = true;
  hears({ ...news, n: 7, mentioned: true });
  vi.runAllTimers();
  state.muted = null;
  hears({ ...news, n: 8 });
  notices.close();
  stop();
  vi.runAllTimers();
  expect(told).toHaveLength(1);
});

test('[NOTICE-4] of whom one has blocked nothing is told', () => {
  const { people, tabs } = setup(inUse);
  people.setBlocked(new Set(['u-bo']));
  tabs[0]!.hears(news);
  vi.runAllTimers();
  expect(tabs[0]!.told).toEqual([]);
});

test.for<[name: string, tabs: readonly Tab[], told: readonly number[]]>([
  ['the one in use', [leading, inUse, beside], [0, 1, 0]],
  ['the leading one that is seen', [beside, leading, hidden], [0, 1, 0]],
  ['one that is seen, where the leading one is hidden', [hidden, beside, { ...hidden, leads: true }], [0, 1, 0]],
  ['the leading one by its tone, where none is seen', [hidden, { ...hidden, leads: true }, hidden], [0, 1, 0]]
])('[NOTICE-5] of all windows one tells of it: %s', ([, windows, told]) => {
  const { tabs, counts } = setup(...windows);
  for (const { hears } of tabs) hears(news);
  vi.runAllTimers();
  expect(counts()).toEqual(told);
});

test('[NOTICE-5] a tab whose line is behind does not tell of it again, but of what comes then', () => {
  const { tabs, counts } = setup(inUse, leading);
  tabs[0]!.hears(news);
  vi.runAllTimers();
  tabs[1]!.hears(news);
  vi.runAllTimers();
  expect(counts()).toEqual([1, 0]);
  tabs[1]!.hears({ ...news, n: 5 });
  vi.runAllTimers();
  expect(counts()).toEqual([1, 1]);
});

test('[NOTICE-5] what is read while others had their turn is told no more', () => {
  const { state, tabs, counts } = setup(beside);
  tabs[0]!.hears(news);
  vi.advanceTimersByTime(301);
  state.read = 4;
  vi.runAllTimers();
  expect(counts()).toEqual([0]);
});

test('[THREAD-15] a thread has its own word, apart from its room’s, and none where it was seen by then', () => {
  const { state, tabs, counts } = setup(inUse, leading);
  const inThread: News = { ...news, n: 0, mentioned: true, thread: { root: 'root', at: 9 } };
  for (const { hears } of tabs) {
    hears(inThread);
    hears({ ...news, n: 5 });
  }
  vi.runAllTimers();
  expect(counts()).toEqual([2, 0]);
  expect(tabs[0]!.told.map(({ thread, mention }) => [thread, mention])).toEqual([
    ['root', true],
    [null, false]
  ]);
  state.threadSeen = 10;
  tabs[0]!.hears({ ...inThread, thread: { root: 'root', at: 10 } });
  vi.runAllTimers();
  expect(counts()).toEqual([2, 0]);
});

test('[FILES-9] a notice says what came where there are no words', () => {
  const { tabs } = setup(inUse);
  const { told, hears } = tabs[0]!;
  hears({ ...news, body: '', files: { kind: 'image', count: 2 } });
  vi.runAllTimers();
  expect(told.map(({ text }) => text)).toEqual(['📷 2 photos']);
});
