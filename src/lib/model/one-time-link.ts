// Links that may be good for one visit: a sign-in, a reset, an invitation. Whoever asks such a page uses it up, so none is asked
// for a preview. Known by what stands in the query; of a path nobody can tell.

const TOKEN_MIN_CHARS = 16;
const TOKEN = /^[\w.~+/=-]+$/;
/** What places that share pages put on their links: it says where the link was shared, and opens nothing. */
const HARMLESS = /^(?:utm_\w+|si|igshid|igsh|fbclid|gclid|list|share_id)$/;

/** @param url one that parses */
export const mayBeForOneUse = (url: string): boolean =>
  [...new URL(url).searchParams].some(([name, value]) => !HARMLESS.test(name) && isLikeToken(value || name));

/** Long, without a gap, and of mixed characters, as words and numbers are not. */
const isLikeToken = (text: string): boolean =>
  text.length >= TOKEN_MIN_CHARS &&
  TOKEN.test(text) &&
  [/[a-z]/, /[A-Z]/, /\d/].filter((kind) => kind.test(text)).length > 1;
