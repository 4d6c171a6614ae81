// Files on their way in, by tus 1.0.0 (core, creation, checksum, termination, expiration): what HTTP says of them, turned
// into calls of `Uploads`. Bodies go by as streams and are never whole in memory.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { IncomingMessage } from 'node:http';
import type { UploadAllowance, UploadState } from '#protocol/api/file.ts';
import { isBlobHash, type BlobHash } from '#protocol/ids.ts';
import { isUploadId } from '../blobs/blob-folder.ts';
import { CHECKSUMS, type Checksum } from '../blobs/upload-bytes.ts';
import type { UploadOutcome, UploadProblem } from '../blobs/upload-outcome.ts';
import { type FileLimits, type Uploads } from '../blobs/uploads.ts';
import type { Authentication } from './authentication.ts';
import { ApiProblem } from './problem.ts';

const TUS = '1.0.0';
const UPLOAD_BODY = 'application/offset+octet-stream';
/** A line on which nothing comes for so long is dead; the upload is not. */
const SILENT_MS = 30_000;

export interface UploadRoutesDeps {
  readonly authentication: Authentication;
  readonly uploads: Uploads;
  readonly fileLimits: FileLimits;
}

interface UploadParams {
  Params: { id: string };
}

const DETAILS: Record<UploadProblem, string> = {
  'too-large': 'The file is larger than this server takes, or than was announced.',
  quota: 'There is not enough room left for this file. Delete messages with large files first.',
  'too-many': 'Too many uploads at once. Finish or cancel some first.',
  'disk-full': 'The disk of the server is full.',
  'upload-offset': 'The upload stands elsewhere. Ask where, and go on from there.',
  'upload-checksum': 'The bytes that came are not those that were sent. Send them again.',
  'file-differs': 'The bytes are not those of the announced hash.',
  'file-type': 'This server does not take files of this type.',
  'file-broken': 'The picture is damaged, or holds something that is no picture.',
  'file-pixels': 'The picture has more than 100 megapixels.',
  'file-metadata': 'The picture says more than it shows. Save it without such data.'
};

const absent = (): ApiProblem => new ApiProblem('not-found', 'There is no such upload. Begin it anew.');

