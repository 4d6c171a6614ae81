import { describe, expect, test } from 'vitest';
import type { PendingEntry } from '../sync/outbox.ts';
import { summary } from '../sync/testing/synced-room.ts';
import type { PersonView } from './person-view.ts';
import { RoomLine, type RoomLineSource } from './room-line.ts';

const line = (change: Partial<RoomLineSource>): RoomLine =>
  new RoomLine({
    row: { id: summary.id, summary, head: 0, fetched: null },
    ...{ pending: [], draft: '', me: 'uAnn' },
    unread: { read: 0, count: 0, mentions: 0 },
    marks: { favourite: null, muted: null, archived: null, level: null } as RoomLineSource['marks'],
    person: (id) => ({ id, name: id }) as PersonView,
    plain: (body) => body,
    ...change
  });

test('[UNREAD-5] a room in which nothing was said has no messages to be unread, whatever was done in it', () => {
  const row = (n: number) => ({ id: summary.id, summary: { ...summary, n }, head: 0, fetched: null });
  expect(line({ row: row(0) }).hasMessages).toBe(false);
  expect(line({ row: row(1) }).hasMessages).toBe(true);
  // What waits here has no place yet that others could be told of.
  const pending = [{ id: 'm', state: 'kept', entry: { id: 'm', type: 'message', body: 'x', sentAt: 1 } }];
  expect(line({ row: row(0), pending: pending as unknown as PendingEntry[] }).hasMessages).toBe(false);
});

describe('[EFFECT-6] of a message whose change waits on this device', () => {
  const me = 'uAnn';
  const waiting = (...entries: object[]) =>
    entries.map((entry, at) => ({
      ...{ id: `waiting-${at}`, state: 'kept' },
      entry: { id: `waiting-${at}`, author: me, sentAt: at, ...entry }
    })) as unknown as PendingEntry[];
  const last = { id: 'message-1', author: me, type: 'message', body: 'Secret words', at: 1 };
  const row = { id: summary.id, summary: { ...summary, n: 1, last }, head: 0, fetched: null };
  const removal = { type: 'redaction', target: 'message-1', of: me };
  const edit = (body: string) => ({ type: 'edit', target: 'message-1', body });

  test('the line says that it was removed, and nothing of its words', () => {
    expect(line({ row }).preview).toBe('You: Secret words');
    expect(line({ row, pending: waiting(edit('Other'), removal) }).preview).toBe('You removed a message');
    const other = { ...removal, target: 'message-2' };
    expect(line({ row, pending: waiting(other) }).preview).toBe('You: Secret words');
    const message = { id: 'waiting-0', type: 'message', body: 'Never sent' };
    expect(line({ row, pending: waiting(message, { ...removal, target: 'waiting-0' }) }).preview).toBe(
      'You removed a message'
    );
  });

  test('the line has the new words', () => {
    expect(line({ row, pending: waiting(edit('Better'), edit('Best words')) }).preview).toBe('You: Best words');
    const message = { id: 'waiting-0', type: 'message', body: 'Typo' };
    expect(line({ row, pending: waiting(message, { ...edit('Mended'), target: 'waiting-0' }) }).preview).toBe(
      'You: Mended'
    );
  });

  test('a change that was refused changes nothing', () => {
    const refused = waiting(removal, edit('Other')).map((one) => ({ ...one, state: 'failed' as const }));
    expect(line({ row, pending: refused }).preview).toBe('You: Secret words');
  });
});
