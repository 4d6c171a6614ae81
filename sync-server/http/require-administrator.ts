// The one door to administration.

import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Session } from '../accounts/session.ts';
import type { Authentication } from './authentication.ts';
import { ApiProblem } from './problem.ts';

/** Whatever they ask for, others learn nothing but that it is not theirs. @throws ApiProblem 'forbidden' */
export async function requireAdministrator(
  authentication: Authentication,
  request: FastifyRequest,
  reply: FastifyReply
): Promise<Session> {
  const session = await authentication.requireSession(request, reply);
  if (!session.user.admin) throw new ApiProblem('forbidden', 'This is for administrators of the server.');
  void reply.header('cache-control', 'no-store');
  return session;
}
