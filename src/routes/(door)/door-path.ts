// Where people go after the door. An invitation's secret travels in the fragment alone, which no server sees.

/** The secret in a fragment such as `#i=abc`, or null. */
export function carriedInvitation(hash: string): string | null {
  const secret = new URLSearchParams(hash.replace(/^#/, '')).get('i');
  return secret === '' ? null : secret;
}

export const withInvitation = (path: string, secret: string | null): string =>
  secret === null ? path : `${path}#${new URLSearchParams({ i: secret }).toString()}`;

/** The path asked for before signing in. Only paths of this app: never another site's address. */
export function pathAfter(searchParams: Pick<URLSearchParams, 'get'>): string {
  const to = searchParams.get('to') ?? '/';
  // Browsers drop control characters and read \ as /, so "/\t/host" would be another site.
  if (!to.startsWith('/') || /^\/[/\\]/.test(to) || /\p{Cc}/u.test(to)) return '/';
  return to;
}
