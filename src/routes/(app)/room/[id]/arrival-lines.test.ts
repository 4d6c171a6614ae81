import { expect, test } from 'vitest';
import type { PersonView } from '#lib/model/person-view.ts';
import type { MessageItem, TimelineItem } from '#lib/model/timeline-item.ts';
import { arrivalLines } from './arrival-lines.ts';

const BO = { id: 'bo', name: 'Bo', blocked: false } as PersonView;
const said = (id: string, change: Partial<MessageItem> = {}): TimelineItem =>
  ({ kind: 'message', id, author: BO, own: false, body: `**${id}**`, redacted: null, ...change }) as MessageItem;
const texts = (came: readonly TimelineItem[]) => arrivalLines(came).map(({ text }) => text);

test('[A11Y-5] a few messages are said one by one, without their marks; many in sum, with the newest', () => {
  expect(texts([said('one'), said('two'), said('three')])).toEqual(['Bo: one', 'Bo: two', 'Bo: three']);
  const many = Array.from({ length: 12 }, (_, index) => said(`m${index}`));
  expect(texts(many)).toEqual(['12 new messages, the last one:', 'Bo: m11']);
});

test('[A11Y-5] one’s own, those of blocked people and what was taken away are not said and not counted', () => {
  const quiet = [
    said('own', { own: true }),
    said('blocked', { author: { ...BO, blocked: true } }),
    said('gone', { redacted: { by: BO, own: false, withAccount: false } })
  ];
  expect(texts(quiet)).toEqual([]);
  expect(texts([said('one'), ...quiet, said('two')])).toEqual(['Bo: one', 'Bo: two']);
});

test('[FILES-9] of files without words it is said what they are', () => {
  const photo = { hash: 'h', name: 'a.webp', type: 'image/webp', size: 1 };
  expect(texts([said('one', { body: '', attachments: [photo] })])).toEqual(['Bo: 📷 Photo']);
});
