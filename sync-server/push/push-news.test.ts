import { expect, test } from 'vitest';
import type { Attachment } from '#protocol/attachment.ts';
import type { Entry } from '#protocol/entry.ts';
import { newUserId } from '#protocol/ids.ts';
import type { RoomState } from '#protocol/room-state.ts';
import { newsOf } from './push-news.ts';

const [ann, bo] = [newUserId(), newUserId()];
const state = { members: { [ann]: 'owner', [bo]: 'member' } } as unknown as RoomState;

let hashes = 0;
const of = (type: string, more: Partial<Attachment> = {}): Attachment => ({
  ...{ hash: `h${(hashes += 1)}`, name: 'a', type, size: 1 },
  ...more
});
const [photo, pdf, voice] = [
  of('image/webp'),
  of('application/pdf'),
  of('audio/webm', { voice: true, duration: 12_400 })
];

test('[PUSH-4] what was imported, and what a newer version writes, is no news', () => {
  const arrived = (author: string, type: string) => {
    const entry = { id: 'entry-001', type, author, sentAt: 1, body: 'long ago' } as Entry;
    return { entry, arrival: { id: entry.id, at: 1, n: 1 } };
  };
  const has = () => true;
  expect(newsOf(state, [arrived('~Cy', 'message'), arrived(bo, 'gesture')], has)).toEqual([]);
  expect(newsOf(state, [arrived(bo, 'message')], has)).toHaveLength(1);
});

test.for<[files: readonly Attachment[], text: string, body?: string]>([
  [[photo], 'Sent a picture'],
  [[photo, of('image/png')], 'Sent 2 pictures'],
  [[photo, of('image/png'), pdf], 'Sent 3 files'],
  [[pdf], 'Sent a file'],
  [[of('video/mp4'), of('video/webm')], 'Sent 2 videos'],
  [[of('audio/mpeg'), voice], 'Sent 2 files'],
  [[voice], 'Voice message 0:12'],
  [[voice, of('audio/webm', { voice: true })], '2 voice messages'],
  [[photo], 'Look', 'Look']
])('[PUSH-5] files without words are told as what all of them are: %#', ([attachments, text, body = '']) => {
  const entry = { id: 'entry-001', type: 'message' as const, author: bo, sentAt: 1, body, attachments };
  const news = newsOf(state, [{ entry, arrival: { id: entry.id, at: 1, n: 1 } }], () => true);
  expect(news.map((one) => one.kind === 'message' && one.message.text)).toEqual([text]);
});
