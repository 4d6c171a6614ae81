// Reads what a WebSocket handshake asks for: which document or the multiplexed socket, and by which secret.
// Secrets come in the cookie or as a subprotocol, never in the URL, which ends up in logs.

import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { parseDocName, type PageRef } from '#protocol/ids.ts';
import { PERSONAL_DOC_NAME } from '#protocol/personal.ts';
import type { SessionEnd } from '#protocol/session-end.ts';
import type { Authenticator, Session } from '../accounts/session.ts';

export type SyncTarget =
  | { readonly kind: 'muxed' }
  | { readonly kind: 'page'; readonly page: PageRef }
  /** The document of whoever's session it is. */
  | { readonly kind: 'personal' }
  /** Under /sync/, but no page could be there. */
  | { readonly kind: 'no-page' };

/** @returns null when the path is none of ours. The query string is ignored. */
export function syncTarget(url: string | undefined): SyncTarget | null {
  const path = url?.split('?', 1)[0] ?? '';
  if (path === '/sync') return { kind: 'muxed' };
  if (!path.startsWith('/sync/')) return null;
  const name = path.slice('/sync/'.length);
  if (name === PERSONAL_DOC_NAME) return { kind: 'personal' };
  const page = parseDocName(name);
  return page ? { kind: 'page', page } : { kind: 'no-page' };
}

const TOKEN_PREFIX = 'roost.token.';

/** The offered subprotocol that carries a token; the server selects it. */
export function tokenProtocol(offered: Iterable<string>): string | null {
  for (const protocol of offered) if (protocol.startsWith(TOKEN_PREFIX)) return protocol;
  return null;
}

/** The ways to look a request's session up, now and again later, and why it has ended. */
export interface SessionLookup {
  readonly session: () => Promise<Session | null>;
  readonly end: () => Promise<SessionEnd | null>;
}

/**
 * Reads by what secret a request speaks. A cookie counts only with an Origin, which the
 * caller has checked: other sites' pages can make a browser send it.
 */
export function sessionLookup(request: IncomingMessage, authenticator: Authenticator): SessionLookup {
  const protocols = request.headers['sec-websocket-protocol']?.split(',').map((protocol) => protocol.trim());
  const protocol = tokenProtocol(protocols ?? []);
  if (protocol !== null) {
    const token = protocol.slice(TOKEN_PREFIX.length);
    return { session: () => authenticator.byToken(token), end: () => authenticator.endOfToken(token) };
  }
  const { cookie, origin } = request.headers;
  if (origin === undefined) return { session: () => Promise.resolve(null), end: () => Promise.resolve(null) };
  // A proxy in front may take HTTPS off: then the page's own address tells.
  const secure = (request.socket as Partial<TLSSocket>).encrypted === true || origin.startsWith('https:');
  return {
    session: () => authenticator.byCookie(cookie, secure),
    end: () => authenticator.endOfCookie(cookie, secure)
  };
}
