// Messages that are to be sent later, over HTTP: one's own alone, in rooms that one is in.

import type { FastifyInstance } from 'fastify';
import * as v from 'valibot';
import type { ScheduledEntry, ScheduledOutcome } from '#protocol/api/scheduled.ts';
import { isEntryId, isRoomId, type RoomId, type UserId } from '#protocol/ids.ts';
import type { RoomService } from '../rooms/room-service.ts';
import type { ScheduledEntries } from '../scheduled/scheduled-entries.ts';
import type { Authentication } from './authentication.ts';
import { closedRoom } from './closed-room.ts';
import { ApiProblem } from './problem.ts';
import { readBody } from './request-body.ts';

export interface ScheduledRoutesDeps {
  readonly authentication: Authentication;
  readonly rooms: RoomService;
  readonly scheduled: ScheduledEntries;
}

/** The entry is checked as entries are, not here. */
const scheduledBody = v.strictObject({ entry: v.looseObject({}) });

export function addScheduledRoutes(app: FastifyInstance, deps: ScheduledRoutesDeps): void {
  const { authentication, rooms, scheduled } = deps;

  const roomOf = async (user: UserId, room: string): Promise<RoomId> => {
    const summary = isRoomId(room) ? await rooms.summary(user, room) : null;
    if (summary?.role) return room;
    throw closedRoom(isRoomId(room) && !summary ? await rooms.closing(user, room) : null);
  };

  app.get('/api/scheduled', async (request, reply): Promise<ScheduledEntry[]> => {
    const { user } = await authentication.requireSession(request, reply);
    void reply.header('cache-control', 'no-store');
    return scheduled.of(user.id);
  });

  app.put<{ Params: { id: string } }>('/api/rooms/:id/scheduled', async (request, reply): Promise<ScheduledOutcome> => {
    const session = await authentication.requireSession(request, reply);
    const room = await roomOf(session.user.id, request.params.id);
    const { entry } = readBody(request, scheduledBody);
    void reply.header('cache-control', 'no-store');
    return scheduled.put(session, room, entry);
  });

  app.delete<{ Params: { id: string; entry: string } }>(
    '/api/rooms/:id/scheduled/:entry',
    async (request, reply): Promise<ScheduledOutcome> => {
      const { user } = await authentication.requireSession(request, reply);
      const room = await roomOf(user.id, request.params.id);
      const { entry } = request.params;
      if (!isEntryId(entry)) throw new ApiProblem('bad-request', 'An entry has an id.');
      void reply.header('cache-control', 'no-store');
      return { outcome: await scheduled.remove(user.id, room, entry) };
    }
  );
}
