// Files of messages, for who may read the room in which one names them. Invariant: whatever a file holds, no browser runs
// it in our origin, and nobody learns from here whether there is a room or a file that is closed to them.

import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { isBlobHash, isRoomId } from '#protocol/ids.ts';
import { isShown, UNKNOWN_TYPE } from '#protocol/media/media-type.ts';
import type { BlobFolder } from '../blobs/blob-folder.ts';
import type { Blobs } from '../blobs/blobs.ts';
import type { RoomService } from '../rooms/room-service.ts';
import type { Authentication } from './authentication.ts';
import { readRange } from './byte-range.ts';
import { DOWNLOAD_LIMITS, DownloadTurns } from './download-turns.ts';
import { ApiProblem } from './problem.ts';

export interface BlobRoutesDeps {
  readonly authentication: Authentication;
  readonly rooms: RoomService;
  readonly blobs: Blobs;
  readonly blobFolder: BlobFolder;
}

/** A film that is paused is not read on; after this it is asked for again from where it stood. */
const UNREAD_MS = 5 * 60_000;

const absent = (): ApiProblem => new ApiProblem('not-found', 'This file is not there, or it is closed to you.');

export function addBlobRoutes(
  app: FastifyInstance,
  { authentication, rooms, blobs, blobFolder }: BlobRoutesDeps
): void {
  const turns = new DownloadTurns(DOWNLOAD_LIMITS);
  app.get<{ Params: { id: string; hash: string } }>('/api/rooms/:id/blobs/:hash', async (request, reply) => {
    const { user } = await authentication.requireSession(request, reply);
    const { id, hash } = request.params;
    if (!isRoomId(id) || !isBlobHash(hash)) throw absent();
    // Both, whatever one of them says: the time tells nobody which it was.
    const [room, facts] = await Promise.all([rooms.summary(user.id, id), blobs.inRoom(id, hash)]);
    if (!room || !facts) throw absent();
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const done = await turns.take(user.id, gone.signal);
    if (!done) throw new ApiProblem('rate-limited', 'Too many files at once. Wait for some to come first.');
    if (reply.raw.destroyed) {
      done();
      return reply;
    }
    reply.raw.once('close', done);

    const tag = `"${hash}"`;
    setHeaders(reply, facts.type).header('etag', tag);
    const { 'if-none-match': known, 'if-range': ifRange, range } = request.headers;
    if (
      known !== undefined &&
      (known.trim() === '*' || known.split(',').some((one) => one.trim().replace(/^W\//, '') === tag))
    )
      return reply.code(304).send();
    const wanted = ifRange !== undefined && ifRange !== tag ? null : readRange(range, facts.size);
    if (wanted === 'none') {
      return reply
        .code(416)
        .header('content-range', `bytes */${facts.size}`)
        .header('cache-control', 'no-store')
        .send();
    }
    const { from, to } = wanted ?? { from: 0, to: facts.size - 1 };
    if (wanted) void reply.code(206).header('content-range', `bytes ${from}-${to}/${facts.size}`);
    void reply.header('content-length', to - from + 1);
    // Nothing at all would be sent as so many bytes.
    if (request.method === 'HEAD') return reply.send(Readable.from([]));
    const handle = await blobFolder.openBlob(hash).catch((error: NodeJS.ErrnoException) => {
      // Erased since it was looked for.
      throw error.code === 'ENOENT' ? absent() : error;
    });
    reply.raw.setTimeout(UNREAD_MS, () => reply.raw.destroy());
    return reply.send(handle.createReadStream({ start: from, end: to }));
  });
}

function setHeaders(reply: FastifyReply, type: string): FastifyReply {
  void reply
    .header('accept-ranges', 'bytes')
    // The device keeps them itself, where what is erased is erased from; the browser's own cache nobody reaches.
    .header('cache-control', 'private, no-store')
    .header('x-content-type-options', 'nosniff')
    .header('content-security-policy', "sandbox; default-src 'none'")
    .header('cross-origin-resource-policy', 'same-origin');
  return isShown(type) ? reply.type(type) : reply.header('content-disposition', 'attachment').type(UNKNOWN_TYPE);
}
