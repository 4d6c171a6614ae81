import { describe, expect, test } from 'vitest';
import { attachmentKind, blobClaims, kindOfAll } from './attachment.ts';
import { blobClaimsOf, type Entry } from './entry.ts';
import { parseEntry } from './parse-entry.ts';
import { isBlobHash, newEntryId, newUserId } from './ids.ts';
import { ATTACHMENTS_MAX, WAVEFORM_MAX } from './limits.ts';
import { refusal, type TargetInfo } from './refusal.ts';
import { fold } from './fold.ts';
import { signedBytes } from './signing.ts';

const NOW = 1_700_000_000_000;
const author = newUserId();
const hash = `${'h'.repeat(42)}A`;
const file = { hash, name: 'Plan.pdf', type: 'application/pdf', size: 5_000 };
const picture = {
  hash,
  name: 'IMG 1.webp',
  type: 'image/webp',
  size: 9,
  width: 40,
  height: 30,
  thumbhash: 'k_gKBYB4eA'
};
const voice = {
  hash,
  name: 'voice.webm',
  type: 'audio/webm',
  size: 9,
  duration: 1_200,
  waveform: [0, 255],
  voice: true
};
const message = (attachments: unknown, more: object = {}) => ({
  ...{ id: newEntryId(NOW), type: 'message', author, sentAt: NOW, body: '' },
  ...{ attachments },
  ...more
});
const codeOf = (value: unknown) => {
  const parsed = parseEntry(value);
  return parsed.ok ? null : parsed.code;
};

describe('attachments', () => {
  test('[FILE-1] one to ten, with a caption or none, and what their kind adds', () => {
    const thumbnail = { hash, type: 'image/webp', size: 3, width: 4, height: 3 };
    const video = { ...picture, name: 'a.mp4', type: 'video/mp4', duration: 90_000, thumbnail };
    for (const one of [file, picture, voice, video, { ...picture, thumbnail }])
      expect(codeOf(message([one]))).toBeNull();
    expect(codeOf(message([file], { body: 'Read this' }))).toBeNull();
    const many = (count: number) =>
      Array.from({ length: count }, (_, at) => ({ ...file, hash: `${String(at).padStart(42, 'h')}A` }));
    expect(codeOf(message(many(ATTACHMENTS_MAX)))).toBeNull();
    expect(codeOf(message(many(ATTACHMENTS_MAX + 1)))).toBe('too-large');
    expect(codeOf(message([file, { ...file, name: 'Again.pdf' }])), 'one file twice').toBe('schema');
    expect(codeOf(message([]))).toBe('schema');
    expect(codeOf({ ...message([file]), attachments: undefined })).toBe('schema');
    const { attachments: _, ...bare } = message([file]);
    expect(codeOf(bare)).toBe('schema');
    expect(codeOf(message([file], { body: 'Which?', poll: { options: ['a', 'b'] } }))).toBe('schema');
  });

  test.each([
    ['a hash that is none', { ...file, hash: 'a'.repeat(43) }],
    ['a path for a hash', { ...file, hash: '../'.repeat(14) + 'A' }],
    ['no hash', { ...file, hash: undefined }],
    ['no bytes', { ...file, size: 0 }],
    ['half a byte', { ...file, size: 1.5 }],
    ['a type with parameters', { ...file, type: 'text/html; charset=utf-8' }],
    ['no type', { ...file, type: '' }],
    ['width alone', { ...picture, height: undefined }],
    ['a view of what has none', { ...file, width: 1, height: 1 }],
    ['a duration of what has none', { ...picture, duration: 5 }],
    ['a voice in a video', { ...voice, type: 'video/webm' }],
    ['loudness beyond a byte', { ...voice, waveform: [256] }],
    ['a thumbnail with a name', { ...picture, thumbnail: { ...picture } }],
    ['an unknown key', { ...file, url: 'https://example.org' }]
  ])('[FILE-1] %s is refused', (_what, one) => {
    const plain = Object.fromEntries(Object.entries(one).filter(([, value]) => value !== undefined));
    expect(codeOf(message([plain]))).toBe('schema');
  });

  test('[FILE-1] a waveform has at most 64 values', () => {
    expect(codeOf(message([{ ...voice, waveform: Array(WAVEFORM_MAX).fill(1) }]))).toBeNull();
    expect(codeOf(message([{ ...voice, waveform: Array(WAVEFORM_MAX + 1).fill(1) }]))).toBe('too-large');
  });

  test('[FILE-1] they are part of what is signed', () => {
    const [one, other] = [message([file], { id: 'same-id-1' }), message([{ ...file, name: 'B' }], { id: 'same-id-1' })];
    expect(signedBytes('room', one as Entry)).not.toEqual(signedBytes('room', other as Entry));
  });

  test('[FILE-2] names that stand for a path, hide or turn around are refused; those of people are taken', () => {
    const bad = [
      '',
      ' ',
      '.',
      '..',
      '../etc/passwd',
      'a/b',
      'C:\\a',
      'a\0b',
      'a\nb',
      'photo\u202egpj.exe',
      'a\u2028b',
      'x\u2066y'
    ];
    for (const name of bad) expect(codeOf(message([{ ...file, name }])), JSON.stringify(name)).toBe('schema');
    for (const name of ['Plan (2).pdf', '.env', '文書.pdf', 'نسخه‌ها.docx', '👩‍👧.png', 'no extension', 'a'.repeat(200)])
      expect(codeOf(message([{ ...file, name }])), name).toBeNull();
    expect(codeOf(message([{ ...file, name: 'a'.repeat(201) }]))).toBe('too-large');
  });

  test('[FILE-3] a caption is edited, to nothing too; other words are not', () => {
    const created: Entry = {
      ...{ id: 'created-1', type: 'room', action: 'created', name: 'Kitchen', kind: 'private', author, sentAt: NOW }
    };
    const state = fold(null, created);
    const target: TargetInfo = { id: 'message-1', author, type: 'message', page: 0 };
    const edit = (body: string): Entry => ({
      id: 'edit-0001',
      type: 'edit',
      author,
      sentAt: NOW,
      target: target.id,
      body
    });
    const attached = { ...target, attached: true };
    expect(codeOf(edit(''))).toBeNull();
    expect(refusal('room', state, edit(''), attached)).toBeNull();
    expect(refusal('room', state, edit('New'), attached)).toBeNull();
    expect(refusal('room', state, edit(' '), target)).toBe('schema');
    expect(codeOf({ ...edit('New'), attachments: [file] })).toBe('schema');
  });

  test('all blobs of a message are its files and their thumbnails', () => {
    const thumbnail = { hash: `${'t'.repeat(42)}A`, type: 'image/webp', size: 3, width: 4, height: 3 };
    expect(blobClaims([{ ...picture, thumbnail }]).map((claim) => claim.hash)).toEqual([hash, thumbnail.hash]);
    expect(blobClaimsOf(message([file]) as Entry)).toEqual([{ hash, type: file.type, size: file.size }]);
    expect(attachmentKind({ type: 'audio/webm', voice: true })).toBe('voice');
    expect(attachmentKind(file)).toBe('file');
    expect([kindOfAll([picture, picture]), kindOfAll([picture, file])]).toEqual(['image', 'file']);
    expect(isBlobHash(hash)).toBe(true);
  });
});
