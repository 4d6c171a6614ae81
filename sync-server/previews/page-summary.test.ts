import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isPreviewLine } from '#protocol/preview.ts';
import { htmlText } from './html-text.ts';
import { lineOf, summaryOf } from './page-summary.ts';

describe('[PREVIEW-5] what a page says of itself', () => {
  test('by Open Graph, else as Twitter has it, else as HTML has it', () => {
    const plain = '<title>\n Tide &amp; time\n</title><meta name="description" content="High at six.">';
    expect(summaryOf(plain)).toEqual({ title: 'Tide & time', description: 'High at six.', picture: null });
    const twitter = '<meta name="twitter:title" content="T"><meta name="Twitter:Image" content="/t.png">';
    expect(summaryOf(plain + twitter)).toEqual({ title: 'T', description: 'High at six.', picture: '/t.png' });
    const graph = [
      ['og:title', 'Tide today'],
      ['og:title', 'another'],
      ['og:description', 'Waters &quot;rise&quot;'],
      ['og:site_name', 'Tide tables'],
      ['og:image', ' '],
      ['og:image:url', 'https://a.example/p.jpg']
    ].map(([name, content]) => `<meta property='${name}' content='${content}'/>`);
    expect(summaryOf(plain + twitter + graph.join(''))).toEqual({
      ...{ title: 'Tide today', description: 'Waters "rise"', site: 'Tide tables' },
      picture: 'https://a.example/p.jpg'
    });
  });

  test('nothing without a title; the title of a drawing is none', () => {
    for (const none of [
      '',
      'words',
      '<p>Tide</p>',
      '<title> </title>',
      '<meta property="og:title">',
      '<svg><title>Icon</title></svg>'
    ])
      expect(summaryOf(none), none).toBeNull();
    expect(summaryOf('<title>Page</title><svg><title>Icon</title></svg>')).toMatchObject({ title: 'Page' });
  });

  test('what is in scripts, comments and texts is no mark of the page', () => {
    const hidden = '<meta property="og:title" content="Hidden">';
    for (const around of [`<script>"${hidden}"</script>`, `<!-- ${hidden} -->`, `<textarea>${hidden}</textarea>`])
      expect(summaryOf(`<title>Page</title>${around}`)).toMatchObject({ title: 'Page' });
  });

  test('a description that only says the title again is left out', () => {
    expect(summaryOf('<title>Tide</title><meta name=description content=Tide>')).toEqual({
      title: 'Tide',
      picture: null
    });
  });
});

describe('[PREVIEW-5] a line of words', () => {
  test('has neither line breaks, controls nor marks that turn it around', () => {
    expect(lineOf(' a\n\tb\u0000c\u202ed\u2066e\u2028f ', 50)).toBe('a b c d e f');
    expect(lineOf('\u202e \u200f', 50)).toBeNull();
    expect(lineOf('lone \ud800', 50)).toBe('lone \ufffd');
  });

  test('is cut between characters, where it is too long', () => {
    expect(lineOf('abcdef', 6)).toBe('abcdef');
    expect(lineOf('abcdefg', 6)).toBe('abcde…');
    expect(lineOf('ab 👩‍👩‍👧‍👦 cd', 10)).toBe('ab…');
    expect(lineOf(`é${'\u0301'.repeat(50)}`, 10)).toBeNull();
  });

  test('is one that a preview may hold, or none, whatever it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.integer({ min: 1, max: 60 }), (text, most) => {
        const line = lineOf(text, most);
        expect(line === null || isPreviewLine(line, most)).toBe(true);
      })
    );
  });
});

describe('[PREVIEW-7] the encoding of a page', () => {
  const latin = Buffer.from('<title>Caf\xe9</title>', 'latin1');
  const meta = (says: string) => Buffer.concat([Buffer.from(`<!doctype html><meta ${says}>`), latin]);
  test.for<[name: string, bytes: Buffer, type: string]>([
    ['as the site says', latin, 'text/html; charset=ISO-8859-1'],
    ['as the site says, in quotes', latin, 'text/html;charset="windows-1252"'],
    ['as the page says', meta('charset=latin1'), 'text/html'],
    ['as the page said of old', meta('http-equiv="Content-Type" content="text/html; charset=iso-8859-1"'), 'text/html'],
    ['as nobody says', Buffer.from('<title>Café</title>'), 'text/html'],
    ['as there is none', Buffer.from('<title>Café</title>'), 'text/html; charset=klingon'],
    ['by its first bytes', Buffer.from('\ufeff<title>Café</title>'), 'text/html; charset=latin1'],
    ['by its first bytes, of two each', Buffer.from('\ufeff<title>Café</title>', 'utf16le'), 'text/html'],
    ['not what cannot be read', Buffer.from('<meta charset=utf-16><title>Café</title>'), 'text/html']
  ])('%s', ([, bytes, type]) => {
    expect(summaryOf(htmlText(bytes, type))?.title).toBe('Café');
  });
  test('Japanese', () => {
    const shiftJis = Buffer.concat([
      Buffer.from('<meta charset="Shift_JIS"><title>'),
      Buffer.from([0x92, 0xaa]),
      Buffer.from('</title>')
    ]);
    expect(summaryOf(htmlText(shiftJis, 'text/html'))?.title).toBe('潮');
  });
});

describe('[PREVIEW-10] a page that means ill', () => {
  const SIZE = 512 * 1024;
  const filled = (piece: string) => piece.repeat(Math.floor(SIZE / piece.length));
  test.for<[name: string, html: string]>([
    ['opens without end, and closes what it never opened', '<a>'.repeat(SIZE / 6) + '</b>'.repeat(SIZE / 8)],
    ['is all marks', filled('<meta name=x content=y>')],
    ['has one mark of a hundred thousand attributes', `<meta ${filled('a ')}>`],
    ['never closes its title', `<title>${filled('x&amp;')}`],
    ['is one entity', filled('&')],
    ['is one comment', filled('<!--')],
    ['has one word', filled('x')],
    ['opens and opens', filled('<')]
  ])('%s: what stands before that is read', ([, html]) => {
    expect(summaryOf(`<meta property="og:title" content="First">${html}`)).toMatchObject({ title: 'First' });
  });

  test('what stands too deep, or behind too many marks, is not read', () => {
    const late = '<meta property="og:title" content="Late">';
    expect(summaryOf(`<title>Page</title>${'<b>'.repeat(300)}${late}`)).toMatchObject({ title: 'Page' });
    expect(summaryOf(`<title>Page</title>${'<meta name=a content=b>'.repeat(600)}${late}`)).toMatchObject({
      title: 'Page'
    });
  });

  test('whatever it is, nothing throws', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.constantFrom('<meta ', 'property="og:title" ', 'content="', '">', '<title>', '</', '<svg>', '&#', '<!['),
            fc.string()
          )
        ),
        (pieces) => {
          const words = summaryOf(pieces.join(''));
          expect(words === null || isPreviewLine(words.title, 200)).toBe(true);
        }
      )
    );
  });
});
