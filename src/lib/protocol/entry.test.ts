import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson } from './canonical.ts';
import { effectTarget } from './entry.ts';
import { parseEntry } from './parse-entry.ts';
import { newEntryId, newUserId } from './ids.ts';
import { BODY_MAX_CHARS, ENTRY_MAX_BYTES, MENTIONS_MAX } from './limits.ts';

const author = newUserId();
const message = (more: Record<string, unknown> = {}) => ({
  id: newEntryId(1_700_000_000_000),
  type: 'message',
  author,
  sentAt: 1_700_000_000_000,
  body: 'hello',
  ...more
});
const codeOf = (value: unknown) => {
  const parsed = parseEntry(value);
  return parsed.ok ? null : parsed.code;
};

describe('parseEntry', () => {
  test('[ENTRY-1] a message needs id, type, author, sentAt and body; device and signature go together or not at all', () => {
    expect(codeOf(message())).toBeNull();
    const device = 'd'.repeat(22);
    const signature = `${'s'.repeat(85)}A`;
    expect(codeOf(message({ device, signature }))).toBeNull();
    expect(codeOf(message({ device }))).toBe('schema');
    expect(codeOf(message({ signature }))).toBe('schema');
    expect(codeOf(message({ device: 'd1', signature }))).toBe('schema');
    for (const key of ['id', 'author', 'sentAt', 'body']) {
      const lacking: Record<string, unknown> = message();
      delete lacking[key];
      expect(codeOf(lacking), key).toBe('schema');
    }
  });

  test('[ENTRY-2] any 8 to 64 URL-safe characters are an id', () => {
    expect(codeOf(message({ id: 'abcdefgh' }))).toBeNull();
    expect(codeOf(message({ id: '2004-12-25-728146-0' }))).toBeNull();
    expect(codeOf(message({ id: 'a'.repeat(64) }))).toBeNull();
    for (const id of ['abcdefg', 'a'.repeat(65), 'with space', 'a/bcdefgh', 'äbcdefgh', 12345678])
      expect(codeOf(message({ id })), String(id)).toBe('schema');
  });

  test('[ENTRY-3] an unknown key in a known type is refused, since stripping it would leave replicas different', () => {
    expect(codeOf(message({ colour: 'red' }))).toBe('schema');
    expect(codeOf(message({ body: 'x', replyTo: undefined }))).toBe('schema');
  });

  test('[ENTRY-22] a message and an edit name whom they mention, each once and not too many', () => {
    const people = Array.from({ length: MENTIONS_MAX + 1 }, () => newUserId());
    const edit = { ...message(), type: 'edit', target: 'entry-001' };
    for (const entry of [message(), edit]) {
      expect(codeOf({ ...entry, mentions: people.slice(1) })).toBeNull();
      expect(codeOf({ ...entry, mentions: people })).toBe('too-large');
      expect(codeOf({ ...entry, mentions: [people[0], people[0]] })).toBe('schema');
      expect(codeOf({ ...entry, mentions: [] })).toBe('schema');
      expect(codeOf({ ...entry, mentions: ['ann'] })).toBe('schema');
      expect(codeOf({ ...entry, mentionsRoom: true })).toBeNull();
      expect(codeOf({ ...entry, mentionsRoom: false })).toBe('schema');
    }
  });

  test('[ENTRY-4] an unknown type is kept as it is, keys and all', () => {
    const poll = { ...message(), type: 'poll', options: ['a', { b: [1, 2] }] };
    const parsed = parseEntry(poll);
    expect(parsed).toEqual({ ok: true, entry: poll });
    expect(parsed.ok && parsed.entry).toBe(poll);
    expect(codeOf({ ...poll, type: 'Poll!' })).toBe('schema');
  });

  test('[ENTRY-5] only plain JSON: what Yjs can carry beyond it is refused', () => {
    const strange: unknown[] = [undefined, NaN, Infinity, -0, 1n, new Uint8Array(1), new Date(0)];
    for (const value of strange) expect(codeOf({ ...message(), type: 'x', value })).toBe('schema');
    const proto: unknown = JSON.parse(`{"__proto__":{"a":1},"type":"x"}`);
    expect(codeOf({ ...message(), type: 'x', nested: proto })).toBe('schema');
    let deep: unknown = 1;
    for (let level = 0; level < 10; level++) deep = [deep];
    expect(codeOf({ ...message(), type: 'x', deep })).toBe('schema');
    expect(codeOf(message({ body: 'lone \ud800 surrogate' }))).toBe('schema');
    expect(codeOf(message({ body: 'a pair \u{1f426} is fine' }))).toBeNull();
  });

  test('[ENTRY-6] a body is not blank and at most BODY_MAX_CHARS; an entry at most ENTRY_MAX_BYTES', () => {
    expect(codeOf(message({ body: '' }))).toBe('schema');
    expect(codeOf(message({ body: ' \n\t ' }))).toBe('schema');
    expect(codeOf(message({ body: '\u200b\u202e\u2060' }))).toBe('schema');
    expect(codeOf(message({ body: '👩\u200d🚀' }))).toBeNull();
    expect(codeOf(message({ body: 'a'.repeat(BODY_MAX_CHARS) }))).toBeNull();
    expect(codeOf(message({ body: 'a'.repeat(BODY_MAX_CHARS + 1) }))).toBe('too-large');
    expect(codeOf({ ...message(), type: 'x', big: 'a'.repeat(ENTRY_MAX_BYTES) })).toBe('too-large');
  });

  test('[ENTRY-7] every room and membership action has its own keys', () => {
    const base = { id: newEntryId(0), author, sentAt: 0 };
    expect(codeOf({ ...base, type: 'room', action: 'created', name: 'Dock', kind: 'private' })).toBeNull();
    expect(codeOf({ ...base, type: 'room', action: 'created', name: 'Dock', kind: 'secret' })).toBe('schema');
    expect(codeOf({ ...base, type: 'room', action: 'renamed', name: '  ' })).toBe('schema');
    expect(codeOf({ ...base, type: 'room', action: 'topic', topic: '' })).toBeNull();
    expect(codeOf({ ...base, type: 'room', action: 'exploded' })).toBe('schema');
    expect(codeOf({ ...base, type: 'membership', action: 'joined' })).toBeNull();
    expect(codeOf({ ...base, type: 'membership', action: 'joined', user: author })).toBe('schema');
    expect(codeOf({ ...base, type: 'membership', action: 'removed' })).toBe('schema');
    expect(codeOf({ ...base, type: 'membership', action: 'removed', user: 'bob' })).toBe('schema');
  });

  test('[ENTRY-8] reading never throws, whatever the value, and never changes it', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true, withBigInt: true, withDate: true }), (value) => {
        const before = typeof value === 'object' && value !== null ? Object.keys(value) : value;
        parseEntry(value);
        expect(typeof value === 'object' && value !== null ? Object.keys(value) : value).toEqual(before);
      })
    );
  });
});

test('[ENTRY-9] canonical JSON does not depend on the order of keys', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (record) => {
      const reversed = Object.fromEntries(Object.entries(record).reverse());
      expect(canonicalJson(reversed)).toBe(canonicalJson(record));
      expect(JSON.parse(canonicalJson(record))).toEqual(JSON.parse(JSON.stringify(record)));
    })
  );
});

test('[ENTRY-10] an unknown type may speak of an earlier entry by `target`; a reply has no effect on what it quotes', () => {
  const base = { id: 'reaction-1', author, sentAt: 0 };
  expect(effectTarget({ ...base, type: 'applause', target: 'abcdefgh' })).toBe('abcdefgh');
  expect(effectTarget({ ...base, type: 'applause', target: 7 })).toBeNull();
  expect(effectTarget({ ...base, type: 'message', body: 'x', replyTo: 'abcdefgh' })).toBeNull();
});
