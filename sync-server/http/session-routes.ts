// The list of one's own sessions, and ending them.

import type { FastifyInstance } from 'fastify';
import type { SessionInfo } from '#protocol/api/session.ts';
import type { Sessions } from '../accounts/sessions.ts';
import type { Authentication } from './authentication.ts';
import { ApiProblem } from './problem.ts';

export interface SessionRoutesDeps {
  readonly sessions: Sessions;
  readonly authentication: Authentication;
}

/** A token that got out ends itself at most, and does not sign its person out. */
const forbidden = (): ApiProblem => new ApiProblem('forbidden', 'A token cannot do this. Sign in with a browser.');

export function addSessionRoutes(app: FastifyInstance, { sessions, authentication }: SessionRoutesDeps): void {
  app.get('/api/sessions', async (request, reply): Promise<SessionInfo[]> => {
    const session = await authentication.requireSession(request, reply);
    if (session.kind !== 'cookie') throw forbidden();
    void reply.header('cache-control', 'no-store');
    return sessions.list(session.user.id, session.id);
  });

  app.delete<{ Params: { id: string } }>('/api/sessions/:id', async (request, reply) => {
    const session = await authentication.requireSessionToEnd(request, reply);
    const { id } = request.params;
    if (session.kind !== 'cookie' && id !== session.id) throw forbidden();
    if (!(await sessions.end(session.user.id, id, id === session.id ? 'signed-out' : 'revoked'))) {
      throw new ApiProblem('not-found', 'This session has ended already.');
    }
    if (id === session.id && session.kind === 'cookie') authentication.setCookie(request, reply, null);
    return reply.code(204).send();
  });

  app.delete('/api/sessions', async (request, reply) => {
    const session = await authentication.requireSessionToEnd(request, reply);
    if (session.kind !== 'cookie') throw forbidden();
    await sessions.endAll(session.user.id, 'revoked', session.id);
    return reply.code(204).send();
  });
}
