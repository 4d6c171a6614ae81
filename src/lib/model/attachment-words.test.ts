import { expect, test } from 'vitest';
import type { Attachment } from '#protocol/attachment.ts';
import type { MessageEntry } from '#protocol/message-entries.ts';
import { lineWords, summaryWords } from './attachment-words.ts';
import { People } from './people.svelte.ts';
import { soughtMessage } from './sought-message.ts';

const of = (type: string, name: string): Attachment => ({ hash: name, name, type, size: 1 });
const photo = of('image/webp', 'a.webp');
const voice: Attachment = { ...of('audio/webm', 'b.webm'), voice: true };

test('[FILES-9] a message in one line says what goes with it, with words by a sign before them', () => {
  expect(lineWords('', [photo])).toBe('📷 Photo');
  expect(lineWords('', [photo, of('image/png', 'c.png'), of('image/gif', 'd.gif')])).toBe('📷 3 photos');
  expect(lineWords('', [voice])).toBe('🎤 Voice message');
  expect(lineWords('', [{ ...voice, duration: 12_400 }])).toBe('🎤 Voice message 0:12');
  expect(
    lineWords('', [
      { ...voice, duration: 12_400 },
      { ...voice, hash: 'c' }
    ])
  ).toBe('🎤 2 voice messages');
  expect(summaryWords('', { kind: 'voice', count: 1, duration: 12_400 })).toBe('🎤 Voice message 0:12');
  expect(lineWords('', [of('application/pdf', 'Plan.pdf')])).toBe('📎 Plan.pdf');
  expect(lineWords('Look', [photo])).toBe('📷 Look');
  expect(lineWords('Both', [photo, voice])).toBe('📎 Both');
  expect(lineWords('Look')).toBe('Look');
  expect(summaryWords('Look', { kind: 'image', count: 2 })).toBe('📷 Look');
  expect(summaryWords('', { kind: 'image', count: 2 })).toBe('📷 2 photos');
  expect(summaryWords('Look', null)).toBe('Look');
});

test('[FILES-9] pins, stars and threads, which look messages up, say it too', () => {
  const entry: MessageEntry = {
    id: 'message-1',
    type: 'message',
    author: 'ann',
    sentAt: 1,
    body: '',
    attachments: [photo]
  };
  const person = (id: string) => new People().person(id);
  const found = { kind: 'found', entry, effects: [] } as const;
  expect(soughtMessage(found, person)).toMatchObject({ kind: 'there', body: '📷 Photo' });
});
