import { expect, test } from 'vitest';
import type { Attachment } from '#protocol/attachment.ts';
import { newUserId } from '#protocol/ids.ts';
import { lastLine } from './room-meta.ts';

const of = (type: string, more: Partial<Attachment> = {}): Attachment => ({
  hash: type,
  name: 'a',
  type,
  size: 1,
  ...more
});
const [photo, pdf, voice] = [of('image/webp'), of('application/pdf'), of('audio/webm', { voice: true, duration: 900 })];

test.for<[attachments: readonly Attachment[], files: object]>([
  [[photo, of('image/png')], { kind: 'image', count: 2 }],
  [[photo, pdf], { kind: 'file', count: 2 }],
  [[pdf, photo], { kind: 'file', count: 2 }],
  [[voice, of('audio/ogg')], { kind: 'file', count: 2 }],
  [[voice], { kind: 'voice', count: 1, duration: 900 }]
])('[FILE-26] the line of a room says what all files of its newest message are: %#', ([attachments, files]) => {
  const entry = { id: 'entry-001', type: 'message' as const, author: newUserId(), sentAt: 1, body: '', attachments };
  expect(lastLine(entry, 1)).toMatchObject({ files });
});
