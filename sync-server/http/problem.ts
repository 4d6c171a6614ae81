// Errors of the API as application/problem+json (RFC 9457). Nothing that the client sent is repeated in them.

import { STATUS_CODES } from 'node:http';
import type { FastifyReply } from 'fastify';
import type { ApiErrorCode, Problem } from '#protocol/api/problem.ts';
import type { SessionEnd } from '#protocol/session-end.ts';
import { StoreError } from '../store/key-value.ts';

/** The status that goes with a code unless another is given. */
const STATUS: Record<ApiErrorCode, number> = {
  'bad-request': 400,
  'signed-out': 401,
  'wrong-credentials': 401,
  forbidden: 403,
  'not-found': 404,
  'not-sealed': 404,
  'room-removed': 404,
  'room-banned': 404,
  'room-deleted': 404,
  'name-taken': 409,
  'name-invalid': 422,
  'password-weak': 422,
  suspended: 403,
  'recovery-invalid': 401,
  'ceremony-failed': 401,
  'passkey-unknown': 401,
  'last-credential': 409,
  'last-administrator': 409,
  'avatar-invalid': 422,
  'device-invalid': 422,
  'push-endpoint': 422,
  'previews-off': 403,
  'fresh-sign-in': 403,
  'registration-closed': 403,
  'invitation-invalid': 404,
  'setup-invalid': 403,
  origin: 403,
  'rate-limited': 429,
  'too-large': 413,
  'too-many': 409,
  quota: 413,
  'disk-full': 507,
  'upload-offset': 409,
  // As tus has it.
  'upload-checksum': 460,
  'file-differs': 422,
  'file-type': 422,
  'file-broken': 422,
  'file-pixels': 422,
  'file-metadata': 422,
  storage: 503,
  internal: 500
};

export interface ProblemOptions {
  readonly status?: number;
  readonly retryAfterMs?: number;
  readonly ended?: SessionEnd | null;
}

/** Thrown by a route to answer with a problem. `detail` is a sentence for people. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly code: ApiErrorCode;
  readonly status: number;
  readonly retryAfterMs: number | null;
  readonly ended: SessionEnd | null;

  constructor(code: ApiErrorCode, detail: string, { status, retryAfterMs, ended }: ProblemOptions = {}) {
    super(detail);
    this.code = code;
    this.status = status ?? STATUS[code];
    this.retryAfterMs = retryAfterMs ?? null;
    this.ended = ended ?? null;
  }
}

export async function sendProblem(reply: FastifyReply, problem: ApiProblem): Promise<FastifyReply> {
  const { status, code, message, retryAfterMs, ended } = problem;
  const title = STATUS_CODES[status] ?? 'Error';
  const body: Problem = { type: 'about:blank', status, title, code, detail: message, ...(ended && { ended }) };
  if (retryAfterMs !== null) void reply.header('retry-after', Math.max(1, Math.ceil(retryAfterMs / 1000)));
  return reply
    .code(status)
    .header('cache-control', 'no-store')
    .type('application/problem+json; charset=utf-8')
    .send(JSON.stringify(body));
}

/** What a failure is to the client; `internal` and `storage` belong into the log. */
export function problemOf(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  if (error instanceof StoreError) {
    return new ApiProblem('storage', 'The server cannot reach its storage now. Try again in a moment.', {
      retryAfterMs: 2_000
    });
  }
  const { statusCode: status, code } = (error ?? {}) as { statusCode?: number; code?: string };
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    return new ApiProblem('bad-request', 'The body must be application/json.', { status: 415 });
  }
  if (status === 413) return new ApiProblem('too-large', 'The body is too large.');
  if (status !== undefined && status >= 400 && status < 500) {
    return new ApiProblem('bad-request', 'The request cannot be read.', { status });
  }
  return new ApiProblem('internal', 'Something went wrong on the server.');
}
