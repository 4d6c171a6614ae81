// What the server will talk to as a push service. A browser names the address, so whoever is signed in could name any: https
// on its usual port, a public address, nothing else; but for services that the host has allowed.

import { mayBePublicHost } from '../outbound/public-host.ts';

export const ENDPOINT_MAX_CHARS = 1_024;

export type EndpointFlaw = 'no-address' | 'not-https' | 'port' | 'credentials' | 'not-public';

/** @param own origins that the host has allowed, wherever they are */
export function endpointFlaw(endpoint: string, own: ReadonlySet<string>): EndpointFlaw | null {
  if (endpoint.length > ENDPOINT_MAX_CHARS || !URL.canParse(endpoint)) return 'no-address';
  const url = new URL(endpoint);
  if (url.username !== '' || url.password !== '') return 'credentials';
  if (own.has(url.origin)) return null;
  if (url.protocol !== 'https:') return 'not-https';
  if (url.port !== '') return 'port';
  return mayBePublicHost(url.hostname) ? null : 'not-public';
}
