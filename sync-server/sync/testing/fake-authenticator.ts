// Sessions for tests: a name is its own token and cookie.

import type { Authenticator, Session } from '../../accounts/session.ts';
import type { UserId } from '#protocol/ids.ts';
import type { SessionEnd } from '#protocol/session-end.ts';

/** A well-formed user id that shows the name. */
export const userIdOf = (name: string): UserId => `u${name.padEnd(22, '_')}`;

export class FakeAuthenticator implements Authenticator {
  readonly #sessions = new Map<string, Session>();
  readonly #listeners = new Set<(sessionId: string, cause: SessionEnd) => void>();
  readonly #ends = new Map<string, SessionEnd>();
  /** Look-ups wait for this, so that tests can place something in between. */
  pending: Promise<void> = Promise.resolve();
  lookUps = 0;

  /** Makes a session; several may belong to one person. */
  add(name: string, sessionId = `session-${name}`): Session {
    const session: Session = { id: sessionId, user: { id: userIdOf(name), name, admin: false }, kind: 'token' };
    this.#sessions.set(sessionId, session);
    return session;
  }

  async byCookie(cookieHeader: string | undefined): Promise<Session | null> {
    return this.#find(/^roost=([\w-]+)$/.exec(cookieHeader ?? '')?.[1]);
  }

  async byToken(token: string): Promise<Session | null> {
    return this.#find(token);
  }

  async endOfCookie(cookieHeader: string | undefined): Promise<SessionEnd | null> {
    return this.endOfToken(/^roost=([\w-]+)$/.exec(cookieHeader ?? '')?.[1] ?? '');
  }

  async endOfToken(token: string): Promise<SessionEnd | null> {
    return this.#ends.get(token) ?? null;
  }

  onEnded(listener: (sessionId: string, cause: SessionEnd) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Revokes it and says so. */
  end(sessionId: string, cause: SessionEnd = 'revoked'): void {
    this.expire(sessionId, cause);
    for (const listener of this.#listeners) listener(sessionId, cause);
  }

  /** Its time has run out, of which nobody is told. */
  expire(sessionId: string, cause: SessionEnd = 'expired'): void {
    this.#sessions.delete(sessionId);
    this.#ends.set(sessionId, cause);
  }

  async #find(sessionId: string | undefined): Promise<Session | null> {
    this.lookUps++;
    const session = this.#sessions.get(sessionId ?? '') ?? null;
    await this.pending;
    return session;
  }
}