export function addUploadRoutes(
  root: FastifyInstance,
  { authentication, uploads, fileLimits }: UploadRoutesDeps
): void {
  // A scope of its own: no other route takes such a body.
  void root.register(async (app) => {
    app.addContentTypeParser(UPLOAD_BODY, (_request, body, done) => done(null, body));
    app.addHook('onRequest', async (request, reply) => {
      void reply.header('tus-resumable', TUS).header('cache-control', 'no-store');
      const version = request.headers['tus-resumable'];
      if (version === undefined || version === TUS || request.method === 'OPTIONS') return;
      void reply.header('tus-version', TUS);
      throw new ApiProblem('bad-request', `This server speaks tus ${TUS}.`, { status: 412 });
    });

    app.options('/api/uploads', async (_request, reply) =>
      reply
        .code(204)
        .header('tus-version', TUS)
        .header('tus-extension', 'creation,checksum,termination,expiration')
        .header('tus-max-size', fileLimits.maxBytes)
        .header('tus-checksum-algorithm', CHECKSUMS.join(','))
        .send()
    );

    app.get('/api/uploads', async (request, reply): Promise<UploadAllowance> => {
      const { user } = await authentication.requireSession(request, reply);
      const { maxBytes, quotaBytes, types } = fileLimits;
      return { maxBytes, used: await uploads.usedBy(user.id), quota: quotaBytes, types };
    });

    app.post('/api/uploads', async (request, reply): Promise<UploadState> => {
      const { user } = await authentication.requireSession(request, reply);
      const length = readCount(request.headers['upload-length']);
      if (length === null || length < 1) {
        throw new ApiProblem('bad-request', 'An upload says its length in bytes, at least one: Upload-Length.');
      }
      const state = stateOf(await uploads.create(user.id, readHash(request), length));
      void tell(reply, state).code(201).header('location', `/api/uploads/${state.id}`);
      return state;
    });

    // Fastify answers HEAD by the same, without the body.
    app.get<UploadParams>('/api/uploads/:id', async (request, reply): Promise<UploadState> => {
      const { user } = await authentication.requireSession(request, reply);
      const state = stateOf(await uploads.state(user.id, readId(request)));
      void tell(reply, state).header('upload-length', state.length);
      return state;
    });

    app.patch<UploadParams>('/api/uploads/:id', async (request, reply) => {
      // What is left of a body that was not wanted is not waited for.
      void reply.header('connection', 'close');
      const { user } = await authentication.requireSession(request, reply);
      const offset = readCount(request.headers['upload-offset']);
      if (offset === null) throw new ApiProblem('bad-request', 'Say where these bytes begin: Upload-Offset.');
      if (request.headers['content-type'] !== UPLOAD_BODY)
        throw new ApiProblem('bad-request', `Bytes are sent as ${UPLOAD_BODY}.`, { status: 415 });
      const body = request.body as IncomingMessage;
      const checksum = readChecksum(request.headers['upload-checksum']);
      endWhenSilent(request);
      const outcome = await uploads.append(user.id, readId(request), offset, body, checksum).catch((error: unknown) => {
        // The sender is gone, or has come back on another line: nobody reads this answer.
        if (body.destroyed || body.errored) throw new ApiProblem('upload-offset', DETAILS['upload-offset']);
        throw error;
      });
      const state = stateOf(outcome);
      void reply.removeHeader('connection');
      return tell(reply, state).code(204).send();
    });

    app.delete<UploadParams>('/api/uploads/:id', async (request, reply) => {
      const { user } = await authentication.requireSession(request, reply);
      if (!(await uploads.remove(user.id, readId(request)))) throw absent();
      return reply.code(204).send();
    });
  });
}

const tell = (reply: FastifyReply, { offset, expiresAt }: UploadState): FastifyReply =>
  reply.header('upload-offset', offset).header('upload-expires', new Date(expiresAt).toUTCString());

function stateOf(outcome: UploadOutcome): UploadState {
  if (!outcome) throw absent();
  if (outcome.ok) return outcome.state;
  throw new ApiProblem(outcome.code, DETAILS[outcome.code]);
}

function readId({ params }: FastifyRequest<UploadParams>): string {
  if (!isUploadId(params.id)) throw absent();
  return params.id;
}

/** null: none, or one that no file has. */
function readCount(header: string | string[] | undefined): number | null {
  return typeof header === 'string' && /^(?:0|[1-9]\d{0,14})$/.test(header) ? Number(header) : null;
}

/** tus: pairs of a key and a value in base64, parted by commas. */
function readHash({ headers }: FastifyRequest): BlobHash {
  const metadata = headers['upload-metadata'];
  const pairs = typeof metadata === 'string' ? metadata.split(',').map((pair) => pair.trim().split(' ')) : [];
  const value = Buffer.from(pairs.find(([key]) => key === 'hash')?.[1] ?? '', 'base64').toString();
  if (isBlobHash(value)) return value;
  throw new ApiProblem('bad-request', 'An upload names its file: Upload-Metadata with the SHA-256 as `hash`.');
}

function readChecksum(header: string | string[] | undefined): Checksum | null {
  if (header === undefined) return null;
  const [name, digest = ''] = String(header).split(' ');
  const algorithm = CHECKSUMS.find((one) => one === name);
  if (!algorithm) throw new ApiProblem('bad-request', `Checksums are ${CHECKSUMS.join(' or ')}.`);
  return { algorithm, digest: Buffer.from(digest, 'base64') };
}

function endWhenSilent({ raw }: FastifyRequest): void {
  raw.setTimeout(SILENT_MS);
  // To look at what came takes as long as it takes.
  raw.once('end', () => raw.setTimeout(0));
}
