// What opens one's account, apart from passkeys: the password, recovery codes, an administrator's link; and its end.

import type { FastifyInstance } from 'fastify';
import * as v from 'valibot';
import type { AccountInfo, RecoveryCodes } from '#protocol/api/account.ts';
import type { Me } from '#protocol/api/session.ts';
import type { AccountActs } from '../accounts/account-acts.ts';
import { RateLimit } from '../accounts/rate-limit.ts';
import type { Recovery } from '../accounts/recovery.ts';
import { foldedName } from '../accounts/user-name.ts';
import { addressKey } from './address-key.ts';
import { OwnAccount, type OwnAccountDeps } from './own-account.ts';
import { ApiProblem } from './problem.ts';
import { readBody } from './request-body.ts';
import { SignIns, type SignInsDeps } from './sign-ins.ts';
import { takeAttempt } from './take-attempt.ts';

export interface CredentialRoutesDeps extends OwnAccountDeps, SignInsDeps {
  readonly recovery: Recovery;
  readonly acts: AccountActs;
}

const passwordBody = v.object({ current: v.nullable(v.string()), password: v.string() });
const confirmBody = v.object({ password: v.nullable(v.string()) });
const recoveryBody = v.union([
  v.strictObject({ name: v.string(), code: v.string(), password: v.string() }),
  v.strictObject({ token: v.string(), password: v.string() })
]);
const deletionBody = v.object({ password: v.nullable(v.string()), messages: v.boolean() });

export function addCredentialRoutes(app: FastifyInstance, deps: CredentialRoutesDeps): void {
  const { accounts, sessions, authentication, recovery, acts, limits, now } = deps;
  const own = new OwnAccount(deps);
  const signIns = new SignIns(deps);
  const recoveryFrom = new RateLimit(limits.recoveryPerAddress, now);
  const recoveryTo = new RateLimit(limits.recoveryPerAccount, now);

  app.get('/api/account', async (request, reply): Promise<AccountInfo> => {
    const { user } = await authentication.requireSession(request, reply);
    void reply.header('cache-control', 'no-store');
    const hasPassword = accounts.get(user.id)?.hasPassword ?? false;
    return { hasPassword, recoveryCodesLeft: await recovery.codesLeft(user.id) };
  });

  app.post('/api/password', async (request, reply) => {
    const { session, account } = await own.require(request, reply);
    const { current, password } = readBody(request, passwordBody);
    await own.confirm(session, account, current);
    const outcome = await accounts.setPassword(account.id, password, account);
    if (!outcome) throw new ApiProblem('wrong-credentials', 'The password has just been changed.');
    if (!outcome.ok) throw new ApiProblem(outcome.code, outcome.detail);
    await sessions.endCookies(account.id, 'password', session.id);
    return reply.code(204).send();
  });

  app.get('/api/recovery-codes', async (request, reply): Promise<{ left: number }> => {
    const { account } = await own.require(request, reply);
    return { left: await recovery.codesLeft(account.id) };
  });

  app.post('/api/recovery-codes', async (request, reply): Promise<RecoveryCodes> => {
    const { session, account } = await own.require(request, reply);
    await own.confirm(session, account, readBody(request, confirmBody).password);
    return { codes: await recovery.newCodes(account.id) };
  });

  app.post('/api/recovery', async (request, reply): Promise<Me> => {
    const body = readBody(request, recoveryBody);
    const attempts = [takeAttempt(recoveryFrom, addressKey(request.ip))];
    if ('name' in body) attempts.push(takeAttempt(recoveryTo, foldedName(body.name) ?? ''));
    const outcome =
      'name' in body
        ? await recovery.byCode(body.name, body.code, body.password)
        : await recovery.byLink(body.token, body.password);
    if (outcome === 'invalid') {
      throw new ApiProblem(
        'recovery-invalid',
        'This does not open the account: the name or the code is wrong, or it was used, or the link has ended.'
      );
    }
    // What shows that it was the person costs no try.
    if (outcome === 'suspended' || outcome.ok) for (const attempt of attempts) attempt.refund();
    if (outcome === 'suspended') {
      throw new ApiProblem('suspended', 'This account is suspended. Ask an administrator of the server.');
    }
    if (!outcome.ok) throw new ApiProblem(outcome.code, outcome.detail);
    await sessions.endAll(outcome.account.id, 'recovered');
    return signIns.start(request, reply, outcome.account);
  });

  app.delete('/api/account', async (request, reply) => {
    const { session, account } = await own.require(request, reply);
    const { password, messages } = readBody(request, deletionBody);
    await own.confirm(session, account, password);
    const outcome = await acts.delete(account.id, messages);
    if (outcome === 'last-administrator') {
      throw new ApiProblem('last-administrator', 'You are the only administrator. Make somebody else one first.');
    }
    authentication.setCookie(request, reply, null);
    return reply.code(204).send();
  });
}
