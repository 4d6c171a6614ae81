// Signing up, in and out, and who is who.

import type { FastifyInstance } from 'fastify';
import * as v from 'valibot';
import type { UserInfo } from '#protocol/api/profile.ts';
import type { Me } from '#protocol/api/session.ts';
import { isUserId } from '#protocol/ids.ts';
import { userInfoOf } from '../accounts/account.ts';
import type { Accounts } from '../accounts/accounts.ts';
import { RateLimit } from '../accounts/rate-limit.ts';
import type { Sessions } from '../accounts/sessions.ts';
import type { SetUp } from '../accounts/set-up.ts';
import { foldedName } from '../accounts/user-name.ts';
import type { Limits } from '../config.ts';
import { addressKey } from './address-key.ts';
import type { Authentication } from './authentication.ts';
import { ApiProblem } from './problem.ts';
import { readBody } from './request-body.ts';
import { readIdList } from './id-list.ts';
import { SignIns } from './sign-ins.ts';
import { madeAccount, type SignUps } from './sign-ups.ts';
import { takeAttempt } from './take-attempt.ts';

export interface AccountRoutesDeps {
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly setUp: SetUp;
  readonly signUps: SignUps;
  readonly authentication: Authentication;
  readonly limits: Limits;
  /** The store's generation now. */
  readonly generation: () => string;
  /** Epoch ms. */
  readonly now: () => number;
}

const credentials = { name: v.string(), password: v.string() };
/** People found by a few letters. */
const FOUND_MAX = 20;
const QUERY_MAX_CHARS = 100;
const signInBody = v.object(credentials);
const signUpBody = v.object({ ...credentials, invitation: v.optional(v.string()) });
const setUpBody = v.object({ ...credentials, token: v.string() });

export function addAccountRoutes(app: FastifyInstance, deps: AccountRoutesDeps): void {
  const { accounts, sessions, setUp, signUps, authentication, limits, now } = deps;
  const signInFrom = new RateLimit(limits.signInPerAddress, now);
  const signInTo = new RateLimit(limits.signInPerAccount, now);

  const signIns = new SignIns(deps);

  app.post('/api/setup', async (request, reply): Promise<Me> => {
    const { token, name, password } = readBody(request, setUpBody);
    const attempt = takeAttempt(signInFrom, addressKey(request.ip));
    const outcome = await setUp.use(token, name, password);
    if (outcome === 'setup-invalid') {
      throw new ApiProblem('setup-invalid', 'This set-up link is used up or was replaced by a newer one.');
    }
    attempt.refund();
    return signIns.start(request, reply.code(201), madeAccount(outcome));
  });

  app.post('/api/accounts', async (request, reply): Promise<Me> => {
    const { name, password, invitation } = readBody(request, signUpBody);
    const create = () => accounts.create({ name, password, admin: false });
    const account = await signUps.make(request, invitation, create);
    return signIns.start(request, reply.code(201), account);
  });

  app.post('/api/session', async (request, reply): Promise<Me> => {
    const { name, password } = readBody(request, signInBody);
    const from = takeAttempt(signInFrom, addressKey(request.ip));
    const to = takeAttempt(signInTo, foldedName(name) ?? '');
    const account = await accounts.withPassword(name, password);
    if (!account) throw new ApiProblem('wrong-credentials', 'The name or the password is wrong.');
    from.refund();
    to.refund();
    return signIns.start(request, reply, account);
  });

  app.delete('/api/session', async (request, reply) => {
    const session = await authentication.requireSessionToEnd(request, reply);
    await sessions.end(session.user.id, session.id, 'signed-out');
    if (session.kind === 'cookie') authentication.setCookie(request, reply, null);
    return reply.code(204).send();
  });

  app.get('/api/me', async (request, reply): Promise<Me> => {
    const session = await authentication.requireSession(request, reply);
    void reply.header('cache-control', 'no-store');
    return signIns.me(session.user);
  });

  app.get<{ Querystring: { ids?: unknown; query?: unknown } }>(
    '/api/users',
    async (request, reply): Promise<UserInfo[]> => {
      await authentication.requireSession(request, reply);
      const { ids, query } = request.query;
      const wanted = readIdList(ids);
      void reply.header('cache-control', 'no-store');
      if (typeof query === 'string') return accounts.search(query.slice(0, QUERY_MAX_CHARS), FOUND_MAX).map(userInfoOf);
      return (await accounts.byIds(wanted.filter(isUserId))).map(userInfoOf);
    }
  );
}
