// The public keys of people's devices: registered by the device, read by whoever checks a signature.

import type { FastifyInstance } from 'fastify';
import * as v from 'valibot';
import type { DeviceInfo } from '#protocol/api/device.ts';
import { isDeviceId, isUserId } from '#protocol/ids.ts';
import type { DeviceKeys } from '../accounts/device-keys.ts';
import { RateLimit } from '../accounts/rate-limit.ts';
import type { Sessions } from '../accounts/sessions.ts';
import type { Limits } from '../config.ts';
import type { Authentication } from './authentication.ts';
import { ApiProblem } from './problem.ts';
import { readBody } from './request-body.ts';
import { readIdList } from './id-list.ts';
import { takeAttempt } from './take-attempt.ts';

export interface DeviceRoutesDeps {
  readonly authentication: Authentication;
  readonly devices: DeviceKeys;
  readonly sessions: Sessions;
  readonly limits: Limits;
  /** Epoch ms. */
  readonly now: () => number;
}

const deviceBody = v.object({ publicKey: v.string() });

export function addDeviceRoutes(app: FastifyInstance, deps: DeviceRoutesDeps): void {
  const { authentication, devices, sessions } = deps;
  // A key is kept for ever, so nobody makes them without end.
  const registrations = new RateLimit(deps.limits.devicesPerPerson, deps.now);

  app.post('/api/devices', async (request, reply): Promise<DeviceInfo> => {
    const session = await authentication.requireSession(request, reply);
    const { publicKey } = readBody(request, deviceBody);
    const attempt = takeAttempt(registrations, session.user.id);
    const facts = await sessions.facts(session.user.id, session.id);
    if (!facts) throw new ApiProblem('signed-out', 'Sign in first.');
    const known = devices.ofUsers([session.user.id]).some((device) => device.publicKey === publicKey);
    const outcome = await devices.register(session, facts.label, publicKey);
    if (!outcome.ok || known) attempt.refund();
    if (!outcome.ok) throw new ApiProblem('device-invalid', outcome.detail);
    // Ended while it was being registered: its keys end with it.
    if (!(await sessions.facts(session.user.id, session.id))) {
      await devices.endSessions(session.user.id, new Set([session.id]), []);
      throw new ApiProblem('signed-out', 'Sign in first.');
    }
    void reply.header('cache-control', 'no-store');
    return outcome.device;
  });

  app.get<{ Querystring: { users?: unknown; ids?: unknown } }>('/api/devices', async (request, reply) => {
    await authentication.requireSession(request, reply);
    const { users, ids } = request.query;
    if ((users === undefined) === (ids === undefined)) {
      throw new ApiProblem('bad-request', 'Ask for the devices of some users, or for some ids.');
    }
    void reply.header('cache-control', 'no-store');
    return users === undefined
      ? devices.byIds(readIdList(ids).filter(isDeviceId))
      : devices.ofUsers(readIdList(users).filter(isUserId));
  });
}
