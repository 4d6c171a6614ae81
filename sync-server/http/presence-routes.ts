// Who of certain people is here, over HTTP. Whoever asks is told of those alone who have a room open that they could open,
// too: there they would see it anyway.

import type { FastifyInstance } from 'fastify';
import type { PresentPeople } from '#protocol/api/presence.ts';
import { isUserId, type RoomId } from '#protocol/ids.ts';
import type { RoomService } from '../rooms/room-service.ts';
import type { PresentIn } from '../sync/presence.ts';
import type { Authentication } from './authentication.ts';
import { readIdList } from './id-list.ts';

export interface PresenceRoutesDeps {
  readonly authentication: Authentication;
  readonly rooms: RoomService;
  readonly presentIn: PresentIn;
}

export function addPresenceRoutes(app: FastifyInstance, deps: PresenceRoutesDeps): void {
  const { authentication, rooms, presentIn } = deps;

  app.get<{ Querystring: { users?: unknown } }>('/api/present', async (request, reply): Promise<PresentPeople> => {
    const { user } = await authentication.requireSession(request, reply);
    const asked = readIdList(request.query.users).filter(isUserId);
    void reply.header('cache-control', 'no-store');
    const open = new Map<RoomId, Promise<boolean>>();
    const mayOpen = (room: RoomId): Promise<boolean> => {
      const known = open.get(room) ?? rooms.summary(user.id, room).then((summary) => summary !== null);
      open.set(room, known);
      return known;
    };
    const [here, away]: [string[], string[]] = [[], []];
    for (const [person, statuses] of presentIn(asked)) {
      const seen: ('here' | 'away')[] = [];
      for (const [room, status] of statuses) if (await mayOpen(room)) seen.push(status);
      if (seen.includes('here')) here.push(person);
      else if (seen.length > 0) away.push(person);
    }
    return { here, away };
  });
}
