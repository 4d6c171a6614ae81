// What administrators do about people, over HTTP. Each act is in the log before its answer: in the batch that does it,
// where there is one, else before it is done.

import type { FastifyInstance } from 'fastify';
import * as v from 'valibot';
import { ADMIN_USER_ACTS, type AdminUser, type AdminUserAct, type ResetLink } from '#protocol/api/admin.ts';
import { isUserId } from '#protocol/ids.ts';
import { userInfoOf, type Account } from '../accounts/account.ts';
import type { AccountActs, ActOutcome } from '../accounts/account-acts.ts';
import type { Accounts } from '../accounts/accounts.ts';
import type { AuditLog } from '../accounts/audit-log.ts';
import type { Recovery } from '../accounts/recovery.ts';
import type { Operation } from '../store/key-value.ts';
import { readListing, type Listing } from './admin-listing.ts';
import type { Authentication } from './authentication.ts';
import { ApiProblem } from './problem.ts';
import { readBody } from './request-body.ts';
import { requireAdministrator } from './require-administrator.ts';

export interface AdminUserRoutesDeps {
  readonly authentication: Authentication;
  readonly accounts: Accounts;
  readonly acts: AccountActs;
  readonly recovery: Recovery;
  readonly audit: AuditLog;
}

const PAGE_PEOPLE = 50;
const deletionBody = v.strictObject({ messages: v.boolean() });

const absent = (): ApiProblem => new ApiProblem('not-found', 'There is no such account any more.');

export function addAdminUserRoutes(app: FastifyInstance, deps: AdminUserRoutesDeps): void {
  const { authentication, accounts, acts, recovery, audit } = deps;

  const adminUser = (account: Account): AdminUser => {
    const { admin, suspended, createdAt } = account;
    return { ...userInfoOf(account), admin, suspended, createdAt, seenAt: accounts.seenAt(account.id) };
  };

  app.get<Listing>('/api/admin/users', async (request, reply): Promise<AdminUser[]> => {
    await requireAdministrator(authentication, request, reply);
    const { query, after } = readListing(request.query);
    if (after !== null && !isUserId(after)) throw new ApiProblem('bad-request', 'The list goes on after a person.');
    return accounts.page(query, after, PAGE_PEOPLE).map(adminUser);
  });

  app.post<{ Params: { id: string; act: string } }>(
    '/api/admin/users/:id/:act',
    async (request, reply): Promise<AdminUser | ResetLink> => {
      const { user } = await requireAdministrator(authentication, request, reply);
      const act = ADMIN_USER_ACTS.find((known) => known === request.params.act);
      if (!act) throw new ApiProblem('not-found', 'There is no such act.');
      const account = existing(request.params.id);
      const line = { by: user.id, act: `user.${act}`, target: account.id, detail: account.name };
      if (act === 'reset') {
        await audit.add(line);
        return recovery.link(account.id);
      }
      // Nobody locks themselves out by a slip; another administrator may.
      if (act === 'suspend' && account.id === user.id) {
        throw new ApiProblem('bad-request', 'You cannot suspend yourself.');
      }
      return adminUser(done(await perform(act, account, [audit.line(line)])));
    }
  );

  app.delete<{ Params: { id: string } }>('/api/admin/users/:id', async (request, reply) => {
    const { user } = await requireAdministrator(authentication, request, reply);
    const { messages } = readBody(request, deletionBody);
    const { id, name } = existing(request.params.id);
    const detail = messages ? `${name}, with messages` : name;
    const line = audit.line({ by: user.id, act: 'user.delete', target: id, detail });
    done(await acts.delete(id, messages, [line]));
    return reply.code(204).send();
  });

  /** @throws ApiProblem 'not-found' */
  function existing(id: string): Account {
    const account = isUserId(id) ? accounts.get(id) : null;
    if (!account || account.deleted) throw absent();
    return account;
  }

  function perform(act: Exclude<AdminUserAct, 'reset'>, { id }: Account, also: Operation[]): Promise<ActOutcome> {
    switch (act) {
      case 'suspend':
        return acts.suspend(id, also);
      case 'resume':
        return acts.resume(id, also);
      case 'make-admin':
        return acts.setAdmin(id, true, also);
      case 'unmake-admin':
        return acts.setAdmin(id, false, also);
    }
  }
}

/** @throws ApiProblem 'not-found', 'last-administrator' */
function done(outcome: ActOutcome): Account {
  if (outcome === null) throw absent();
  if (outcome !== 'last-administrator') return outcome;
  throw new ApiProblem('last-administrator', 'This is the only administrator. Make another one first.');
}
