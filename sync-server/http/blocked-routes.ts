// Whom one has blocked, over HTTP: one's own list alone.

import type { FastifyInstance } from 'fastify';
import * as v from 'valibot';
import type { Blocked } from '#protocol/api/profile.ts';
import { isUserId } from '#protocol/ids.ts';
import { BLOCKED_MAX } from '#protocol/limits.ts';
import type { BlockedPeople } from '../accounts/blocked.ts';
import type { Authentication } from './authentication.ts';
import { readBody } from './request-body.ts';

export interface BlockedRoutesDeps {
  readonly authentication: Authentication;
  readonly blocked: BlockedPeople;
}

const userId = v.pipe(
  v.string(),
  v.check((value) => isUserId(value))
);
const blockedBody = v.strictObject({ users: v.pipe(v.array(userId), v.maxLength(BLOCKED_MAX)) });

export function addBlockedRoutes(app: FastifyInstance, { authentication, blocked }: BlockedRoutesDeps): void {
  app.get('/api/blocked', async (request, reply): Promise<Blocked> => {
    const { user } = await authentication.requireSession(request, reply);
    void reply.header('cache-control', 'no-store');
    return { users: await blocked.of(user.id) };
  });

  app.put('/api/blocked', async (request, reply): Promise<Blocked> => {
    const { user } = await authentication.requireSession(request, reply);
    const { users } = readBody(request, blockedBody);
    void reply.header('cache-control', 'no-store');
    return { users: await blocked.set(user.id, users) };
  });
}
