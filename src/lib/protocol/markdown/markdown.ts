// What a message says, as a tree of typed nodes: never markup, so nothing in it can run. Pure.
// Invariant: every word of the body is in the tree; a link opens http, https or mail, and shows where it leads when its
// text names another place.

import type { Token, Tokens } from 'marked';
import { linkify, safeHref } from './linkify.ts';
import { lexMarkdown } from './markdown-lexer.ts';

export type Inline =
  | { readonly kind: 'text' | 'code'; readonly text: string }
  | { readonly kind: 'strong' | 'em' | 'del'; readonly children: readonly Inline[] }
  | {
      readonly kind: 'link';
      readonly href: string;
      readonly children: readonly Inline[];
      /** Where it leads, if its text looks like another address. */
      readonly real: string | null;
    };

export type Block =
  /** With the line breaks that were typed in its texts. */
  | { readonly kind: 'paragraph'; readonly children: readonly Inline[] }
  | { readonly kind: 'code-block'; readonly code: string; readonly language: string }
  /** start: null where it is not numbered. */
  | { readonly kind: 'list'; readonly start: number | null; readonly items: readonly (readonly Block[])[] }
  | { readonly kind: 'quote'; readonly children: readonly Block[] };

/** What any Markdown of ours begins with. Most messages have none of it and are not looked at further. */
const mark = /[*_~`[\\<]|^[ \t]*(?:[->]|\d{1,9}[.)])[ \t]/m;

/** @param names after an `@` these stand as they are, though there are marks in them */
export function parseMarkdown(body: string, names: readonly string[] = []): readonly Block[] {
  return mark.test(body) ? blocksOf(lexMarkdown(body, names)) : plain(body);
}

/** As one reads it aloud: without the marks. Blocks and items on lines of their own. */
export function plainText(blocks: readonly Block[]): string {
  return blocks.map(blockText).join('\n');
}

/** For lines that show no more than the beginning of a message. */
export function plainMarkdown(body: string): string {
  return mark.test(body) ? plainText(parseMarkdown(body)) : body;
}

function plain(body: string): readonly Block[] {
  const children = linked(body);
  return children.length > 0 ? [{ kind: 'paragraph', children }] : [];
}

function blockText(block: Block): string {
  switch (block.kind) {
    case 'paragraph':
      return inlineText(block.children);
    case 'code-block':
      return block.code;
    case 'quote':
      return plainText(block.children);
    case 'list': {
      const { start, items } = block;
      return items.map((item, at) => `${start === null ? '•' : `${start + at}.`} ${plainText(item)}`).join('\n');
    }
  }
}

function inlineText(nodes: readonly Inline[]): string {
  return nodes
    .map((node) => {
      if ('text' in node) return node.text;
      const words = inlineText(node.children);
      return node.kind === 'link' && node.real !== null ? `${words} (${node.real})` : words;
    })
    .join('');
}

function blocksOf(tokens: readonly Token[]): Block[] {
  const blocks: Block[] = [];
  /** Line breaks since the paragraph before. */
  let breaks = 0;
  for (const token of tokens) {
    if (token.type === 'space') {
      breaks += lineBreaks(token.raw);
      continue;
    }
    const block = blockOf(token);
    const last = blocks.at(-1);
    // What was typed as one text with empty lines stays one, with these lines.
    if (block.kind === 'paragraph' && last?.kind === 'paragraph') {
      const children = [...last.children, { kind: 'text', text: '\n'.repeat(Math.max(1, breaks)) } as const];
      blocks[blocks.length - 1] = { kind: 'paragraph', children: merged([...children, ...block.children]) };
    } else blocks.push(block);
    breaks = lineBreaks(token.raw.slice(token.raw.trimEnd().length));
  }
  return blocks;
}

function blockOf(token: Tokens.Generic): Block {
  switch (token.type) {
    case 'code':
      return codeBlock(token as Tokens.Code);
    case 'blockquote':
      return { kind: 'quote', children: blocksOf(token.tokens ?? []) };
    case 'list': {
      const { ordered, start, items } = token as Tokens.List;
      return { kind: 'list', start: ordered ? Number(start) : null, items: items.map((item) => blocksOf(item.tokens)) };
    }
    default:
      return {
        kind: 'paragraph',
        children: inlines(token.tokens ?? [{ type: 'text', raw: token.raw, text: token.raw }])
      };
  }
}

function inlines(tokens: readonly Token[], inLink = false): Inline[] {
  const nodes = merged(tokens.map((token) => inlineOf(token as Tokens.Generic, inLink)));
  // Addresses are looked for when the pieces of text are whole again.
  return inLink ? nodes : nodes.flatMap((node) => (node.kind === 'text' ? linked(node.text) : [node]));
}

function inlineOf(token: Tokens.Generic, inLink: boolean): Inline {
  switch (token.type) {
    case 'strong':
    case 'em':
    case 'del':
      return { kind: token.type, children: inlines(token.tokens ?? [], inLink) };
    case 'codespan':
      return { kind: 'code', text: String(token['text']) };
    case 'link': {
      const href = inLink ? null : safeHref(String(token['href']));
      if (href === null) return { kind: 'text', text: token.raw };
      const children = inlines(token.tokens ?? [], true);
      return { kind: 'link', href, children, real: realAddress(inlineText(children), href) };
    }
    default:
      return { kind: 'text', text: String(token['text'] ?? token.raw) };
  }
}

function linked(text: string): Inline[] {
  return linkify(text).map((piece) =>
    piece.kind === 'text'
      ? piece
      : { kind: 'link', href: piece.href, children: [{ kind: 'text', text: piece.text }], real: null }
  );
}

function merged(nodes: readonly Inline[]): Inline[] {
  const joined: Inline[] = [];
  for (const node of nodes) {
    const last = joined.at(-1);
    if (node.kind === 'text' && last?.kind === 'text')
      joined[joined.length - 1] = { ...last, text: last.text + node.text };
    else if (node.kind !== 'text' || node.text !== '') joined.push(node);
  }
  return joined;
}

/** The place itself, if the text names a place and that is not the one; also where the text shows nothing at all. */
function realAddress(text: string, href: string): string | null {
  // Letters of other widths and shapes, and what is not seen, are what such texts are made of.
  const words = text
    .normalize('NFKC')
    .replace(/[\p{Cf}\p{Cc}\u115f\u1160\u3164\u2800]/gu, '')
    .trim();
  const place = hostOf(href);
  if (words === '') return place;
  if (!/:\/\/|@|[\p{L}\p{N}-][.。｡․][\p{L}\p{N}]{2}/u.test(words)) return null;
  const mail = words.includes('@') && !words.includes('://');
  const named = safeHref(mail ? `mailto:${words.replace(/^mailto:/i, '')}` : words) ?? safeHref(`https://${words}`);
  return /\s/.test(words) || named === null || hostOf(named) !== place ? place : null;
}

/** Of a mail address the whole of it. */
function hostOf(href: string): string {
  const url = new URL(href);
  return url.protocol === 'mailto:' ? url.pathname : url.host.replace(/^www\./, '');
}

/** One word after the fence names the language; more is what somebody began to write there. */
function codeBlock({ text, lang }: Tokens.Code): Block {
  const code = text.replace(/\n$/, '');
  const info = lang?.trim() ?? '';
  return /^\S{0,24}$/.test(info)
    ? { kind: 'code-block', code, language: info }
    : { kind: 'code-block', code: `${info}\n${code}`, language: '' };
}

function lineBreaks(raw: string): number {
  return raw.split('\n').length - 1;
}
