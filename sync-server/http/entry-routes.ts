// What somebody says in a room, over HTTP rather than over a line: through the same checks, in their own name alone.

import type { FastifyInstance } from 'fastify';
import * as v from 'valibot';
import type { EntryOutcome } from '#protocol/api/entry.ts';
import { parseEntry } from '#protocol/parse-entry.ts';
import { isRoomId, type RoomId } from '#protocol/ids.ts';
import type { RefusalCode } from '#protocol/refusal-codes.ts';
import type { DeviceKeys } from '../accounts/device-keys.ts';
import { signerFlaw, type Proof } from '../gate/signature-check.ts';
import type { RoomService } from '../rooms/room-service.ts';
import type { Authentication } from './authentication.ts';
import { closedRoom } from './closed-room.ts';
import { readBody } from './request-body.ts';

export interface EntryRoutesDeps {
  readonly authentication: Authentication;
  readonly rooms: RoomService;
  readonly devices: DeviceKeys;
}

/** The entry is checked as entries are, not here. */
const entryBody = v.strictObject({ entry: v.looseObject({}) });
/** Who may make rooms and come in is asked where a line is opened. */
const ON_THE_LINE: readonly string[] = ['room', 'membership'];

export function addEntryRoutes(app: FastifyInstance, { authentication, rooms, devices }: EntryRoutesDeps): void {
  const append = async (proof: Proof, room: RoomId, value: unknown): Promise<RefusalCode | null> => {
    const parsed = parseEntry(value);
    if (!parsed.ok) return parsed.code;
    const { entry } = parsed;
    if (entry.author !== proof.sender) return 'author';
    if (ON_THE_LINE.includes(entry.type)) return 'not-allowed';
    return signerFlaw(entry, proof)?.code ?? rooms.append(entry, room);
  };

  app.post<{ Params: { id: string } }>('/api/rooms/:id/entries', async (request, reply): Promise<EntryOutcome> => {
    const { user, kind } = await authentication.requireSession(request, reply);
    const { id } = request.params;
    if (!isRoomId(id)) throw closedRoom(null);
    if (!(await rooms.summary(user.id, id))) throw closedRoom(await rooms.closing(user.id, id));
    const { entry } = readBody(request, entryBody);
    void reply.header('cache-control', 'no-store');
    // A person at a browser signs.
    const proof: Proof = { sender: user.id, mustSign: kind === 'cookie', deviceKey: (device) => devices.get(device) };
    const code = await append(proof, id, entry);
    return code === null ? { outcome: 'there' } : { outcome: 'refused', code };
  });
}
