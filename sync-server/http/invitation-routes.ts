// Invitations to rooms by link. The secret travels in the link's fragment and in bodies, never in an address.

import type { FastifyInstance } from 'fastify';
import * as v from 'valibot';
import type { Invitation, InvitationAccepted, InvitationInfo } from '#protocol/api.ts';
import { isRoomId } from '#protocol/ids.ts';
import type { Invitations } from '../accounts/invitations.ts';
import type { RoomService } from '../rooms/room-service.ts';
import type { Authentication } from './authentication.ts';
import { ApiProblem } from './problem.ts';
import { readBody } from './request-body.ts';

export interface InvitationRoutesDeps {
  readonly rooms: RoomService;
  readonly invitations: Invitations;
  readonly authentication: Authentication;
}

const secretBody = v.object({ secret: v.string() });

const ended = (): ApiProblem => new ApiProblem('invitation-invalid', 'This invitation has ended. Ask for a new one.');

export function addInvitationRoutes(app: FastifyInstance, deps: InvitationRoutesDeps): void {
  const { rooms, invitations, authentication } = deps;

  app.post<{ Params: { id: string } }>('/api/rooms/:id/invitations', async (request, reply): Promise<Invitation> => {
    const { user } = await authentication.requireSession(request, reply);
    const { id } = request.params;
    const room = isRoomId(id) ? await rooms.summary(user.id, id) : null;
    if (!room) throw new ApiProblem('not-found', 'There is no such room, or it is closed to you.');
    if (room.role === null) throw new ApiProblem('forbidden', 'Join the room first, then invite others.');
    const invitation = await invitations.create(id, user.id);
    void reply.code(201).header('cache-control', 'no-store');
    return invitation;
  });

  app.post('/api/invitations/lookup', async (request, reply): Promise<InvitationInfo> => {
    const { secret } = readBody(request, secretBody);
    const info = await invitations.lookUp(secret);
    if (!info) throw ended();
    void reply.header('cache-control', 'no-store');
    return info;
  });

  app.post('/api/invitations/accept', async (request, reply): Promise<InvitationAccepted> => {
    const { user } = await authentication.requireSession(request, reply);
    const { secret } = readBody(request, secretBody);
    const room = await invitations.accept(secret, user.id);
    if (room === null) throw ended();
    void reply.header('cache-control', 'no-store');
    return { room };
  });
}
