import { describe, expect, test } from 'vitest';
import { parseEntry } from './parse-entry.ts';
import type { EditEntry, MessageEntry } from './message-entries.ts';
import { newEntryId, newUserId } from './ids.ts';
import { PREVIEW_PICTURE_MAX_CHARS } from './limits.ts';
import { PICTURES } from './media/testing/pictures.ts';
import { messageEffects, shownPreview } from './message-effects.ts';
import { LINK_PREVIEWS, readLinkPreviews } from './personal.ts';
import { signedBytes } from './signing.ts';

const NOW = 1_700_000_000_000;
const author = newUserId();
const url = 'https://tide.example/today';
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const small = { type: 'image/webp', width: 8, height: 6, data: base64(PICTURES.webp) };
const whole = { url, title: 'Tide today', description: 'High at six', site: 'Tide tables', picture: small };

const message = (preview: unknown, more: object = {}) => ({
  ...{ id: newEntryId(NOW), type: 'message', author, sentAt: NOW, body: `See ${url}.` },
  ...{ preview },
  ...more
});
const codeOf = (value: unknown) => {
  const parsed = parseEntry(value);
  return parsed.ok ? null : parsed.code;
};

describe('[PREVIEW-1] a preview of a page', () => {
  test('has an address and a title, and what the page adds', () => {
    expect(codeOf(message(whole))).toBeNull();
    expect(codeOf(message({ url, title: '潮汐 🌊' }))).toBeNull();
    for (const lacking of [{ url }, { title: 'Tide' }, {}, null, 'Tide'])
      expect(codeOf(message(lacking))).toBe('schema');
    expect(codeOf(message({ ...whole, colour: 'red' }))).toBe('schema');
  });

  test('says each in one line, within its bound', () => {
    for (const [key, most] of [
      ['title', 200],
      ['description', 300],
      ['site', 100]
    ] as const) {
      expect(codeOf(message({ ...whole, [key]: 'x'.repeat(most) }))).toBeNull();
      expect(codeOf(message({ ...whole, [key]: 'x'.repeat(most + 1) }))).toBe('too-large');
      for (const unfit of ['', ' ', '\u200b', 'two\nlines', 'gpj\u202eexe', 'a\u0000', 'a\u2028b', 7])
        expect(codeOf(message({ ...whole, [key]: unfit })), String(unfit)).toBe('schema');
    }
  });

  test('stands with words alone', () => {
    const file = { hash: `${'h'.repeat(42)}A`, name: 'Plan.pdf', type: 'application/pdf', size: 5 };
    expect(codeOf(message(whole, { attachments: [file] }))).toBe('schema');
    expect(codeOf(message(whole, { poll: { options: ['a', 'b'] } }))).toBe('schema');
  });

  test('is signed with its message', () => {
    const [one, other] = [message(whole), message({ ...whole, title: 'Another' })].map((entry) =>
      Buffer.from(signedBytes('r'.repeat(22), { ...entry, id: 'the-same-id' })).toString()
    );
    expect(one).not.toBe(other);
  });
});

test('[PREVIEW-2] is of a link in the words, and of no other', () => {
  for (const body of [
    'See https://tide.example/',
    `${url}/x`,
    '`' + url + '`',
    'nothing',
    `https://a.example/?${url}x`
  ])
    expect(codeOf(message(whole, { body })), body).toBe('schema');
  for (const wrong of ['ftp://tide.example', 'javascript:alert(1)', 'https://ann@tide.example', 'tide.example'])
    expect(codeOf(message({ ...whole, url: wrong }, { body: wrong })), wrong).toBe('schema');
});

