import { expect, test } from 'vitest';
import type { MessageItem } from '#lib/model/timeline-item.ts';
import type { Row } from '#lib/ui/timeline-rows.ts';
import { timelineDeed, type KeyPlace } from './timeline-deed.ts';

const item = { id: 'b' } as MessageItem;
const rows = [
  { kind: 'head', key: 'head' },
  { kind: 'message', key: 'a', item: { id: 'a' } as MessageItem, first: true, last: false },
  { kind: 'message', key: 'b', item, first: false, last: true }
] as const satisfies readonly Row[];
const press = (key: string, place: Partial<KeyPlace> = {}, held: { readonly [modifier: string]: boolean } = {}) =>
  timelineDeed({ key, altKey: false, ctrlKey: false, metaKey: false, shiftKey: false, ...held }, rows, {
    ...{ key: 'b', itself: true, newerLeft: false },
    ...place
  });

test('arrows go from message to message, Home and End to the ends, also from within a row', () => {
  expect(press('ArrowUp')).toEqual({ kind: 'row', to: 1, step: -1 });
  expect(press('ArrowDown', { key: 'a', itself: false })).toEqual({ kind: 'row', to: 2, step: 1 });
  expect(press('Home')).toEqual({ kind: 'row', to: 0, step: 1 });
  expect(press('End')).toEqual({ kind: 'row', to: 2, step: -1 });
  expect(press('End', { newerLeft: true })).toEqual({ kind: 'latest' });
});

test('Enter and T are for the message that has the focus itself, not for what is in it', () => {
  expect(press('Enter')).toEqual({ kind: 'sheet', item });
  expect(press('T')).toEqual({ kind: 'thread', item });
  for (const key of ['Enter', 't']) expect(press(key, { itself: false })).toBeNull();
  expect(press('Enter', { key: 'head' })).toBeNull();
});

test('Esc leads to the field from anywhere; with Shift or other keys held nothing here is meant', () => {
  expect(press('Escape', { key: undefined, itself: false })).toEqual({ kind: 'composer' });
  expect(press('Escape', {}, { shiftKey: true })).toBeNull();
  for (const held of ['altKey', 'ctrlKey', 'metaKey']) expect(press('ArrowUp', {}, { [held]: true })).toBeNull();
  expect(press('ArrowUp', { key: undefined, itself: false })).toBeNull();
});
