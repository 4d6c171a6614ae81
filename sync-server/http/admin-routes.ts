// Administration over HTTP: settings, rooms, invitations, storage, and the log of what administrators did. Only for
// administrators; every act leaves its line in the log. People are in admin-user-routes.ts.

import path from 'node:path';
import type { FastifyInstance } from 'fastify';
import * as v from 'valibot';
import type { AdminInvitation, AdminRoom, AdminSettings, AuditLine, StorageUsed } from '#protocol/api/admin.ts';
import { isRoomId } from '#protocol/ids.ts';
import type { Accounts } from '../accounts/accounts.ts';
import type { AuditLog } from '../accounts/audit-log.ts';
import type { Avatars } from '../accounts/avatars.ts';
import type { Invitations } from '../accounts/invitations.ts';
import type { DirectReports } from '../accounts/direct-reports.ts';
import type { Reports } from '../accounts/reports.ts';
import { REGISTRATIONS, ROOM_CREATIONS, type Settings } from '../accounts/settings.ts';
import type { BlobFolder } from '../blobs/blob-folder.ts';
import type { RoomCensus } from '../rooms/room-census.ts';
import type { RoomService } from '../rooms/room-service.ts';
import { folderBytes, freeBytes } from '../store/folder-size.ts';
import { readListing, type Listing } from './admin-listing.ts';
import type { Authentication } from './authentication.ts';
import { ApiProblem } from './problem.ts';
import { readBody } from './request-body.ts';
import { requireAdministrator } from './require-administrator.ts';

export interface AdminRoutesDeps {
  readonly authentication: Authentication;
  readonly accounts: Accounts;
  readonly settings: Settings;
  readonly audit: AuditLog;
  readonly invitations: Invitations;
  readonly reports: Reports;
  readonly directReports: DirectReports;
  readonly rooms: RoomService;
  readonly avatars: Avatars;
  readonly census: RoomCensus;
  readonly blobFolder: BlobFolder;
  readonly dataDir: string;
}

const settingsBody = v.strictObject({
  registration: v.optional(v.picklist(REGISTRATIONS)),
  roomCreation: v.optional(v.picklist(ROOM_CREATIONS))
});

export function addAdminRoutes(app: FastifyInstance, deps: AdminRoutesDeps): void {
  const { authentication, accounts, settings, audit, invitations, reports, directReports, rooms, census, dataDir } =
    deps;

  app.get('/api/admin/settings', async (request, reply): Promise<AdminSettings> => {
    await requireAdministrator(authentication, request, reply);
    return settings.all;
  });

  app.patch('/api/admin/settings', async (request, reply): Promise<AdminSettings> => {
    const { user } = await requireAdministrator(authentication, request, reply);
    const { registration, roomCreation } = readBody(request, settingsBody);
    return settings.change({ ...(registration && { registration }), ...(roomCreation && { roomCreation }) }, user.id);
  });

  app.get<Listing>('/api/admin/rooms', async (request, reply): Promise<AdminRoom[]> => {
    await requireAdministrator(authentication, request, reply);
    const { query, after } = readListing(request.query);
    const page = await census.page(query, after);
    if (!page) throw new ApiProblem('bad-request', 'The list goes on after a place that it has.');
    return page;
  });

  app.delete<{ Params: { id: string } }>('/api/admin/rooms/:id', async (request, reply) => {
    const { user } = await requireAdministrator(authentication, request, reply);
    const { id } = request.params;
    const name = isRoomId(id) ? (await census.names([id])).get(id) : undefined;
    if (name === undefined) throw new ApiProblem('not-found', 'There is no such room any more.');
    // Before it is done: what cannot be logged is not done, and a line too much harms less than one that is missing.
    await audit.add({ by: user.id, act: 'room.delete', target: id, detail: name === '' ? 'a conversation' : name });
    if (!(await rooms.deleteRoom(id, user.id))) throw new ApiProblem('not-found', 'There is no such room any more.');
    await Promise.all([reports.removeOf(id), directReports.removeOf(id)]);
    return reply.code(204).send();
  });

  app.get('/api/admin/invitations', async (request, reply): Promise<AdminInvitation[]> => {
    await requireAdministrator(authentication, request, reply);
    const all = await invitations.all();
    const names = await census.names(all.map(({ room }) => room));
    return all.map((invitation) => ({ ...invitation, roomName: names.get(invitation.room) ?? '' }));
  });

  app.get('/api/admin/storage', async (request, reply): Promise<StorageUsed> => {
    await requireAdministrator(authentication, request, reply);
    const [database, free, pictures, files, counted] = await Promise.all([
      folderBytes(path.join(dataDir, 'db')),
      freeBytes(dataDir),
      deps.avatars.bytes(),
      deps.blobFolder.bytes(),
      census.count()
    ]);
    return { database, avatars: pictures, files, free, ...counted, users: accounts.count };
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
