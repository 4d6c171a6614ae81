// Where a session is pushed to: asked, set and taken back by that session alone.

import { createECDH } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import * as v from 'valibot';
import type { PushState } from '#protocol/push.ts';
import type { Session } from '../accounts/session.ts';
import type { Sessions } from '../accounts/sessions.ts';
import { ENDPOINT_MAX_CHARS, type EndpointFlaw } from '../push/push-endpoint.ts';
import type { PushSender } from '../push/push-sender.ts';
import type { PushSubscriptions } from '../push/push-subscriptions.ts';
import type { Authentication } from './authentication.ts';
import { ApiProblem } from './problem.ts';
import { readBody } from './request-body.ts';

export interface PushRoutesDeps {
  readonly authentication: Authentication;
  readonly sessions: Sessions;
  readonly pushSubscriptions: PushSubscriptions;
  readonly pushSender: Pick<PushSender, 'publicKey' | 'flawOf'>;
  readonly publicUrl: string | null;
}

const POINT_BYTES = 65;
const SECRET_BYTES = 16;

const subscriptionBody = v.object({
  endpoint: v.pipe(v.string(), v.maxLength(ENDPOINT_MAX_CHARS)),
  keys: v.object({
    p256dh: v.pipe(v.string(), v.check(isPoint, 'not a key')),
    auth: v.pipe(
      v.string(),
      v.check((text) => bytesOf(text)?.length === SECRET_BYTES, 'not a secret')
    )
  }),
  content: v.optional(v.boolean())
});

const FLAWS: Readonly<Record<EndpointFlaw, string>> = {
  'no-address': 'That is not the address of a push service.',
  'not-https': 'A push service is reached over https.',
  port: 'A push service is reached on the usual port. The host can allow others with ROOST_PUSH_SERVICES.',
  credentials: 'The address of a push service holds no name and password.',
  'not-public':
    'A push service lies on the public internet. The host can allow one of their own with ROOST_PUSH_SERVICES.'
};

export function addPushRoutes(app: FastifyInstance, deps: PushRoutesDeps): void {
  const { authentication, sessions, pushSubscriptions, pushSender } = deps;
  const stateOf = ({ id, user }: Session): PushState => {
    const there = pushSubscriptions.get(user.id, id);
    return {
      publicKey: pushSender.publicKey,
      subscription: there && { endpoint: there.endpoint, content: there.content }
    };
  };

  app.get('/api/push', async (request, reply): Promise<PushState> => {
    const session = await authentication.requireSession(request, reply);
    void reply.header('cache-control', 'no-store');
    return stateOf(session);
  });

  app.put('/api/push/subscription', async (request, reply): Promise<PushState> => {
    const session = await authentication.requireSession(request, reply);
    const { endpoint, keys, content } = readBody(request, subscriptionBody);
    const flaw = pushSender.flawOf(endpoint);
    if (flaw) throw new ApiProblem('push-endpoint', FLAWS[flaw]);
    const { id, user } = session;
    const before = pushSubscriptions.get(user.id, id);
    const isKept = await pushSubscriptions.put({
      ...{ user: user.id, session: id, endpoint, p256dh: keys.p256dh, auth: keys.auth },
      content: content ?? before?.content ?? false,
      origin: originOf(request, deps.publicUrl)
    });
    if (!isKept) {
      throw new ApiProblem(
        'too-many',
        'You are notified on many devices already. Sign one of them out, then try again.'
      );
    }
    // Ended meanwhile: its subscription ends with it.
    if (!(await sessions.facts(user.id, id))) {
      await pushSubscriptions.remove(user.id, id);
      throw new ApiProblem('signed-out', 'Sign in first.');
    }
    void reply.header('cache-control', 'no-store');
    return stateOf(session);
  });

  app.delete('/api/push/subscription', async (request, reply): Promise<PushState> => {
    const session = await authentication.requireSession(request, reply);
    await pushSubscriptions.remove(session.user.id, session.id);
    void reply.header('cache-control', 'no-store');
    return stateOf(session);
  });
}

/** Of the page that asks: every browser says it, and it was checked. A tool is somewhere of its own. */
const originOf = ({ headers, protocol, host }: FastifyRequest, publicUrl: string | null): string =>
  headers.origin ?? publicUrl ?? `${protocol}://${host}`;

function bytesOf(text: string): Buffer | null {
  return /^[A-Za-z0-9_-]{1,128}={0,2}$/.test(text) ? Buffer.from(text, 'base64url') : null;
}

/** An uncompressed point on P-256: nothing can be encrypted for anything else. */
function isPoint(text: string): boolean {
  const bytes = bytesOf(text);
  if (bytes?.length !== POINT_BYTES || bytes[0] !== 4) return false;
  const own = createECDH('prime256v1');
  own.generateKeys();
  try {
    own.computeSecret(bytes);
    return true;
  } catch {
    return false;
  }
}
