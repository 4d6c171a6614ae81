// Which scripts the app may start beside its own modules, where the browser has Trusted Types: workers of this server.
// Invariant: nothing else turns text into a script or its address, and only what Svelte has compiled becomes markup. The
// server's content security policy names the two policies and forbids every other one.

interface PolicyFactory {
  readonly defaultPolicy: object | null;
  createPolicy(name: string, rules: { createScriptURL: (address: string) => string | null }): object;
}

/** Browsers ask the policy of this name for all that is given as text. null: it is refused, and the caller gets a TypeError. */
export function allowOwnScripts(scope: { readonly trustedTypes?: PolicyFactory; readonly location: Location }): void {
  const { trustedTypes, location } = scope;
  if (!trustedTypes || trustedTypes.defaultPolicy) return;
  trustedTypes.createPolicy('default', {
    createScriptURL: (address) => (isOwn(address, location) ? address : null)
  });
}

function isOwn(address: string, { href, origin }: Location): boolean {
  const url = URL.parse(address, href);
  return url !== null && url.origin === origin && (url.pathname === '/sw.js' || url.pathname.startsWith('/_app/'));
}
