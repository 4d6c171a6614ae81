// Splits a message into words and links. Only http, https and mailto ever become links, and a link is always
// text as it was written: nothing is fetched, decoded or rewritten. The pieces joined are the text again.

export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'link'; readonly text: string; readonly href: string };

/** A candidate: a scheme or `www.`, then anything but space, quotes and angle brackets; or a mail address. */
const candidate =
  /\b(?:https?:\/\/|mailto:|www\.)[^\s<>"“”«»`]+|\b[\w.+-]{1,64}@[a-z0-9](?:[a-z0-9-]{0,62}\.)+[a-z]{2,24}\b/giu;

export function linkify(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(candidate)) {
    const written = withoutTail(match[0]);
    const href = hrefOf(written);
    if (href === null) continue;
    if (match.index > end) pieces.push({ kind: 'text', text: text.slice(end, match.index) });
    pieces.push({ kind: 'link', text: written, href });
    end = match.index + written.length;
  }
  if (end < text.length) pieces.push({ kind: 'text', text: text.slice(end) });
  return pieces;
}

const closers: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };

/** Drops what belongs to the sentence: punctuation at the end, and brackets that were not opened inside. */
function withoutTail(written: string): string {
  let link = written;
  for (;;) {
    const last = link.at(-1) ?? '';
    const opener = closers[last];
    if (opener ? count(link, last) > count(link, opener) : /[.,;:!?'’"*_~。、，．！？）」』】…]/u.test(last)) {
      link = link.slice(0, -1);
    } else return link;
  }
}

function count(text: string, character: string): number {
  let found = 0;
  for (const one of text) if (one === character) found++;
  return found;
}

/** The address as the browser understands it, or null when it is not one that may be opened. */
function hrefOf(written: string): string | null {
  const address = /^(?:https?:|mailto:)/i.test(written)
    ? written
    : /^www\./i.test(written)
      ? `https://${written}`
      : `mailto:${written}`;
  if (!URL.canParse(address)) return null;
  const url = new URL(address);
  if (url.protocol === 'mailto:') return url.pathname.includes('@') ? url.href : null;
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return null;
  // "www.": a word, not yet a host.
  return /^www\.?$/i.test(url.hostname) ? null : url.href;
}
