// Invitations to rooms by link. The secret travels in the link's fragment and in bodies, never in an address.

import type { FastifyInstance } from 'fastify';
import * as v from 'valibot';
import type { Invitation, InvitationAccepted, InvitationInfo, InvitationSummary } from '#protocol/api/invitation.ts';
import type { RoomSummary } from '#protocol/control.ts';
import { isRoomId, type UserId } from '#protocol/ids.ts';
import {
  INVITATION_LIFE_MAX_MS,
  INVITATION_LIFE_MIN_MS,
  INVITATION_LINKS_MAX,
  INVITATION_USES_MAX
} from '#protocol/limits.ts';
import { mayMakeLink, rankOfRole } from '#protocol/permissions.ts';
import type { AuditLog } from '../accounts/audit-log.ts';
import type { Invitations } from '../accounts/invitations.ts';
import type { RoomService } from '../rooms/room-service.ts';
import type { Authentication } from './authentication.ts';
import { closedRoom } from './closed-room.ts';
import { ApiProblem } from './problem.ts';
import { readBody } from './request-body.ts';

export interface InvitationRoutesDeps {
  readonly rooms: RoomService;
  readonly invitations: Invitations;
  readonly authentication: Authentication;
  readonly audit: AuditLog;
}

interface ById {
  Params: { id: string };
}

const secretBody = v.object({ secret: v.string() });
const whole = (min: number, max: number) => v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max));
const newInvitation = v.strictObject({
  lifeMs: v.exactOptional(whole(INVITATION_LIFE_MIN_MS, INVITATION_LIFE_MAX_MS)),
  uses: v.exactOptional(whole(1, INVITATION_USES_MAX)),
  role: v.exactOptional(v.picklist(['moderator', 'member']))
});

const ended = (): ApiProblem => new ApiProblem('invitation-invalid', 'This invitation has ended. Ask for a new one.');
const absent = (): ApiProblem => closedRoom(null);

export function addInvitationRoutes(app: FastifyInstance, deps: InvitationRoutesDeps): void {
  const { rooms, invitations, authentication, audit } = deps;

  /** @throws ApiProblem 'not-found', 'forbidden' */
  async function requireMember(user: UserId, id: string): Promise<RoomSummary> {
    const room = isRoomId(id) ? await rooms.summary(user, id) : null;
    if (!room) throw absent();
    if (room.role === null) throw new ApiProblem('forbidden', 'Join the room first, then invite others.');
    return room;
  }

  app.post<ById>('/api/rooms/:id/invitations', async (request, reply): Promise<Invitation> => {
    const { user } = await authentication.requireSession(request, reply);
    const room = await requireMember(user.id, request.params.id);
    // Without a body: as it is where nothing is said.
    const wanted = request.body === undefined || request.body === null ? {} : readBody(request, newInvitation);
    if (!mayMakeLink(room.kind, room.role, 'member')) {
      throw new ApiProblem('forbidden', 'Nobody can be invited to a direct conversation.');
    }
    if (!mayMakeLink(room.kind, room.role, wanted.role ?? 'member')) {
      throw new ApiProblem('forbidden', 'Only owners can make others moderators.');
    }
    const invitation = await invitations.create(room.id, user.id, wanted);
    if (invitation === 'too-many') {
      const detail = `You have ${INVITATION_LINKS_MAX} links that still work. Revoke one, then make another.`;
      throw new ApiProblem('too-many', detail);
    }
    void reply.code(201).header('cache-control', 'no-store');
    return invitation;
  });

  app.get<ById>('/api/rooms/:id/invitations', async (request, reply): Promise<InvitationSummary[]> => {
    const { user } = await authentication.requireSession(request, reply);
    const room = await requireMember(user.id, request.params.id);
    void reply.header('cache-control', 'no-store');
    const seesAll = rankOfRole(room.role) >= rankOfRole('moderator');
    return invitations.ofRoom(room.id, seesAll ? undefined : user.id);
  });

  app.delete<ById>('/api/invitations/:id', async (request, reply) => {
    const { user } = await authentication.requireSession(request, reply);
    const invitation = await invitations.byId(request.params.id);
    // Whoever may not see it learns nothing of it.
    const none = new ApiProblem('not-found', 'There is no such invitation, or it is not yours to revoke.');
    if (!invitation) throw none;
    const role = (await rooms.summary(user.id, invitation.room))?.role ?? null;
    const isOwn = invitation.by === user.id;
    if (!isOwn && rankOfRole(role) < rankOfRole('moderator')) {
      if (!user.admin) throw none;
      const detail = `of ${invitation.by} to ${invitation.room}`;
      await audit.add({ by: user.id, act: 'invitation.revoke', target: invitation.id, detail });
    }
    await invitations.revoke(invitation.id);
    return reply.code(204).send();
  });

  app.post('/api/invitations/lookup', async (request, reply): Promise<InvitationInfo> => {
    const { secret } = readBody(request, secretBody);
    const info = await invitations.lookUp(secret);
    if (info === 'deleted') throw closedRoom('deleted');
    if (!info) throw ended();
    void reply.header('cache-control', 'no-store');
    return info;
  });

  app.post('/api/invitations/accept', async (request, reply): Promise<InvitationAccepted> => {
    const { user } = await authentication.requireSession(request, reply);
    const { secret } = readBody(request, secretBody);
    const room = await invitations.accept(secret, user.id);
    if (room === null) throw ended();
    if (typeof room !== 'string') throw closedRoom(room.why);
    void reply.header('cache-control', 'no-store');
    return { room };
  });
}
