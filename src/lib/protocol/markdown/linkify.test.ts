import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runs } from '../../../../tests/property-runs.ts';
import { linkify } from './linkify.ts';

const links = (text: string) => linkify(text).flatMap((piece) => (piece.kind === 'link' ? [piece.text] : []));

describe('what becomes a link', () => {
  test.each([
    ['see https://example.org/a?b=c#d now', ['https://example.org/a?b=c#d']],
    ['see https://example.org.', ['https://example.org']],
    ['is it https://example.org/x?', ['https://example.org/x']],
    ['(https://example.org/x)', ['https://example.org/x']],
    ['https://en.wikipedia.org/wiki/Roost_(bird)', ['https://en.wikipedia.org/wiki/Roost_(bird)']],
    ['(see https://en.wikipedia.org/wiki/Roost_(bird)).', ['https://en.wikipedia.org/wiki/Roost_(bird)']],
    ['[a](https://example.org)', ['https://example.org']],
    ['www.example.org, too', ['www.example.org']],
    ['write to bo.fjeld+boat@harbour.example!', ['bo.fjeld+boat@harbour.example']],
    ['mailto:bo@harbour.example', ['mailto:bo@harbour.example']],
    ['HTTPS://EXAMPLE.ORG', ['HTTPS://EXAMPLE.ORG']],
    ['https://a.example https://b.example', ['https://a.example', 'https://b.example']],
    ['<https://example.org/x>', ['https://example.org/x']],
    ['見て https://example.org/日本。', ['https://example.org/日本']],
    ['“https://example.org”', ['https://example.org']]
  ])('%s', (text, expected) => {
    expect(links(text)).toEqual(expected);
  });
});

describe('what does not', () => {
  test.each([
    'javascript:alert(1)',
    'JaVaScRiPt://example.org/%0aalert(1)',
    'data:text/html,<script>alert(1)</script>',
    'file:///etc/passwd',
    'vbscript:x',
    'www.',
    'https://',
    'mailto:nobody',
    'a@b',
    'e.g. this... and that'
  ])('%s', (text) => {
    expect(links(text)).toEqual([]);
  });
});

test('the address is what opens, the text is what was written', () => {
  expect(linkify('www.example.org/ä')).toEqual([
    { kind: 'link', text: 'www.example.org/ä', href: 'https://www.example.org/%C3%A4' }
  ]);
});

test('[UI-1] the pieces of any text are that text again, and every link has a safe scheme', () => {
  const word = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.webUrl({ withFragments: true, withQueryParameters: true }),
    fc.emailAddress(),
    fc.constantFrom('javascript:', 'https://', 'www.', '(', ')', '.', ' ', '\n', 'mailto:')
  );
  fc.assert(
    fc.property(fc.array(word), (words) => {
      const text = words.join('');
      const pieces = linkify(text);
      expect(pieces.map((piece) => piece.text).join('')).toBe(text);
      for (const piece of pieces) {
        if (piece.kind === 'link') expect(piece.href).toMatch(/^(?:https?:\/\/|mailto:)/);
        expect(piece.text).not.toBe('');
      }
    }),
    runs(100)
  );
});

// Tries that go back over what was read would take far longer than any test may.
test('a long run without an end is split without going back over it', () => {
  const text = 'a@'.repeat(8_000) + ' https://' + '('.repeat(15_000) + ')'.repeat(200);
  expect(
    linkify(text)
      .map((piece) => piece.text)
      .join('')
  ).toBe(text);
});
