// The Markdown of a chat, out of marked's lexer: what a conversation has no use for is left to be shown as it was typed.
// Invariant: nesting ends at NESTING_MAX, and the rules get at most WORK_MAX_CHARS characters to look at; past either, the
// rest stays text. So no message can hold up the screen, whatever is in it.

import { Lexer, Tokenizer, type Token, type Tokens, type TokensList } from 'marked';
import { linkAtStart } from './linkify.ts';
import { isNameAt } from './mention-name.ts';

/** Quotes and lists in one another; and, counted apart, marks in one another. */
export const NESTING_MAX = 8;
/** Every try of a rule costs what is left of its text: some rules look through all of it. */
export const WORK_MAX_CHARS = 4_000_000;

/** @param names with marks in them, that stand as they are after an `@` */
export function lexMarkdown(body: string, names: readonly string[] = []): readonly Token[] {
  return new ChatLexer(names).lex(body);
}

export class ChatLexer extends Lexer {
  /** Characters that the rules have looked at, at most. */
  work = 0;
  readonly names: readonly string[];
  #blocks = 0;
  #inlines = 0;

  constructor(names: readonly string[] = []) {
    const tokenizer = new ChatTokenizer();
    super({ gfm: true, tokenizer });
    this.names = names;
    // Boxes to tick stay as they were typed: nobody could tick them.
    tokenizer.options = { ...this.options, gfm: false };
  }

  override blockTokens(src: string, tokens?: Token[], clipped?: boolean): Token[];
  override blockTokens(src: string, tokens?: TokensList, clipped?: boolean): TokensList;
  override blockTokens(src: string, tokens: Token[] | TokensList = [], clipped?: boolean): Token[] | TokensList {
    if (this.#blocks > NESTING_MAX || !this.affords(src)) {
      tokens.push(asTyped(src));
      return tokens;
    }
    this.#blocks++;
    try {
      return super.blockTokens(src, tokens, clipped);
    } finally {
      this.#blocks--;
    }
  }

  override inlineTokens(src: string, tokens: Token[] = []): Token[] {
    if (this.#inlines > NESTING_MAX || !this.affords(src)) {
      tokens.push(text(src));
      return tokens;
    }
    this.#inlines++;
    try {
      return super.inlineTokens(src, tokens);
    } finally {
      this.#inlines--;
    }
  }

  affords(src: string): boolean {
    if (this.work + src.length > WORK_MAX_CHARS) return false;
    this.work += src.length;
    return true;
  }
}

class ChatTokenizer extends Tokenizer {
  // Lines that people indent, headings, rules, tables, HTML and footnotes of addresses: "# 1 in the charts", "---" and
  // "<3" are words in a chat. Other chats agree, but for headings, which make one line shout over all others.
  override code = nothing;
  override html = nothing;
  override def = nothing;
  override table = nothing;
  override lheading = nothing;
  override tag = nothing;
  override br = nothing;

  override heading(src: string): Tokens.Heading | undefined {
    const raw = /^ {0,3}#{1,6}(?:[ \t][^\n]*)?(?:\n+|$)/.exec(src)?.[0];
    if (raw === undefined) return undefined;
    const words = raw.trimEnd();
    return line({ type: 'paragraph', raw, text: words, tokens: this.lexer.inline(words) }) as unknown as Tokens.Heading;
  }

  override hr(src: string): Tokens.Hr | undefined {
    const rule = super.hr(src);
    return rule && (line(asTyped(rule.raw)) as unknown as Tokens.Hr);
  }

