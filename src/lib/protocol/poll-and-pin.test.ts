import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Entry, KnownEntry } from './entry.ts';
import { parseEntry } from './parse-entry.ts';
import { fold, withoutPins } from './fold.ts';
import { newRoomId, newUserId } from './ids.ts';
import { PINS_MAX, POLL_MAX_OPTIONS, POLL_OPTION_MAX_CHARS } from './limits.ts';
import { refusal, type TargetInfo } from './refusal.ts';
import type { RoomState } from './room-state.ts';

const [ann, bo] = [newUserId(), newUserId()] as [string, string];
const ROOM = newRoomId();
let serial = 0;
const entry = (author: string, payload: object): Entry =>
  ({ id: `entry-${++serial}`.padEnd(8, '_'), author, sentAt: serial, ...payload }) as KnownEntry;
const pin = (author: string, target: string, on = true): Entry => entry(author, { type: 'pin', target, on });
const info = (more: Partial<TargetInfo> = {}): TargetInfo => ({
  ...{ id: 'message-1', author: ann, type: 'message', page: 0, ...more }
});
const codeOf = (payload: object): string | null => {
  const parsed = parseEntry(entry(ann, payload));
  return parsed.ok ? null : parsed.code;
};

function roomOf(...entries: Entry[]): RoomState {
  const made = entry(ann, { type: 'room', action: 'created', name: 'Dock', kind: 'public' });
  return [made, ...entries].reduce<RoomState | null>(fold, null)!;
}
const idsOf = (state: RoomState): string[] => (state.pins ?? []).map(({ id }) => id);

describe('pins', () => {
  test('[PIN-1] of one message the last word in arrival order counts; the room keeps them in the order of pinning', () => {
    const state = roomOf(
      pin(ann, 'message-1'),
      pin(ann, 'message-2'),
      pin(ann, 'message-3'),
      pin(ann, 'message-2', false)
    );
    expect(idsOf(state)).toEqual(['message-1', 'message-3']);
    expect(idsOf(fold(state, pin(bo, 'message-1'))!)).toEqual(['message-3', 'message-1']);
    expect(fold(state, pin(bo, 'message-9', false))).toBe(state);
  });

  test('[PIN-1] whatever is pinned, unpinned and taken away, each message is pinned at most once, and by its last word', () => {
    const ids = Array.from({ length: 6 }, (_, at) => `message-${at}`);
    const act = fc.record({
      author: fc.constantFrom(ann, bo),
      target: fc.constantFrom(...ids),
      does: fc.constantFrom('pin', 'unpin', 'redact')
    });
    fc.assert(
      fc.property(fc.array(act, { maxLength: 40 }), (acts) => {
        const entries = acts.map(({ author, target, does }) =>
          does === 'redact'
            ? entry(author, { type: 'redaction', target, of: ann })
            : pin(author, target, does === 'pin')
        );
        const state = roomOf(...entries);
        const last = new Map(acts.map(({ target, does }) => [target, does]));
        expect(idsOf(state).sort()).toEqual(ids.filter((id) => last.get(id) === 'pin'));
        // From a snapshot in between, a replica comes to the same.
        const half = roomOf(...entries.slice(0, entries.length / 2));
        const snapshot = { id: 'snapshot-1', type: 'snapshot', author: 'server', sentAt: 1, state: half } as KnownEntry;
        const rest = [snapshot, ...entries.slice(entries.length / 2)];
        expect(idsOf(rest.reduce<RoomState | null>(fold, null)!)).toEqual(idsOf(state));
      })
    );
  });

  test('[PIN-2] what is taken away is not pinned any more', () => {
    const state = roomOf(pin(ann, 'message-1'), pin(ann, 'message-2'));
    const after = fold(state, entry(bo, { type: 'redaction', target: 'message-1', of: ann }))!;
    expect(idsOf(after)).toEqual(['message-2']);
    expect(idsOf(withoutPins(state, new Set(['message-1', 'message-2'])))).toEqual([]);
    expect(withoutPins(state, new Set(['message-9']))).toBe(state);
  });

  test('[PIN-3] a room keeps at most so many; only a message that is there is pinned, and not twice', () => {
    const full = roomOf(...Array.from({ length: PINS_MAX }, (_, at) => pin(ann, `message-${at}`)));
    expect(refusal(ROOM, full, pin(ann, 'one-more'), info({ id: 'one-more' }))).toBe('too-large');
    expect(refusal(ROOM, full, pin(ann, 'message-1', false), null)).toBeNull();
    expect(idsOf(fold(full, pin(ann, 'one-more'))!)).toHaveLength(PINS_MAX);
    const state = roomOf(pin(ann, 'message-1'));
    expect(refusal(ROOM, state, pin(ann, 'message-1'), info())).toBe('no-change');
    expect(refusal(ROOM, state, pin(ann, 'message-2', false), info({ id: 'message-2' }))).toBe('no-change');
    for (const target of [null, info({ redacted: true }), info({ type: 'edit' })])
      expect(refusal(ROOM, state, pin(ann, 'message-2'), target)).toBe('no-target');
  });

  test('[PIN-4] a snapshot carries them, and one of an older version without them is read', () => {
    const state = roomOf(pin(ann, 'message-1'));
    const snapshot = { id: 'snapshot-1', type: 'snapshot', author: 'server', sentAt: 1 };
    expect(parseEntry({ ...snapshot, state }).ok).toBe(true);
    expect(parseEntry({ ...snapshot, state: roomOf() }).ok).toBe(true);
    expect(idsOf(fold(null, { ...snapshot, state })!)).toEqual(['message-1']);
  });
});

