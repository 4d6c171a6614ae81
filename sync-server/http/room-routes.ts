// Rooms over HTTP: lists, members, and the sealed pages of their history.

import type { FastifyInstance } from 'fastify';
import * as v from 'valibot';
import type { PresentUsers } from '#protocol/api/presence.ts';
import type { EntryPlace, MemberInfo, RoomInfo } from '#protocol/api/room.ts';
import { isRoomId, type RoomId, type UserId } from '#protocol/ids.ts';
import type { Accounts } from '../accounts/accounts.ts';
import { ROOM_NAME_MAX_CHARS } from '#protocol/limits.ts';
import type { DirectoryPart, RoomService } from '../rooms/room-service.ts';
import type { PrivacyChoices } from '../personal/privacy-choices.ts';
import type { Authentication } from './authentication.ts';
import { sendCompressed } from './compressed-json.ts';
import { closedRoom } from './closed-room.ts';
import { ApiProblem } from './problem.ts';
import { readBody } from './request-body.ts';

export interface RoomRoutesDeps {
  readonly rooms: RoomService;
  readonly accounts: Accounts;
  readonly authentication: Authentication;
  readonly privacy: Pick<PrivacyChoices, 'of'>;
  readonly presentUsers: (room: RoomId) => readonly UserId[];
  /** The store's generation now. */
  readonly generation: () => string;
}

const readBodySchema = v.object({ n: v.pipe(v.number(), v.integer(), v.minValue(0)) });

interface RoomParams {
  Params: { id: string };
}

const absent = (): ApiProblem => closedRoom(null);

export function addRoomRoutes(app: FastifyInstance, deps: RoomRoutesDeps): void {
  const { rooms, accounts, authentication } = deps;

  app.get<{ Querystring: { scope?: unknown; query?: unknown; after?: unknown } }>(
    '/api/rooms',
    async (request, reply) => {
      const { user } = await authentication.requireSession(request, reply);
      const { scope, query, after } = request.query;
      if (scope !== undefined && scope !== 'public') throw new ApiProblem('bad-request', 'The only scope is public.');
      const list =
        scope === 'public' ? await rooms.publicRooms(user.id, readPart(query, after)) : await rooms.joined(user.id);
      return sendCompressed(request, reply.header('cache-control', 'no-store'), list);
    }
  );

  app.get<RoomParams>('/api/rooms/:id', async (request, reply): Promise<RoomInfo> => {
    const { user } = await authentication.requireSession(request, reply);
    const id = readRoomId(request.params.id);
    const room = await rooms.summary(user.id, id);
    if (!room) throw closedRoom(await rooms.closing(user.id, id));
    void reply.header('cache-control', 'no-store');
    return room;
  });

  app.get<RoomParams>('/api/rooms/:id/members', async (request, reply) => {
    const { user } = await authentication.requireSession(request, reply);
    const members = await rooms.members(user.id, readRoomId(request.params.id));
    if (!members) throw absent();
    const people = await accounts.byIds(members.map(({ id }) => id));
    const names = new Map(people.map(({ id, name }) => [id, name]));
    const list = members.map((member): MemberInfo => ({ ...member, name: names.get(member.id) ?? '' }));
    return sendCompressed(request, reply.header('cache-control', 'no-store'), list);
  });

  app.get<RoomParams>('/api/rooms/:id/present', async (request, reply): Promise<PresentUsers> => {
    const { user } = await authentication.requireSession(request, reply);
    const id = readRoomId(request.params.id);
    if (!(await rooms.summary(user.id, id))) throw absent();
    void reply.header('cache-control', 'no-store');
    return { users: deps.presentUsers(id) };
  });

  app.get<{ Params: { id: string; entry: string } }>(
    '/api/rooms/:id/entries/:entry',
    async (request, reply): Promise<EntryPlace> => {
      const { user } = await authentication.requireSession(request, reply);
      const id = readRoomId(request.params.id);
      if (!(await rooms.summary(user.id, id))) throw closedRoom(await rooms.closing(user.id, id));
      void reply.header('cache-control', 'no-store');
      return { page: await rooms.pageOf(user.id, id, request.params.entry) };
    }
  );

  app.post<RoomParams>('/api/rooms/:id/read', async (request, reply) => {
    const { user } = await authentication.requireSession(request, reply);
    const id = readRoomId(request.params.id);
    if (!(await rooms.summary(user.id, id))) throw closedRoom(await rooms.closing(user.id, id));
    const { n } = readBody(request, readBodySchema);
    const marker = await rooms.markRead(user.id, id, n, deps.privacy.of(user.id).readReceipts);
    if (!marker) throw absent();
    void reply.header('cache-control', 'no-store');
    return marker;
  });

  app.get<{ Params: { id: string; page: string } }>('/api/rooms/:id/pages/:page', async (request, reply) => {
    const { user } = await authentication.requireSession(request, reply);
    const { id, page } = request.params;
    if (!/^(?:0|[1-9]\d{0,8})$/.test(page)) throw new ApiProblem('not-found', 'A page has a number.');
    const sealed = await rooms.sealedPage(user.id, { room: readRoomId(id), page: Number(page) });
    if (sealed === null) throw absent();
    if (sealed === 'not-sealed') {
      throw new ApiProblem('not-sealed', 'This page still takes messages: open it over the socket.');
    }
    // Weak, since the bytes differ with the encoding they are sent in.
    const tag = `W/"${deps.generation()}-${sealed.revision}"`;
    // `no-cache`: kept, but asked for each time; who may read it is decided anew, and erased content goes.
    void reply.header('etag', tag).header('cache-control', 'private, no-cache').header('vary', 'accept-encoding');
    if (matches(request.headers['if-none-match'], tag)) return reply.code(304).send();
    return sendCompressed(request, reply, sealed);
  });
}

function readPart(query: unknown, after: unknown): DirectoryPart {
  if (query !== undefined && (typeof query !== 'string' || query.length > ROOM_NAME_MAX_CHARS))
    throw new ApiProblem('bad-request', `Search for at most ${ROOM_NAME_MAX_CHARS} characters.`);
  if (after !== undefined && !isRoomId(after)) throw new ApiProblem('bad-request', 'A list goes on after a room.');
  return { ...(query !== undefined && { query }), ...(after !== undefined && { after }) };
}

function readRoomId(value: string): RoomId {
  if (!isRoomId(value)) throw absent();
  return value;
}

/** RFC 9110 §13.1.2: the weak comparison. */
function matches(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  const opaque = (text: string): string => text.trim().replace(/^W\//, '');
  return header.trim() === '*' || header.split(',').some((candidate) => opaque(candidate) === opaque(tag));
}
