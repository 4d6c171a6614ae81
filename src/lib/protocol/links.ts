// The web addresses that words hold, found the same on every device: by them a preview belongs to its message, and an edit
// that takes the address away takes the preview along. Pure, and linear in the length of the words.

import { LINK_MAX_CHARS } from './limits.ts';

/** What is written as code is shown as it is, and leads nowhere. */
const CODE = /```[^]*?(?:```|$)|`[^`\n]*`/g;
const ADDRESS = /https?:\/\/[^\s<>"`\\\p{Cc}\p{Cf}]+/giu;
/** What ends a sentence, or closes words around an address, rather than being of it. */
const TAIL = ".,;:!?'*_~|]";

/** In the order of the words, each as it is written there. */
export const linksIn = (words: string): string[] => addressesIn(words).filter(isWebLink);

/** Whether `linksIn` has it; thousands of others, as somebody may send to keep the server busy, are not looked at. */
export const isLinkIn = (link: string, words: string): boolean => isWebLink(link) && addressesIn(words).includes(link);

/** What looks like one. */
const addressesIn = (words: string): string[] =>
  [...words.replace(CODE, ' ').matchAll(ADDRESS)].map(([found]) => withoutTail(found));

/** An http or https address without a name and password in it. */
export function isWebLink(text: string): boolean {
  if (text.length > LINK_MAX_CHARS || !/^https?:\/\//i.test(text) || !URL.canParse(text)) return false;
  const { username, password } = new URL(text);
  return username === '' && password === '';
}

/** `[words](address)` and `(see address)` end where the bracket closes that was open before. */
function withoutTail(found: string): string {
  let open = 0;
  let end = found.length;
  for (let at = 0; at < found.length; at += 1) {
    if (found[at] === '(') open += 1;
    if (found[at] === ')' && (open -= 1) < 0) {
      end = at;
      break;
    }
  }
  while (TAIL.includes(found[end - 1] ?? ' ')) end -= 1;
  return found.slice(0, end);
}
