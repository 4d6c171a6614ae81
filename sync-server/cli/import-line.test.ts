import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runs } from '../../tests/property-runs.ts';
import { readImportLine } from './import-line.ts';

const read = (value: unknown) => readImportLine(new TextEncoder().encode(JSON.stringify(value)));
const line = { id: '2004-12-25-1', at: '2004-12-25T09:14:00Z', author: 'crimsun', body: 'hello' };

test('[CLI-3] a line becomes a message with its own time, by an imported author', () => {
  expect(read(line)).toEqual({
    ok: true,
    entry: { id: line.id, type: 'message', author: '~crimsun', sentAt: Date.UTC(2004, 11, 25, 9, 14), body: 'hello' }
  });
});

test('[CLI-3] action and reply are kept; false and null are the same as absent', () => {
  expect(read({ ...line, action: true, replyTo: '2004-12-24-9' })).toMatchObject({
    entry: { action: true, replyTo: '2004-12-24-9' }
  });
  const plain = read({ ...line, action: false, replyTo: null });
  expect(plain).toEqual(read(line));
});

test.each([
  ['2004-12-25T10:14:00+01:00', Date.UTC(2004, 11, 25, 9, 14)],
  ['2004-12-25T09:14:00.250Z', Date.UTC(2004, 11, 25, 9, 14, 0, 250)],
  ['2004-12-25T09:14Z', Date.UTC(2004, 11, 25, 9, 14)]
])('the time %s is understood', (at, sentAt) => {
  expect(read({ ...line, at })).toMatchObject({ ok: true, entry: { sentAt } });
});

test.each([
  ['no id', { ...line, id: undefined }, 'id is missing or of another type'],
  ['a short id', { ...line, id: 'x' }, /^id: /],
  ['a time without zone', { ...line, at: '2004-12-25T09:14:00' }, /^at must be/],
  ['no such month', { ...line, at: '2004-13-25T09:14:00Z' }, /^at is/],
  ['before 1970', { ...line, at: '1969-12-25T09:14:00Z' }, /^sentAt/],
  ['no author', { ...line, author: '' }, /^author must be/],
  ['a control character in the author', { ...line, author: 'a\nb' }, /^author must be/],
  ['a blank body', { ...line, body: ' \n' }, /^body/],
  ['a body too long', { ...line, body: 'x'.repeat(16_001) }, /^body is too long/],
  ['a reply to no id', { ...line, replyTo: 'a b' }, /^replyTo/],
  ['an array', [line], 'is not a JSON object'],
  ['a number', 1, 'is not a JSON object']
])('%s is a bad line, with its reason', (_what, value, reason) => {
  const result = read(value);
  expect(result.ok).toBe(false);
  expect(!result.ok && result.reason).toMatch(reason);
});

test('bytes that are no UTF-8, and half a line, are bad lines', () => {
  expect(readImportLine(Uint8Array.of(0x7b, 0xff, 0x7d))).toEqual({ ok: false, reason: 'is not JSON' });
  expect(readImportLine(new TextEncoder().encode('{"id":"2004'))).toEqual({ ok: false, reason: 'is not JSON' });
});

test('never throws, and a reason is one short line whatever the input', () => {
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string({ unit: 'binary' })), (text) => {
      const result = readImportLine(new TextEncoder().encode(text));
      if (!result.ok) expect(result.reason).toMatch(/^[^\n]{1,120}$/);
    }),
    runs(100)
  );
});
