// The HTTP side of Roost: the API, the health check, the built app. Fastify on a server that is given, since the
// same server also carries the sockets.
// Invariant: no body, token, cookie or query string reaches the log.

import type { Server as HttpServer } from 'node:http';
import fastify, { LogController, type FastifyInstance } from 'fastify';
import { addAdminRoutes, type AdminRoutesDeps } from './admin-routes.ts';
import { addAdminUserRoutes, type AdminUserRoutesDeps } from './admin-user-routes.ts';
import { addAccountRoutes, type AccountRoutesDeps } from './account-routes.ts';
import { addCredentialRoutes, type CredentialRoutesDeps } from './credential-routes.ts';
import { addDeviceRoutes, type DeviceRoutesDeps } from './device-routes.ts';
import { addBlobRoutes, type BlobRoutesDeps } from './blob-routes.ts';
import { addBlockedRoutes, type BlockedRoutesDeps } from './blocked-routes.ts';
import { addEntryRoutes, type EntryRoutesDeps } from './entry-routes.ts';
import { addInvitationRoutes } from './invitation-routes.ts';
import { addPasskeyRoutes, type PasskeyRoutesDeps } from './passkey-routes.ts';
import { addPreviewRoutes, type PreviewRoutesDeps } from './preview-routes.ts';
import { addPresenceRoutes, type PresenceRoutesDeps } from './presence-routes.ts';
import { problemOf, sendProblem } from './problem.ts';
import { addPushRoutes, type PushRoutesDeps } from './push-routes.ts';
import { addReportRoutes, type ReportRoutesDeps } from './report-routes.ts';
import { addProfileRoutes, type ProfileRoutesDeps } from './profile-routes.ts';
import { addRoomRoutes, type RoomRoutesDeps } from './room-routes.ts';
import { addScheduledRoutes, type ScheduledRoutesDeps } from './scheduled-routes.ts';
import { setSecurityHeaders } from './security-headers.ts';
import { addSessionRoutes } from './session-routes.ts';
import { addServerRoutes, type ServerRoutesDeps } from './server-routes.ts';
import { answerShares } from './share-route.ts';
import { SignUps, type SignUpsDeps } from './sign-ups.ts';
import { endSlowBodies } from './slow-bodies.ts';
import { addUploadRoutes, type UploadRoutesDeps } from './upload-routes.ts';
import { serveWebApp } from './web-app.ts';

/** The largest body that the API has a use for, by far. */
const BODY_MAX_BYTES = 64 * 1024;

export interface HttpAppDeps
  extends
    ServerRoutesDeps,
    Omit<AccountRoutesDeps, 'signUps'>,
    CredentialRoutesDeps,
    DeviceRoutesDeps,
    ProfileRoutesDeps,
    RoomRoutesDeps,
    PresenceRoutesDeps,
    ReportRoutesDeps,
    BlockedRoutesDeps,
    EntryRoutesDeps,
    ScheduledRoutesDeps,
    PushRoutesDeps,
    PreviewRoutesDeps,
    AdminRoutesDeps,
    AdminUserRoutesDeps,
    BlobRoutesDeps,
    UploadRoutesDeps,
    Omit<PasskeyRoutesDeps, 'signUps'>,
    SignUpsDeps {
  readonly server: HttpServer;
  readonly buildDir: string;
  readonly lan: boolean;
  readonly logLevel: string | null;
  /** Where log lines go: one JSON object a line. */
  readonly logTo: { write(line: string): void };
  /** More routes, before those of the app's screens. */
  readonly extend?: (app: FastifyInstance) => void;
}

/** Ready to answer; the caller lets `server` listen. */
export async function createHttpApp(deps: HttpAppDeps): Promise<FastifyInstance> {
  const { server, publicUrl } = deps;
  const app = fastify({
    serverFactory: (handler) => server.on('request', handler),
    logger: { level: deps.logLevel ?? 'info', stream: deps.logTo },
    logController: new LogController({ disableRequestLogging: true }),
    frameworkErrors: (error, _request, reply) => void sendProblem(reply, problemOf(error)),
    bodyLimit: BODY_MAX_BYTES,
    // A proxy in front of the public address runs beside the server; others cannot speak for a client.
    trustProxy: publicUrl === null ? false : 'loopback',
    routerOptions: { ignoreTrailingSlash: false, maxParamLength: 200 }
  });
  app.removeContentTypeParser('text/plain');
  logRequests(app);
  await setSecurityHeaders(
    app,
    (request) =>
      !deps.lan &&
      publicUrl !== null &&
      request.host === new URL(publicUrl).host &&
      deps.authentication.isSecure(request)
  );
  app.setErrorHandler(async (error, request, reply) => {
    const problem = problemOf(error);
    if (problem.status >= 500) {
      const fields = { err: error, method: request.method, route: request.routeOptions.url };
      request.log.error(fields, problem.code);
    }
    return sendProblem(reply, problem);
  });
  answerShares(app);
  // Whatever the address: the router reads one that is written in another way (`/%61pi`) all the same.
  app.addHook('onRequest', async (request) => deps.authentication.checkOrigin(request));
  endSlowBodies(app, (method, route) => method === 'PATCH' && route === '/api/uploads/:id');
  addServerRoutes(app, deps);
  const signUps = new SignUps(deps);
  addAccountRoutes(app, { ...deps, signUps });
  addPasskeyRoutes(app, { ...deps, signUps });
  addSessionRoutes(app, deps);
  addCredentialRoutes(app, deps);
  addProfileRoutes(app, deps);
  addDeviceRoutes(app, deps);
  addPresenceRoutes(app, deps);
  addRoomRoutes(app, deps);
  addInvitationRoutes(app, deps);
  addReportRoutes(app, deps);
  addBlockedRoutes(app, deps);
  addEntryRoutes(app, deps);
  addScheduledRoutes(app, deps);
  addPushRoutes(app, deps);
  addPreviewRoutes(app, deps);
  addUploadRoutes(app, deps);
  addBlobRoutes(app, deps);
  addAdminRoutes(app, deps);
  addAdminUserRoutes(app, deps);
  deps.extend?.(app);
  await serveWebApp(app, deps.buildDir);
  await app.ready();
  return app;
}

/** The route's pattern rather than the address: it says as much, and cannot hold what people typed. */
function logRequests(app: FastifyInstance): void {
  app.addHook('onResponse', async (request, reply) => {
    const { method } = request;
    const route = request.routeOptions.url ?? null;
    const fields = { method, route, status: reply.statusCode, ms: Math.round(reply.elapsedTime) };
    request.log.debug(fields, 'request');
  });
}
