// Who is on the other end of a request or socket, and how the front ends learn that a session has ended.

import type { UserId } from '#protocol/ids.ts';
import type { SessionEnd } from '#protocol/session-end.ts';

export interface Session {
  /** Stable id of the session, no secret. */
  readonly id: string;
  readonly user: { readonly id: UserId; readonly name: string; readonly admin: boolean };
  /** 'token': a bearer token of a bot or tool, made by `roost token`. */
  readonly kind: 'cookie' | 'token';
}

export interface Authenticator {
  /**
   * From a Cookie header; null without a live session.
   * @param secure the request came over HTTPS: then the unprotected cookie counts for nothing
   */
  byCookie(cookieHeader: string | undefined, secure?: boolean): Promise<Session | null>;
  /** From a bearer token (`Authorization: Bearer …`, or the subprotocol `roost.token.…`). */
  byToken(token: string): Promise<Session | null>;
  /** Called when a session is revoked or signed out: its sockets close within a second. */
  onEnded(listener: (sessionId: string, cause: SessionEnd) => void): () => void;
  /** Why the session of this secret has ended; null: it has not, there was none, or it is long ago. */
  endOfCookie(cookieHeader: string | undefined, secure?: boolean): Promise<SessionEnd | null>;
  endOfToken(token: string): Promise<SessionEnd | null>;
}
