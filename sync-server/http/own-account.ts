// Whether a person may change what opens their account: signed in by a browser, and with the password again, or where
// there is none, with a sign-in that is minutes old. An open laptop is not enough.

import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Account, Accounts } from '../accounts/accounts.ts';
import { RateLimit } from '../accounts/rate-limit.ts';
import type { Session } from '../accounts/session.ts';
import type { Sessions } from '../accounts/sessions.ts';
import type { Limits } from '../config.ts';
import type { Authentication } from './authentication.ts';
import { ApiProblem } from './problem.ts';
import { takeAttempt } from './take-attempt.ts';

const FRESH_MS = 5 * 60_000;

export interface OwnAccountDeps {
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly authentication: Authentication;
  readonly limits: Limits;
  /** Epoch ms. */
  readonly now: () => number;
}

export class OwnAccount {
  readonly #deps: OwnAccountDeps;
  readonly #tries: RateLimit;

  constructor(deps: OwnAccountDeps) {
    this.#deps = deps;
    this.#tries = new RateLimit(deps.limits.signInPerAccount, deps.now);
  }

  /** @throws ApiProblem 'signed-out', 'forbidden' to a bot's token */
  async require(request: FastifyRequest, reply: FastifyReply): Promise<{ session: Session; account: Account }> {
    const session = await this.#deps.authentication.requireSession(request, reply);
    if (session.kind !== 'cookie') {
      throw new ApiProblem('forbidden', 'A token cannot do this. Sign in with a browser.');
    }
    const account = this.#deps.accounts.get(session.user.id);
    if (!account || account.deleted) throw new ApiProblem('signed-out', 'Sign in first.');
    void reply.header('cache-control', 'no-store');
    return { session, account };
  }

  /** @throws ApiProblem 'wrong-credentials', 'fresh-sign-in', 'rate-limited' */
  async confirm(session: Session, account: Account, password: string | null): Promise<void> {
    const { accounts, sessions, now } = this.#deps;
    if (account.hasPassword) {
      const attempt = takeAttempt(this.#tries, account.id);
      if (password === null || !(await accounts.isPassword(account.id, password))) {
        throw new ApiProblem('wrong-credentials', 'The password is wrong.');
      }
      attempt.refund();
      // Ended while the password was checked, as by a new one.
      if (!(await sessions.facts(account.id, session.id))) throw new ApiProblem('signed-out', 'Sign in first.');
      return;
    }
    const facts = await sessions.facts(account.id, session.id);
    if (facts && now() - facts.createdAt < FRESH_MS) return;
    throw new ApiProblem('fresh-sign-in', 'Sign in once more with your passkey, then do this within five minutes.');
  }
}
