// Who makes a request, and whether their browser may make it: cookies travel by themselves, so a request that
// changes something must come from a page of ours (Origin, and Sec-Fetch-Site where there is one).

import type { FastifyReply, FastifyRequest } from 'fastify';
import type { SessionEnd } from '#protocol/session-end.ts';
import { SESSION_LIFE_MS, type Sessions } from '../accounts/sessions.ts';
import type { Session } from '../accounts/session.ts';
import { sessionCookie } from '../accounts/session-cookie.ts';
import type { RateLimit } from '../accounts/rate-limit.ts';
import type { AllowedOrigins } from './allowed-origins.ts';
import { ApiProblem } from './problem.ts';

const READS = new Set(['GET', 'HEAD', 'OPTIONS']);
const BEARER = /^Bearer +([A-Za-z0-9_-]{1,128})$/i;

export interface AuthenticationDeps {
  readonly sessions: Sessions;
  readonly origins: AllowedOrigins;
  readonly publicUrl: string | null;
  /** Of a person's requests, by their id. */
  readonly requests: RateLimit;
}

export class Authentication {
  readonly #sessions: Sessions;
  readonly #origins: AllowedOrigins;
  readonly #publicUrl: URL | null;
  readonly #requests: RateLimit;

  constructor({ sessions, origins, publicUrl, requests }: AuthenticationDeps) {
    this.#sessions = sessions;
    this.#origins = origins;
    this.#publicUrl = publicUrl === null ? null : new URL(publicUrl);
    this.#requests = requests;
  }

  /** Over HTTPS, here or at a proxy in front that serves the public address. */
  isSecure(request: FastifyRequest): boolean {
    return (
      request.protocol === 'https' ||
      (this.#publicUrl?.protocol === 'https:' && request.host.toLowerCase() === this.#publicUrl.host)
    );
  }

  /** For every state-changing request, signed in or not. @throws ApiProblem 'origin' */
  checkOrigin(request: FastifyRequest): void {
    if (READS.has(request.method) || request.headers.authorization !== undefined) return;
    const { origin, cookie } = request.headers;
    const site = request.headers['sec-fetch-site'];
    const ours = origin === undefined ? cookie === undefined : this.#isOurs(request, origin);
    if (ours && (site === undefined || site === 'same-origin')) return;
    throw new ApiProblem('origin', 'This page may not speak to the server. Open Roost at its own address.');
  }

  /** Whoever is on the line can change a page that came over plain http: it does nothing with a cookie of HTTPS. */
  #isOurs(request: FastifyRequest, origin: string): boolean {
    return this.#origins.has(origin) && !(origin.startsWith('http:') && this.isSecure(request));
  }

  /** The origin of the page that asks, when it is one of ours; null: another, or no browser. */
  pageOrigin(request: FastifyRequest): string | null {
    const { origin } = request.headers;
    return origin !== undefined && this.#isOurs(request, origin) ? origin : null;
  }

  /** null: nobody, or a session that has ended. Renews the cookie when the session's life was renewed. */
  async session(request: FastifyRequest, reply: FastifyReply): Promise<Session | null> {
    const { authorization } = request.headers;
    if (authorization !== undefined) {
      const token = BEARER.exec(authorization)?.[1];
      return token === undefined ? null : this.#sessions.byToken(token);
    }
    const found = await this.#sessions.findByCookie(request.headers.cookie, this.isSecure(request));
    if (found?.renewed) this.setCookie(request, reply, found.renewed);
    return found?.session ?? null;
  }

  /** Counts against the person's rate. @throws ApiProblem 'signed-out', 'rate-limited' */
  async requireSession(request: FastifyRequest, reply: FastifyReply): Promise<Session> {
    const session = await this.requireSessionToEnd(request, reply);
    const attempt = this.#requests.take(session.user.id);
    if (attempt.ok) return session;
    throw new ApiProblem('rate-limited', 'Too many requests. Wait a little, then try again.', {
      retryAfterMs: attempt.retryAfterMs
    });
  }

  /** Whatever somebody else does with it, a person can end their session. @throws ApiProblem 'signed-out' */
  async requireSessionToEnd(request: FastifyRequest, reply: FastifyReply): Promise<Session> {
    const session = await this.session(request, reply);
    if (session) return session;
    throw new ApiProblem('signed-out', 'Sign in first.', { ended: await this.#endOf(request) });
  }

  /** Why the session that a request names has ended; null: it names none that is known. */
  #endOf(request: FastifyRequest): Promise<SessionEnd | null> {
    const { authorization, cookie } = request.headers;
    if (authorization === undefined) return this.#sessions.endOfCookie(cookie, this.isSecure(request));
    return this.#sessions.endOfToken(BEARER.exec(authorization)?.[1] ?? '');
  }

  /** `null` takes it away. */
  setCookie(request: FastifyRequest, reply: FastifyReply, token: string | null): void {
    void reply.header('set-cookie', sessionCookie(token, this.isSecure(request), SESSION_LIFE_MS));
  }
}
