// Administration over HTTP: settings and the log of what administrators did. Only for administrators; every act
// leaves its line in the log.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import * as v from 'valibot';
import type { AdminSettings, AuditLine } from '#protocol/api.ts';
import type { AuditLog } from '../accounts/audit-log.ts';
import type { Session } from '../accounts/session.ts';
import { REGISTRATIONS, ROOM_CREATIONS, type Settings } from '../accounts/settings.ts';
import type { Authentication } from './authentication.ts';
import { ApiProblem } from './problem.ts';
import { readBody } from './request-body.ts';

export interface AdminRoutesDeps {
  readonly authentication: Authentication;
  readonly settings: Settings;
  readonly audit: AuditLog;
}

const settingsBody = v.strictObject({
  registration: v.optional(v.picklist(REGISTRATIONS)),
  roomCreation: v.optional(v.picklist(ROOM_CREATIONS))
});

export function addAdminRoutes(app: FastifyInstance, deps: AdminRoutesDeps): void {
  const { authentication, settings, audit } = deps;

  app.get('/api/admin/settings', async (request, reply): Promise<AdminSettings> => {
    await requireAdministrator(authentication, request, reply);
    return settings.all;
  });

  app.patch('/api/admin/settings', async (request, reply): Promise<AdminSettings> => {
    const { user } = await requireAdministrator(authentication, request, reply);
    const { registration, roomCreation } = readBody(request, settingsBody);
    return settings.change({ ...(registration && { registration }), ...(roomCreation && { roomCreation }) }, user.id);
  });

  app.get<{ Querystring: { before?: unknown } }>('/api/admin/audit', async (request, reply): Promise<AuditLine[]> => {
    await requireAdministrator(authentication, request, reply);
    const { before } = request.query;
    if (before === undefined) return audit.page(null);
    if (typeof before !== 'string' || !/^[1-9]\d{0,11}$/.test(before)) {
      throw new ApiProblem('bad-request', 'The log goes on before a line that it has.');
    }
    return audit.page(Number(before));
  });
}

/** Whatever they ask for, others learn nothing but that it is not theirs. @throws ApiProblem 'forbidden' */
export async function requireAdministrator(
  authentication: Authentication,
  request: FastifyRequest,
  reply: FastifyReply
): Promise<Session> {
  const session = await authentication.requireSession(request, reply);
  if (!session.user.admin) throw new ApiProblem('forbidden', 'This is for administrators of the server.');
  void reply.header('cache-control', 'no-store');
  return session;
}