  override fences(src: string): Tokens.Code | undefined {
    // "~~~" is more often a wave than a fence; and what holds nothing is no block.
    if (!/^ {0,3}```/.test(src) || !this.#affords(src)) return undefined;
    const block = super.fences(src);
    return block && block.text.trim() !== '' ? block : undefined;
  }

  /** Ends with its last marked line: whoever answers below a quote is not quoted. ">:(" is a face. */
  override blockquote(src: string): Tokens.Blockquote | undefined {
    if (!/^ {0,3}>+[ \t]+\S/.test(src) || !this.#affords(src)) return undefined;
    const raw = /^(?: {0,3}>[^\n]*(?:\n|$))+/.exec(src)?.[0].replace(/\n$/, '') ?? '';
    const inner = raw.replace(/^ {0,3}> ?/gm, '');
    const { top } = this.lexer.state;
    this.lexer.state.top = true;
    const tokens = this.lexer.blockTokens(inner);
    this.lexer.state.top = top;
    return { type: 'blockquote', raw, text: inner, tokens };
  }

  /** A line of its own after a list is no part of the last item; "+ 1" is no list. */
  override list(src: string): Tokens.List | undefined {
    if (!/^ {0,3}(?:[*-]|\d{1,9}[.)])[ \t]+\S/.test(src) || !this.#affords(src)) return undefined;
    return super.list(src.slice(0, listLength(src)));
  }

  override escape(src: string): Tokens.Escape | undefined {
    // ¯\_(ツ)_/¯ has lost its arm in many a chat.
    return src.startsWith('\\_(ツ)_/') ? (text('\\_(ツ)_/') as unknown as Tokens.Escape) : super.escape(src);
  }

  override link(src: string): Tokens.Link | Tokens.Image | undefined {
    if (!/^!?\[/.test(src) || !this.#affords(src)) return undefined;
    const link = super.link(src);
    return link?.type === 'image' ? (text(link.raw) as unknown as Tokens.Image) : link;
  }

  override emStrong(src: string, masked: string, before?: string): Tokens.Em | Tokens.Strong | undefined {
    if (!/^[*_]/.test(src)) return undefined;
    // 2*3*4
    if (before !== undefined && /\d$/.test(before) && /^\*+\d/.test(src)) return undefined;
    return this.#affords(src) ? super.emStrong(src, masked, before) : undefined;
  }

  override del(src: string, masked: string, before?: string): Tokens.Del | undefined {
    return src.startsWith('~~') && this.#affords(src) ? super.del(src, masked, before) : undefined;
  }

  override codespan(src: string): Tokens.Codespan | undefined {
    if (!src.startsWith('`') || !this.#affords(src)) return undefined;
    const span = super.codespan(src);
    return span && span.text.trim() !== '' ? span : undefined;
  }

  /** Addresses are found as in text without any marks; here only so that the marks in them are none. */
  override url(src: string): Tokens.Link | undefined {
    const found = linkAtStart(src);
    return found === null ? undefined : (text(found) as unknown as Tokens.Link);
  }

  /** marked's own looks for mail addresses at each mark, all through the text. */
  override inlineText(src: string): Tokens.Text | undefined {
    const raw = /^(?:`+|[^])(?:(?!https?:\/\/|www\.)[^\\<![`*~_])*/i.exec(src)?.[0];
    return raw === undefined ? undefined : text(this.#withName(src, raw));
  }

  /** Up to the end of the first name in it that goes on over marks. */
  #withName(src: string, raw: string): string {
    const { names } = this.lexer as unknown as ChatLexer;
    if (names.length === 0) return raw;
    for (const { index } of raw.matchAll(/@/g)) {
      const there = names.filter((name) => isNameAt(src, index + 1, name)).map(({ length }) => length);
      if (there.length > 0) return src.slice(0, Math.max(raw.length, index + 1 + Math.max(...there)));
    }
    return raw;
  }

  #affords(src: string): boolean {
    return (this.lexer as unknown as ChatLexer).affords(src);
  }
}

function nothing(): undefined {
  return undefined;
}

/** A token of one sort in the place of another: the lexer passes on whatever a rule gives. */
const line = (token: Token): Token => token;

function text(raw: string): Tokens.Text {
  return { type: 'text', raw, text: raw, escaped: false };
}

function asTyped(raw: string): Tokens.Paragraph {
  const words = raw.trimEnd();
  return { type: 'paragraph', raw, pre: false, text: words, tokens: [text(words)] };
}

/** Up to the first line that is neither an item nor indented under one. */
function listLength(src: string): number {
  let end = 0;
  for (let at = 0; at < src.length;) {
    const newline = src.indexOf('\n', at);
    const next = newline < 0 ? src.length : newline + 1;
    const row = src.slice(at, next);
    if (row.trim() !== '') {
      if (!/^(?:[ \t]{2}|\t| {0,3}(?:[*-]|\d{1,9}[.)])[ \t])/.test(row)) break;
      end = next;
    }
    at = next;
  }
  return end;
}
