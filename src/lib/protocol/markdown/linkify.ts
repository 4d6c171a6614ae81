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

/** The address that a text begins with, as it is written there; null where it begins with none. */
export function linkAtStart(text: string): string | null {
  const run = /^(?:https?:\/\/|www\.)[^\s<>"“”«»`]+/iu.exec(text)?.[0];
  if (run === undefined) return null;
  const written = withoutTail(run);
  return hrefOf(written) === null ? null : written;
}

/** What an address given beside its text opens; null where it is no whole address of a scheme that may be opened. */
export function safeHref(address: string): string | null {
  return /^(?:https?:\/\/|mailto:|www\.)/i.test(address) ? hrefOf(address) : null;
}

const closers: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };

/** Drops what belongs to the sentence: punctuation at the end, and brackets that were not opened inside. */
function withoutTail(written: string): string {
  /** Of each bracket, how many more are closed than opened in what is left. */
  const excess: Record<string, number> = {};
  for (const [closer, opener] of Object.entries(closers))
    excess[closer] = written.split(closer).length - written.split(opener).length;
  let end = written.length;
  for (; end > 0; end--) {
    const last = written[end - 1]!;
    if (closers[last] !== undefined) {
      if (excess[last]! <= 0) break;
      excess[last]!--;
    } else if (!/[.,;:!?'’"*_~。、，．！？）」』】…]/u.test(last)) break;
  }
  return written.slice(0, end);
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
