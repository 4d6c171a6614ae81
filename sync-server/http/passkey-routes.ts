// Passkeys over HTTP: signing in and up with one, and one's own list. Each ceremony is two calls: the options for the
// browser, then its answer.

import { isIP } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import * as v from 'valibot';
import type { CeremonyOptions, PasskeyInfo } from '#protocol/api/passkey.ts';
import type { Me } from '#protocol/api/session.ts';
import type { RelyingParty } from '../accounts/ceremonies.ts';
import { PASSKEYS_MAX, type Passkeys } from '../accounts/passkeys.ts';
import type { SetUp } from '../accounts/set-up.ts';
import { RateLimit } from '../accounts/rate-limit.ts';
import { addressKey } from './address-key.ts';
import type { Authentication } from './authentication.ts';
import { OwnAccount, type OwnAccountDeps } from './own-account.ts';
import { ApiProblem } from './problem.ts';
import { readBody } from './request-body.ts';
import { SignIns, type SignInsDeps } from './sign-ins.ts';
import { madeAccount, type SignUps } from './sign-ups.ts';
import { takeAttempt } from './take-attempt.ts';

export interface PasskeyRoutesDeps extends OwnAccountDeps, SignInsDeps {
  readonly passkeys: Passkeys;
  readonly signUps: SignUps;
  readonly setUp: SetUp;
}

const ceremony = { ceremony: v.string(), response: v.unknown() };
const ceremonyBody = v.object(ceremony);
const confirmBody = v.object({ password: v.nullable(v.string()) });
const addBody = v.object({ ...ceremony, name: v.string() });
const setUpBody = v.object({ token: v.string(), name: v.string() });
const setUpCeremonyBody = v.object({ ...ceremony, token: v.string() });
const signUpBody = v.object({ name: v.string(), invitation: v.optional(v.string()) });

const noSetUp = (): ApiProblem =>
  new ApiProblem('setup-invalid', 'This set-up link is used up or was replaced by a newer one.');

const failed = (): ApiProblem =>
  new ApiProblem('ceremony-failed', 'The passkey could not be checked, or it took too long. Try again.');

export function addPasskeyRoutes(app: FastifyInstance, deps: PasskeyRoutesDeps): void {
  const { accounts, authentication, passkeys, signUps, setUp, limits, now } = deps;
  const own = new OwnAccount(deps);
  const signIns = new SignIns(deps);
  const begunFrom = new RateLimit(limits.ceremoniesPerAddress, now);
  const signInFrom = new RateLimit(limits.signInPerAddress, now);
  const begin = (request: FastifyRequest): RelyingParty => {
    takeAttempt(begunFrom, addressKey(request.ip));
    return relyingParty(authentication, request);
  };

  app.post('/api/session/passkey/options', async (request, reply): Promise<CeremonyOptions> => {
    void reply.header('cache-control', 'no-store');
    return passkeys.beginSignIn(begin(request));
  });

  app.post('/api/session/passkey', async (request, reply): Promise<Me> => {
    const body = readBody(request, ceremonyBody);
    const attempt = takeAttempt(signInFrom, addressKey(request.ip));
    const outcome = await passkeys.signIn(body.ceremony, body.response);
    if (outcome === 'unknown') {
      throw new ApiProblem('passkey-unknown', 'This passkey opens no account here. It may have been removed.');
    }
    if (typeof outcome === 'string') throw failed();
    attempt.refund();
    return signIns.start(request, reply, outcome);
  });

  app.post('/api/accounts/passkey/options', async (request, reply): Promise<CeremonyOptions> => {
    const { name, invitation } = readBody(request, signUpBody);
    await signUps.admit(invitation);
    const rp = begin(request);
    const refused = accounts.nameRefusal(name);
    if (refused) throw new ApiProblem(refused.code, refused.detail);
    void reply.header('cache-control', 'no-store');
    return passkeys.beginSignUp(rp, name, invitation);
  });

  app.post('/api/accounts/passkey', async (request, reply): Promise<Me> => {
    const body = readBody(request, ceremonyBody);
    const signUp = await passkeys.signUp(body.ceremony, body.response);
    if (signUp === 'failed') throw failed();
    const account = await signUps.make(request, signUp.invitation, signUp.create);
    return signIns.start(request, reply.code(201), account);
  });

  app.post('/api/setup/passkey/options', async (request, reply): Promise<CeremonyOptions> => {
    const { token, name } = readBody(request, setUpBody);
    const attempt = takeAttempt(signInFrom, addressKey(request.ip));
    if (!(await setUp.isGood(token))) throw noSetUp();
    attempt.refund();
    const rp = begin(request);
    const refused = accounts.nameRefusal(name);
    if (refused) throw new ApiProblem(refused.code, refused.detail);
    void reply.header('cache-control', 'no-store');
    return passkeys.beginSignUp(rp, name, undefined);
  });

  app.post('/api/setup/passkey', async (request, reply): Promise<Me> => {
    const { token, ...body } = readBody(request, setUpCeremonyBody);
    const attempt = takeAttempt(signInFrom, addressKey(request.ip));
    const signUp = await passkeys.signUp(body.ceremony, body.response);
    if (signUp === 'failed') throw failed();
    const outcome = await setUp.useFor(token, signUp.createFirst);
    if (outcome === 'setup-invalid') throw noSetUp();
    attempt.refund();
    return signIns.start(request, reply.code(201), madeAccount(outcome));
  });

  app.get('/api/passkeys', async (request, reply): Promise<PasskeyInfo[]> => {
    const { account } = await own.require(request, reply);
    return passkeys.list(account.id);
  });

  app.post('/api/passkeys/options', async (request, reply): Promise<CeremonyOptions> => {
    const { session, account } = await own.require(request, reply);
    // It opens the account for good, through any change of its password.
    await own.confirm(session, account, readBody(request, confirmBody).password);
    return passkeys.beginAdd(begin(request), account);
  });

  app.post('/api/passkeys', async (request, reply): Promise<PasskeyInfo> => {
    const { account } = await own.require(request, reply);
    const body = readBody(request, addBody);
    const outcome = await passkeys.add(account.id, body.ceremony, body.response, body.name);
    if (outcome === 'too-many') {
      throw new ApiProblem('bad-request', `An account has at most ${PASSKEYS_MAX} passkeys. Remove one first.`);
    }
    if (typeof outcome === 'string') throw failed();
    void reply.code(201);
    return outcome;
  });

  app.delete<{ Params: { id: string } }>('/api/passkeys/:id', async (request, reply) => {
    const { account } = await own.require(request, reply);
    const outcome = await passkeys.remove(account.id, request.params.id);
    if (outcome === 'absent') throw new ApiProblem('not-found', 'There is no such passkey.');
    if (outcome === 'last-credential') {
      throw new ApiProblem('last-credential', 'This passkey is the only way into the account. Set a password first.');
    }
    return reply.code(204).send();
  });
}

/** @throws ApiProblem 'ceremony-failed' where browsers keep no passkeys */
function relyingParty(authentication: Authentication, request: FastifyRequest): RelyingParty {
  const origin = authentication.pageOrigin(request);
  if (origin === null) throw new ApiProblem('ceremony-failed', 'Passkeys need a browser that has opened Roost.');
  const { hostname } = new URL(origin);
  if (isIP(hostname.replaceAll(/[[\]]/g, '')) !== 0) {
    throw new ApiProblem(
      'ceremony-failed',
      'Passkeys need a name such as localhost or chat.example: browsers keep none for an address of digits.'
    );
  }
  return { origin, id: hostname };
}
