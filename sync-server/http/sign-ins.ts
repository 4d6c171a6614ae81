// The one way into a session, whichever way a person proved who they are.

import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Me } from '#protocol/api/session.ts';
import type { Account } from '../accounts/accounts.ts';
import type { Session } from '../accounts/session.ts';
import type { Sessions } from '../accounts/sessions.ts';
import { userAgentLabel } from '../accounts/user-agent-label.ts';
import type { Authentication } from './authentication.ts';
import { ApiProblem } from './problem.ts';

export interface SignInsDeps {
  readonly sessions: Sessions;
  readonly authentication: Authentication;
  /** The store's generation now. */
  readonly generation: () => string;
}

export class SignIns {
  readonly #deps: SignInsDeps;

  constructor(deps: SignInsDeps) {
    this.#deps = deps;
  }

  me({ id, name, admin }: Session['user']): Me {
    return { id, name, admin, generation: this.#deps.generation() };
  }

  /**
   * A new session each time, and the one that the browser had is over: a planted cookie is worth nothing.
   * @param account as it was when its person proved who they are
   * @throws ApiProblem 'suspended', 'wrong-credentials'
   */
  async start(request: FastifyRequest, reply: FastifyReply, account: Account): Promise<Me> {
    if (account.suspended) {
      throw new ApiProblem('suspended', 'This account is suspended. Ask an administrator of the server.');
    }
    const { sessions, authentication } = this.#deps;
    const before = request.headers.authorization === undefined ? await authentication.session(request, reply) : null;
    const started = await sessions.signIn(account, userAgentLabel(request.headers['user-agent']));
    if (!started) {
      throw new ApiProblem('wrong-credentials', 'The account has just changed, or its password. Sign in again.');
    }
    if (before) await sessions.end(before.user.id, before.id, 'signed-out');
    authentication.setCookie(request, reply, started.token);
    void reply.header('cache-control', 'no-store');
    return this.me(account);
  }
}
