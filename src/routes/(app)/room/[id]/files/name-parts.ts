// Where a name of a file is cut when there is no room for all of it: before the last few signs and the ending. Pure.
// Invariant: what is drawn apart reads as it would in one piece. Letters that join, or run from right to left, are cut
// only before the ending, and where words of both directions meet there, nowhere.

const ENDING_MAX = 8;
/** Of the name itself, before its ending: what tells one picture of a camera from the next. */
const LAST = 4;
/** Scripts from Hebrew to Arabic Extended, their presentation forms, the later ones; and Mongolian, which joins. */
const KEPT_WHOLE = /[\u0590-\u08ff\u1800-\u18af\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** Together they are the name. */
export function nameParts(name: string): { readonly stem: string; readonly end: string } {
  const signs = [...new Intl.Segmenter().segment(name)].map(({ segment }) => segment);
  const dot = signs.lastIndexOf('.');
  const ending = dot > 0 && signs.length - dot <= ENDING_MAX ? signs.length - dot : 0;
  const last = !KEPT_WHOLE.test(name) ? ending + LAST : KEPT_WHOLE.test(signs[dot - 1] ?? '') ? ending : 0;
  const at = Math.max(0, signs.length - last);
  return { stem: signs.slice(0, at).join(''), end: signs.slice(at).join('') };
}