describe('polls', () => {
  const poll = (options: unknown, more: object = {}) => ({
    ...{ type: 'message', body: 'When?', poll: { options, ...more } }
  });
  const vote = (...options: number[]): Entry => entry(bo, { type: 'vote', target: 'message-1', options });
  const single = info({ fixed: true, poll: { options: 3 } });

  test('[POLL-1] a poll is a message with a question and 2 to 10 options that differ', () => {
    expect(codeOf(poll(['now', 'later'], { multiple: true, anonymous: true }))).toBeNull();
    const many = Array.from({ length: POLL_MAX_OPTIONS + 1 }, (_, at) => `option ${at}`);
    expect(codeOf(poll(many.slice(1)))).toBeNull();
    expect(codeOf(poll(many))).toBe('too-large');
    expect(codeOf(poll(['now', 'x'.repeat(POLL_OPTION_MAX_CHARS + 1)]))).toBe('too-large');
    for (const options of [['now'], ['now', 'now'], ['now', ' '], 'now']) expect(codeOf(poll(options))).toBe('schema');
    expect(codeOf(poll(['now', 'later'], { multiple: false }))).toBe('schema');
    expect(codeOf({ type: 'vote', target: 'message-1', options: [0, 2] })).toBeNull();
    expect(codeOf({ type: 'vote', target: 'message-1', options: [] })).toBeNull();
    for (const options of [[1, 0], [0, 0], [-1], [0.5], [POLL_MAX_OPTIONS]])
      expect(codeOf({ type: 'vote', target: 'message-1', options })).toBe('schema');
  });

  test('[POLL-2] a vote is for options that are there, for several only where several may be chosen, and in time', () => {
    const state = roomOf();
    expect(refusal(ROOM, state, vote(2), single)).toBeNull();
    expect(refusal(ROOM, state, vote(), single)).toBeNull();
    expect(refusal(ROOM, state, vote(3), single)).toBe('no-target');
    expect(refusal(ROOM, state, vote(0), info())).toBe('no-target');
    expect(refusal(ROOM, state, vote(0), { ...single, redacted: true })).toBe('no-target');
    expect(refusal(ROOM, state, vote(0, 1), single)).toBe('not-allowed');
    expect(refusal(ROOM, state, vote(0, 1), { ...single, poll: { options: 3, multiple: true } })).toBeNull();
    expect(refusal(ROOM, state, vote(0), { ...single, poll: { options: 3, closed: true } })).toBe('poll-closed');
  });

  test('[POLL-6] its author closes a poll, or a moderator, once', () => {
    const state = roomOf();
    const close = (author: string): Entry => entry(author, { type: 'poll-close', target: 'message-1' });
    const bos = { ...single, author: bo };
    expect(refusal(ROOM, state, close(bo), bos)).toBeNull();
    expect(refusal(ROOM, state, close(ann), bos)).toBeNull();
    expect(refusal(ROOM, state, close(bo), single)).not.toBeNull();
    expect(refusal(ROOM, state, close(bo), { ...bos, poll: { options: 2, closed: true } })).toBe('no-change');
    expect(refusal(ROOM, state, close(bo), info({ author: bo }))).toBe('no-target');
    expect(refusal(ROOM, state, close(bo), null)).not.toBeNull();
  });

  test('[POLL-7] nobody edits a poll, or what was forwarded: others voted on it, or wrote it', () => {
    const edit = entry(ann, { type: 'edit', target: 'message-1', body: 'Whenever?' });
    expect(refusal(ROOM, roomOf(), edit, info())).toBeNull();
    expect(refusal(ROOM, roomOf(), edit, info({ fixed: true }))).toBe('not-allowed');
  });
});

test('[FORWARD-1] a forwarded message names its author, and where it was written only if it says so', () => {
  const forwarded = (from: object) => ({ type: 'message', body: 'Hi', forwarded: from });
  expect(codeOf(forwarded({ author: bo }))).toBeNull();
  expect(codeOf(forwarded({ author: bo, room: ROOM, id: 'message-1' }))).toBeNull();
  for (const from of [{}, { author: 'Bo' }, { author: bo, room: 'Dock' }, { author: bo, name: 'Dock' }])
    expect(codeOf(forwarded(from))).toBe('schema');
});