describe('[PREVIEW-3] its picture', () => {
  const withPicture = (picture: object) => codeOf(message({ ...whole, picture: { ...small, ...picture } }));

  test('is a WebP or JPEG, plain or as a canvas writes it', () => {
    const canvas = { width: 64, height: 48 };
    expect(withPicture({ data: base64(PICTURES.losslessWebp) })).toBeNull();
    expect(withPicture({ ...canvas, data: base64(PICTURES.canvasWebp) })).toBeNull();
    expect(withPicture({ type: 'image/jpeg', data: base64(PICTURES.jpeg) })).toBeNull();
    expect(withPicture({ ...canvas, type: 'image/jpeg', data: base64(PICTURES.canvasJpeg) })).toBeNull();
  });

  test('is nothing else, and no larger than it says', () => {
    for (const bytes of [PICTURES.png, PICTURES.gif, PICTURES.avif, PICTURES.jpeg, PICTURES.animatedWebp])
      expect(withPicture({ data: base64(bytes) })).toBe('schema');
    expect(withPicture({ type: 'image/svg+xml', data: btoa('<svg/>') })).toBe('schema');
    expect(withPicture({ width: 9 })).toBe('schema');
    for (const data of ['', 'x', ` ${small.data}`, `${small.data}AAAA`, small.data.slice(4), small.data.slice(0, -4)])
      expect(withPicture({ data })).toBe('schema');
    expect(withPicture({ data: 'A'.repeat(PREVIEW_PICTURE_MAX_CHARS + 4) })).toBe('too-large');
  });

  test('claims no more pixels than it may have, in any of its headers', () => {
    const bombed = (bytes: Uint8Array, at: number, ...values: number[]): string => {
      const copy = Uint8Array.from(bytes);
      copy.set(values, at);
      return base64(copy);
    };
    // Width of the frame, and of the canvas around it.
    const lossy = bombed(PICTURES.webp, 26, 0xff, 0x3f);
    expect(withPicture({ data: lossy })).toBe('schema');
    expect(withPicture({ data: lossy, width: 0x3fff })).toBe('schema');
    expect(withPicture({ width: 64, height: 48, data: bombed(PICTURES.canvasWebp, 24, 0xff, 0xff, 0xff) })).toBe(
      'schema'
    );
    // A second frame header behind the first scan.
    const twice = Buffer.concat([
      PICTURES.jpeg.slice(0, -2),
      Buffer.from('ffc0000bffffffff', 'hex'),
      Buffer.from('ffd9', 'hex')
    ]);
    expect(withPicture({ type: 'image/jpeg', data: base64(twice) })).toBe('schema');
  });

  test('whatever its bytes are, nothing throws', () => {
    for (const [type, bytes] of [
      ['image/webp', PICTURES.canvasWebp],
      ['image/jpeg', PICTURES.canvasJpeg]
    ] as const)
      for (let at = 0; at < bytes.length; at += 1) {
        const data = base64(bytes.map((byte, place) => (place === at ? byte ^ 0xff : byte)));
        expect([null, 'schema']).toContain(withPicture({ type, width: 64, height: 48, data }));
        expect(withPicture({ type, width: 64, height: 48, data: base64(bytes.slice(0, at)) })).toBe('schema');
      }
  });
});

test('[PREVIEW-4] an edit that takes the address out of the words takes the preview away, until one brings it back', () => {
  const entry = message(whole) as MessageEntry;
  const edit = (body: string): EditEntry => ({
    ...{ id: newEntryId(NOW), author, sentAt: NOW, type: 'edit', target: entry.id, body }
  });
  const shown = (...bodies: string[]) => shownPreview(entry, messageEffects(author, bodies.map(edit)));
  expect(shown()).toEqual(whole);
  expect(shown(`Other words, ${url}`)).toEqual(whole);
  expect(shown('https://other.example')).toBeNull();
  expect(shown(`${url}/tomorrow`)).toBeNull();
  expect(shown('gone', `back: ${url}`)).toEqual(whole);
  const redaction = { ...edit(''), type: 'redaction', of: author } as const;
  expect(shownPreview(entry, messageEffects(author, [redaction]))).toBeNull();
  expect(shownPreview({}, messageEffects(author, []))).toBeNull();
});

test('[PREVIEW-20] links are previewed unless a person says no', () => {
  expect(LINK_PREVIEWS).toBe('link-previews');
  for (const value of [undefined, true, null, 'no', 0]) expect(readLinkPreviews(value)).toBe(true);
  expect(readLinkPreviews(false)).toBe(false);
});
