// Reports over HTTP: made by who may read the room, read and settled by its moderators and by administrators.

import type { FastifyInstance } from 'fastify';
import * as v from 'valibot';
import type { Report } from '#protocol/api.ts';
import { isEntryId, isRoomId } from '#protocol/ids.ts';
import { REASON_MAX_CHARS } from '#protocol/limits.ts';
import { rankOfRole } from '#protocol/permissions.ts';
import type { Reports } from '../accounts/reports.ts';
import type { Session } from '../accounts/session.ts';
import type { RoomService } from '../rooms/room-service.ts';
import type { Authentication } from './authentication.ts';
import { ApiProblem } from './problem.ts';
import { readBody } from './request-body.ts';

export interface ReportRoutesDeps {
  readonly authentication: Authentication;
  readonly rooms: RoomService;
  readonly reports: Reports;
}

const reportBody = v.strictObject({
  entry: v.pipe(
    v.string(),
    v.check((value) => isEntryId(value))
  ),
  reason: v.pipe(v.string(), v.trim(), v.maxLength(REASON_MAX_CHARS))
});

const absent = (): ApiProblem => new ApiProblem('not-found', 'There is no such room, or it is closed to you.');

export function addReportRoutes(app: FastifyInstance, { authentication, rooms, reports }: ReportRoutesDeps): void {
  app.post<{ Params: { id: string } }>('/api/rooms/:id/reports', async (request, reply) => {
    const { user } = await authentication.requireSession(request, reply);
    const { id } = request.params;
    const report = readBody(request, reportBody);
    if (!isRoomId(id) || !(await rooms.summary(user.id, id))) throw absent();
    const of = await rooms.authorOf(user.id, id, report.entry);
    if (of === null) throw new ApiProblem('not-found', 'There is no such message in the room.');
    if ((await reports.add(id, user.id, of, report)) === 'too-many') {
      throw new ApiProblem('too-many', 'Wait until the moderators have looked at what you reported before.');
    }
    return reply.code(204).send();
  });

  app.get<{ Params: { id: string } }>('/api/rooms/:id/reports', async (request, reply): Promise<Report[]> => {
    const { user } = await authentication.requireSession(request, reply);
    await requireModerator(user, request.params.id);
    void reply.header('cache-control', 'no-store');
    return reports.ofRoom(request.params.id);
  });

  app.delete<{ Params: { id: string; report: string } }>('/api/rooms/:id/reports/:report', async (request, reply) => {
    const { user } = await authentication.requireSession(request, reply);
    const { id, report } = request.params;
    await requireModerator(user, id);
    if (!(await reports.settle(id, report))) throw new ApiProblem('not-found', 'This report was settled already.');
    return reply.code(204).send();
  });

  /** @throws ApiProblem 'not-found', 'forbidden' */
  async function requireModerator(user: Session['user'], room: string): Promise<void> {
    if (!isRoomId(room)) throw absent();
    if (user.admin) return;
    const summary = await rooms.summary(user.id, room);
    if (!summary) throw absent();
    if (rankOfRole(summary.role) < rankOfRole('moderator')) {
      throw new ApiProblem('forbidden', 'Reports are for the moderators of the room.');
    }
  }
}
