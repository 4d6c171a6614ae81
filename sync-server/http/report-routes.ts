// Reports over HTTP: made by who may read the room, read and settled by its moderators and by administrators. Out of
// rooms of certain people, which have no moderators, they go to the administrators alone.

import type { FastifyInstance } from 'fastify';
import * as v from 'valibot';
import type { AdminReport } from '#protocol/api/admin.ts';
import type { Report } from '#protocol/api/report.ts';
import { isKnown } from '#protocol/entry.ts';
import { parseEntry } from '#protocol/parse-entry.ts';
import { isEntryId, isRoomId } from '#protocol/ids.ts';
import { REASON_MAX_CHARS } from '#protocol/limits.ts';
import { rankOfRole } from '#protocol/permissions.ts';
import { isAmongPeople } from '#protocol/room-state.ts';
import type { AuditLog } from '../accounts/audit-log.ts';
import type { Accounts } from '../accounts/accounts.ts';
import { isDirectReportId, type DirectReports } from '../accounts/direct-reports.ts';
import type { Reports } from '../accounts/reports.ts';
import type { Session } from '../accounts/session.ts';
import type { RoomService } from '../rooms/room-service.ts';
import type { Authentication } from './authentication.ts';
import { ApiProblem } from './problem.ts';
import { readBody } from './request-body.ts';
import { requireAdministrator } from './require-administrator.ts';

export interface ReportRoutesDeps {
  readonly authentication: Authentication;
  readonly rooms: RoomService;
  readonly reports: Reports;
  readonly directReports: DirectReports;
  readonly accounts: Accounts;
  readonly audit: AuditLog;
}

const reportBody = v.strictObject({
  entry: v.pipe(
    v.string(),
    v.check((value) => isEntryId(value))
  ),
  reason: v.pipe(v.string(), v.trim(), v.maxLength(REASON_MAX_CHARS)),
  message: v.optional(v.unknown())
});

const absent = (): ApiProblem => new ApiProblem('not-found', 'There is no such room, or it is closed to you.');

export function addReportRoutes(app: FastifyInstance, deps: ReportRoutesDeps): void {
  const { authentication, rooms, reports, directReports, accounts, audit } = deps;

  app.post<{ Params: { id: string } }>('/api/rooms/:id/reports', async (request, reply) => {
    const { user } = await authentication.requireSession(request, reply);
    const { id } = request.params;
    const report = readBody(request, reportBody);
    const room = isRoomId(id) ? await rooms.summary(user.id, id) : null;
    if (!room) throw absent();
    const of = await rooms.authorOf(user.id, id, report.entry);
    if (of === null) throw new ApiProblem('not-found', 'There is no such message in the room.');
    const { entry, reason } = report;
    // Who had all they wrote erased keeps nothing here, whoever has the words.
    const isErased = accounts.get(of)?.erased ?? false;
    const body = isAmongPeople(room) && !isErased ? await wordsOf(id, report) : null;
    const outcome = isAmongPeople(room)
      ? await directReports.add({ room: id, kind: room.kind, by: user.id, of, entry, reason, body })
      : await reports.add(id, user.id, of, { entry, reason });
    if (outcome === 'too-many') {
      throw new ApiProblem('too-many', 'Wait until what you reported before was looked at.');
    }
    return reply.code(204).send();
  });

  app.get<{ Querystring: { state?: unknown; before?: unknown } }>(
    '/api/admin/reports',
    async (request, reply): Promise<AdminReport[]> => {
      await requireAdministrator(authentication, request, reply);
      const { state = 'open', before = null } = request.query;
      if (state !== 'open' && state !== 'settled') throw new ApiProblem('bad-request', 'Reports are open or settled.');
      if (before !== null && (typeof before !== 'string' || !isDirectReportId(before))) {
        throw new ApiProblem('bad-request', 'The list goes on before a report that it has.');
      }
      return directReports.page(state === 'settled', before);
    }
  );

  app.post<{ Params: { id: string } }>('/api/admin/reports/:id/settle', async (request, reply) => {
    const { user } = await requireAdministrator(authentication, request, reply);
    const report = await directReports.open(request.params.id);
    const line = report && { by: user.id, act: 'report.settle', target: report.id, detail: whose(report) };
    if (!line || !(await directReports.settle(line.target, user.id, [audit.line(line)]))) {
      throw new ApiProblem('not-found', 'This report was settled already.');
    }
    return reply.code(204).send();
  });

  /** The words of the reported message, if it is the very one. @throws ApiProblem 'bad-request' */
  async function wordsOf(
    room: string,
    { entry, message }: { entry: string; message?: unknown }
  ): Promise<string | null> {
    if (message === undefined) return null;
    const parsed = parseEntry(message);
    const isIt = parsed.ok && parsed.entry.id === entry && (await rooms.holds(room, parsed.entry));
    if (!isIt || !isKnown(parsed.entry) || parsed.entry.type !== 'message') {
      throw new ApiProblem('bad-request', 'This is not the message that was reported.');
    }
    return parsed.entry.body;
  }

  app.get<{ Params: { id: string } }>('/api/rooms/:id/reports', async (request, reply): Promise<Report[]> => {
    const { user } = await authentication.requireSession(request, reply);
    await requireModerator(user, request.params.id);
    void reply.header('cache-control', 'no-store');
    return reports.ofRoom(request.params.id);
  });

  app.delete<{ Params: { id: string; report: string } }>('/api/rooms/:id/reports/:report', async (request, reply) => {
    const { user } = await authentication.requireSession(request, reply);
    const { id, report } = request.params;
    const settled = new ApiProblem('not-found', 'This report was settled already.');
    if ((await requireModerator(user, id)) === 'administrator') {
      const open = (await reports.ofRoom(id)).find((one) => one.id === report);
      if (!open) throw settled;
      // Before it is done: what cannot be logged is not done.
      await audit.add({ by: user.id, act: 'report.settle', target: open.id, detail: whose(open) });
    }
    if (!(await reports.settle(id, report))) throw settled;
    return reply.code(204).send();
  });

  function whose({ by, of }: Pick<Report, 'by' | 'of'>): string {
    const nameOf = (id: string): string => accounts.get(id)?.name || 'somebody who is gone';
    return `${nameOf(by)} about ${nameOf(of)}`;
  }

  /** As what the person may see reports of the room. @throws ApiProblem 'not-found', 'forbidden' */
  async function requireModerator(user: Session['user'], room: string): Promise<'moderator' | 'administrator'> {
    if (!isRoomId(room)) throw absent();
    const summary = await rooms.summary(user.id, room);
    if (summary && rankOfRole(summary.role) >= rankOfRole('moderator')) return 'moderator';
    if (user.admin) return 'administrator';
    if (!summary) throw absent();
    throw new ApiProblem('forbidden', 'Reports are for the moderators of the room.');
  }
}
