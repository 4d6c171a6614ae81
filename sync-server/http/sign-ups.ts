// Who may make an account here, and how often: the same for those with a password and those with a passkey.

import type { FastifyRequest } from 'fastify';
import type { Account, AccountOutcome } from '../accounts/accounts.ts';
import type { Invitations } from '../accounts/invitations.ts';
import { RateLimit } from '../accounts/rate-limit.ts';
import type { Settings } from '../accounts/settings.ts';
import type { SetUp } from '../accounts/set-up.ts';
import type { Limits } from '../config.ts';
import { addressKey } from './address-key.ts';
import { ApiProblem } from './problem.ts';
import { takeAttempt } from './take-attempt.ts';

export interface SignUpsDeps {
  readonly setUp: SetUp;
  readonly settings: Settings;
  readonly invitations: Invitations;
  readonly limits: Limits;
  /** Epoch ms. */
  readonly now: () => number;
}

export class SignUps {
  readonly #deps: SignUpsDeps;
  readonly #from: RateLimit;

  constructor(deps: SignUpsDeps) {
    this.#deps = deps;
    this.#from = new RateLimit(deps.limits.signUpPerAddress, deps.now);
  }

  /**
   * Before anything is said of the name: who may not sign up learns of no name whether somebody has it.
   * @throws ApiProblem 'registration-closed', 'invitation-invalid'
   */
  async admit(invitation: string | undefined): Promise<void> {
    const { setUp, settings, invitations } = this.#deps;
    if (await setUp.needed()) {
      throw new ApiProblem('registration-closed', 'The first account is made with the set-up link of the server.');
    }
    const { registration } = settings;
    const needsInvitation = registration === 'invitation';
    if (registration === 'closed' || (needsInvitation && invitation === undefined)) {
      const detail = needsInvitation ? 'Signing up here needs an invitation link.' : 'Nobody can sign up here now.';
      throw new ApiProblem('registration-closed', detail);
    }
    if (!needsInvitation) return;
    const leadsTo = await invitations.lookUp(invitation!);
    if (leadsTo === null || leadsTo === 'deleted') throw ended();
  }

  /** @throws ApiProblem */
  async make(
    request: FastifyRequest,
    invitation: string | undefined,
    create: () => Promise<AccountOutcome | 'not-first'>
  ): Promise<Account> {
    await this.admit(invitation);
    const { settings, invitations } = this.#deps;
    const attempt = takeAttempt(this.#from, addressKey(request.ip));
    let outcome: AccountOutcome | 'not-first' | null = null;
    const signUp = async () => (outcome = await create());
    if (settings.registration === 'invitation') {
      const valid = await invitations.signUp(invitation!, async () => accountId(await signUp()));
      if (!valid) throw ended();
    } else await signUp();
    return madeAccount(outcome, () => attempt.refund());
  }
}

const ended = (): ApiProblem => new ApiProblem('invitation-invalid', 'This invitation has ended. Ask for a new one.');

const accountId = (outcome: AccountOutcome | 'not-first'): string | null =>
  outcome !== 'not-first' && outcome.ok ? outcome.account.id : null;

/** The account that was made. @throws ApiProblem what kept it from being made */
export function madeAccount(outcome: AccountOutcome | 'not-first' | null, refused?: () => void): Account {
  if (outcome === null || outcome === 'not-first') throw new ApiProblem('internal', 'The account was not made.');
  if (outcome.ok) return outcome.account;
  refused?.();
  throw new ApiProblem(outcome.code, outcome.detail);
}
