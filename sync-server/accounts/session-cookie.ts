// The session's cookie. Over HTTPS its name begins with `__Host-`, which makes browsers hold it to this host, to
// HTTPS and to the whole site; plain http cannot have such a cookie and uses another name. Tokens are base64url, so
// nothing in it needs an encoding.

const SECURE_NAME = '__Host-roost';
const PLAIN_NAME = 'roost';
/** Browsers send one of a name, or a few from before: each costs a look into the store, for whoever asks. */
const TOKENS_MAX = 4;

/**
 * The tokens that a Cookie header offers, the protected one first.
 * @param secure true: the protected alone, since anybody on the line can plant the other; undefined: both
 */
export function tokensOfCookieHeader(header: string | undefined, secure?: boolean): string[] {
  if (header === undefined || header.length > 16_384) return [];
  const names = secure === true ? [SECURE_NAME] : secure === false ? [PLAIN_NAME] : [SECURE_NAME, PLAIN_NAME];
  const pairs = header.split(';').map((pair) => pair.trim());
  const tokens = names.flatMap((name) =>
    pairs.filter((pair) => pair.startsWith(`${name}=`)).map((pair) => pair.slice(name.length + 1))
  );
  return tokens.slice(0, TOKENS_MAX);
}

/** Value of a Set-Cookie header. `null` takes the cookie away. */
export function sessionCookie(token: string | null, secure: boolean, lifeMs: number): string {
  const name = secure ? SECURE_NAME : PLAIN_NAME;
  const maxAge = token === null ? 0 : Math.floor(lifeMs / 1000);
  return `${name}=${token ?? ''}; Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
}
