import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isLinkIn, isWebLink, linksIn } from './links.ts';

describe('[PREVIEW-2] the addresses that words hold', () => {
  test.for<[words: string, links: string[]]>([
    ['nothing, nor ftp://a.example, www.a.example or mail@a.example', []],
    ['https://a.example', ['https://a.example']],
    ['See https://a.example/x?y=1#z, and HTTP://b.example/.', ['https://a.example/x?y=1#z', 'HTTP://b.example/']],
    ['[the chart](https://a.example/x) and (https://b.example/y)!', ['https://a.example/x', 'https://b.example/y']],
    ['https://a.example/wiki/Tide_(sea)', ['https://a.example/wiki/Tide_(sea)']],
    [
      '**https://a.example** <https://b.example> "https://c.example"',
      ['https://a.example', 'https://b.example', 'https://c.example']
    ],
    ['`https://a.example` https://b.example', ['https://b.example']],
    ['```\nhttps://a.example\n``` https://b.example', ['https://b.example']],
    ['```\nhttps://a.example', []],
    ['https://ann:secret@a.example https://ann@b.example', []],
    ['https:// https://? http://[x', []],
    ['潮 https://a.example/潮。 https://b.example\u202e/x', ['https://a.example/潮。', 'https://b.example']],
    [`https://a.example/${'x'.repeat(2_000)}`, []]
  ])('%s', ([words, links]) => {
    expect(linksIn(words)).toEqual(links);
  });

  test('are no others: what only looks like one is not found by its words either', () => {
    const words = 'see https://ann:secret@a.example and https://';
    expect(linksIn(words)).toEqual([]);
    for (const one of words.split(' ')) expect(isLinkIn(one, words), one).toBe(false);
  });

  test('are of the words, each a web address, whatever the words are', () => {
    const piece = fc.constantFrom(
      'https://',
      'a.example',
      '/',
      '(',
      ')',
      '.',
      ' ',
      '`',
      '```',
      '\n',
      '*',
      '@',
      '[',
      ']'
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 40 }), (pieces) => {
        const words = pieces.join('');
        const links = linksIn(words);
        for (const link of links) expect(isWebLink(link) && words.includes(link)).toBe(true);
        for (const one of [...links, ...words.split(/\s/)]) expect(isLinkIn(one, words)).toBe(links.includes(one));
      })
    );
  });

  test.for(['https://a.example/', '`', '```', '(', 'https://a.example/?.,;', 'https://['])(
    'the longest of nothing but %s are read',
    (piece) => {
      expect(linksIn(piece.repeat(Math.floor(16_000 / piece.length))).length).toBeLessThan(1_000);
      expect(linksIn(`https://${piece.repeat(Math.floor(15_000 / piece.length))}`).length).toBeLessThan(2);
    }
  );
});
