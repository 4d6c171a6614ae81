// What anybody may ask of the server itself.

import type { FastifyInstance } from 'fastify';
import type { ServerInfo } from '#protocol/api/server.ts';
import { PROTOCOL_VERSION } from '#protocol/version.ts';
import type { Settings } from '../accounts/settings.ts';
import type { SetUp } from '../accounts/set-up.ts';
import type { Authentication } from './authentication.ts';
import { ApiProblem } from './problem.ts';

export interface ServerRoutesDeps {
  readonly name: string;
  readonly version: string;
  readonly settings: Settings;
  readonly publicUrl: string | null;
  readonly linkPreviews: { readonly on: boolean };
  readonly setUp: SetUp;
  readonly authentication: Authentication;
  /** Whether storage takes writes now. */
  readonly healthy: () => Promise<boolean>;
}

export function addServerRoutes(app: FastifyInstance, deps: ServerRoutesDeps): void {
  app.get('/api/server', async (request, reply): Promise<ServerInfo> => {
    void reply.header('cache-control', 'no-store');
    return {
      name: deps.name,
      version: deps.version,
      protocol: PROTOCOL_VERSION,
      ...deps.settings.all,
      needsSetup: await deps.setUp.needed(),
      signedIn: (await deps.authentication.session(request, reply)) !== null,
      previews: deps.linkPreviews.on,
      url: deps.publicUrl
    };
  });

  app.get('/healthz', async (_request, reply) => {
    void reply.header('cache-control', 'no-store');
    if (!(await deps.healthy())) throw new ApiProblem('storage', 'The server cannot write to its storage.');
    return { status: 'ok' };
  });
}
