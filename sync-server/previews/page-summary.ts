// Reads off a page what it says of itself: Open Graph, Twitter's names for the same, its title and description. What comes out
// is lines of words for a card. Invariant: whatever the page holds, reading it takes no more time than its length is worth.

import { Parser } from 'htmlparser2';
import { PREVIEW_SITE_MAX_CHARS, PREVIEW_TEXT_MAX_CHARS, PREVIEW_TITLE_MAX_CHARS } from '#protocol/limits.ts';
import { isPreviewLine } from '#protocol/preview.ts';

/** A head is a few deep; of a page that nests without end each closing tag would search all that is open. */
const DEPTH_MAX = 256;
/** What is said of a page stands before its words. */
const META_MAX = 500;
const TITLE_READ_CHARS = 4_000;

export interface PageWords {
  readonly title: string;
  readonly description?: string;
  readonly site?: string;
  /** Address of its picture, as the page has it. */
  readonly picture: string | null;
}

/** null: it has no title. */
export function summaryOf(html: string): PageWords | null {
  const { metas, title: plain } = readHead(html);
  const first = (maxChars: number, ...names: string[]): string | null => {
    for (const name of names) {
      const line = lineOf(metas.get(name) ?? '', maxChars);
      if (line !== null) return line;
    }
    return null;
  };
  const title = first(PREVIEW_TITLE_MAX_CHARS, 'og:title', 'twitter:title') ?? lineOf(plain, PREVIEW_TITLE_MAX_CHARS);
  if (title === null) return null;
  const description = first(PREVIEW_TEXT_MAX_CHARS, 'og:description', 'twitter:description', 'description');
  const site = first(PREVIEW_SITE_MAX_CHARS, 'og:site_name', 'application-name');
  const pictures = ['og:image:secure_url', 'og:image', 'og:image:url', 'twitter:image', 'twitter:image:src'];
  const picture = pictures.map((name) => metas.get(name)?.trim()).find((address) => address);
  return {
    title,
    ...(description !== null && description !== title && { description }),
    ...(site !== null && { site }),
    picture: picture ?? null
  };
}

interface Head {
  /** The first of each name. */
  readonly metas: ReadonlyMap<string, string>;
  readonly title: string;
}

function readHead(html: string): Head {
  const metas = new Map<string, string>();
  let title = '';
  let depth = 0;
  let seen = 0;
  let inTitle = false;
  let hasTitle = false;
  const parser: Parser = new Parser({
    onopentag(name, attributes) {
      depth += 1;
      if (name === 'title' && !hasTitle) inTitle = true;
      // A picture in the page has a title of its own.
      if (name === 'svg') hasTitle = true;
      if (name === 'meta') {
        seen += 1;
        const { property, name: named, content } = attributes;
        const key = (property ?? named ?? '').trim().toLowerCase();
        if (key !== '' && content !== undefined && content.trim() !== '' && !metas.has(key)) metas.set(key, content);
      }
      if (depth > DEPTH_MAX || seen > META_MAX) parser.pause();
    },
    ontext(text) {
      if (inTitle && title.length < TITLE_READ_CHARS) title += text;
    },
    onclosetag(name) {
      depth -= 1;
      if (name !== 'title' || !inTitle) return;
      inTitle = false;
      hasTitle = true;
    }
  });
  parser.write(html);
  return { metas, title };
}

/** Not seen, or not what they seem: control characters, and marks that turn the direction of text. */
const UNFIT = /[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]+/gu;

/** One line of words, cut between characters; null: there are none. */
export function lineOf(text: string, maxChars: number): string | null {
  // So much that cutting it costs nothing.
  const line = text
    .slice(0, 8 * maxChars)
    .toWellFormed()
    .replace(UNFIT, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  const fitting = line.length <= maxChars ? line : cut(line, maxChars);
  return isPreviewLine(fitting, maxChars) ? fitting : null;
}

const characters = new Intl.Segmenter();

function cut(line: string, maxChars: number): string {
  let end = 0;
  for (const { index, segment } of characters.segment(line)) {
    if (index + segment.length > maxChars - 1) break;
    end = index + segment.length;
  }
  return end === 0 ? '' : `${line.slice(0, end).trimEnd()}…`;
}
