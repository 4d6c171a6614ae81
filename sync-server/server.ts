// One running Roost: store, rooms, accounts, HTTP, sockets and the command line's socket, wired together. Nothing
// here decides anything; it opens, hands on, and closes in the opposite order.

import { createServer } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { PageRef, UserId } from '#protocol/ids.ts';
import type { PasswordHasher } from './accounts/password-hasher.ts';
import { RateLimit } from './accounts/rate-limit.ts';
import { AdminSocket } from './admin-socket/admin-socket.ts';
import { LocalAdministration } from './admin-socket/local-administration.ts';
import { socketPath } from './admin-socket/socket-path.ts';
import type { Config } from './config.ts';
import { openCore, type Core } from './core.ts';
import { AllowedOrigins, isEverywhere, isLoopback, originOf } from './http/allowed-origins.ts';
import { Authentication } from './http/authentication.ts';
import { Health } from './http/health.ts';
import { createHttpApp } from './http/http-app.ts';
import { Listeners } from './http/listeners.ts';
import { addTrustRoutes } from './http/trust-routes.ts';
import { PageFetch } from './previews/page-fetch.ts';
import { Previews } from './previews/previews.ts';
import { PushNotices } from './push/push-notices.ts';
import { PushSender } from './push/push-sender.ts';
import { openVapidKeys } from './push/vapid-keys.ts';
import { Store } from './store/store.ts';
import { attachSync } from './sync/attach-sync.ts';
import type { SyncServer } from './sync/sync-contract.ts';
import { systemTimers } from './timers.ts';
import { lanAddresses, lanNames } from './tls/network-addresses.ts';
import { ServerIdentity, type Certificate } from './tls/server-identity.ts';

/** A certificate that was renewed, or an address that changed, is noticed within this time. */
const CERTIFICATE_CHECK_MS = 5 * 60_000;

/** Nobody's: RFC 2606 keeps the name free. */
const PUSH_SUBJECT = 'mailto:postmaster@example.org';

/** What has expired unseen is taken away this often; a device key ends with its session. */
const SWEEP_EVERY_MS = 3_600_000;

export interface RunningServer {
  /** Where people of this machine open it. */
  readonly url: string;
  readonly port: number;
  /** Where devices of the local network open it; empty without `--lan`. */
  readonly lanUrls: readonly string[];
  /** The page that explains how devices come to trust it, with the fingerprint it shows; null when none is needed. */
  readonly trust: { readonly url: string; readonly fingerprint: string } | null;
  /** One-time link for the first account; null once there is one. */
  readonly setupLink: string | null;
  /** What it stands on, for programs that run it within themselves. */
  readonly core: Core;
  close(): Promise<void>;
}

export interface StartOptions {
  /** Where log lines go: one JSON object a line. */
  readonly logTo: { write(line: string): void };
  /** Of the product. */
  readonly version: string;
  /** By default the one in the data folder; taken over, so `close` closes it. */
  readonly store?: Store;
  /** By default one at the cost that people's passwords deserve. */
  readonly hasher?: PasswordHasher;
  /** Epoch ms. */
  readonly now?: () => number;
}

/** Rejects with ConfigError, StoreError, or the system's error of listening; nothing is left open then. */
export async function startServer(config: Config, options: StartOptions): Promise<RunningServer> {
  const { dataDir, publicUrl, lan } = config;
  const now = options.now ?? Date.now;
  await using opened = new AsyncDisposableStack();

  const store = options.store ?? (await Store.open({ dataDir }));
  opened.defer(() => store.close());
  const identity = await ServerIdentity.open({ files: config.tls, lan, dataDir, publicUrl, now });
  const certificate = await identity.certificate();

  let app: FastifyInstance | null = null;
  let sync: SyncServer | null = null;
  const report = (error: unknown, room?: string): void =>
    app?.log.error({ err: error, room }, 'failed in the background');
  const onNewGeneration = (seen: PageRef, by: UserId): void => {
    app?.log.warn({ ...seen, user: by }, 'a client has seen more than the store holds: all are told to start anew');
    sync?.generationChanged();
  };
  const core = await openCore({
    store,
    dataDir,
    fileLimits: config.fileLimits,
    now,
    report,
    onNewGeneration,
    defaults: config,
    serverName: config.name,
    roomsPerPerson: config.limits.roomsPerPerson,
    ...(options.hasher && { hasher: options.hasher })
  });
  const { rooms, accounts, sessions, setUp, invitations, hasher } = core;

  const everywhere = lan || isEverywhere(config.host);
  let port = config.port;
  const origins = new AllowedOrigins({
    served: { host: config.host, everywhere, tls: certificate !== null, publicUrl, port: () => port },
    lanHosts: () => [...lanAddresses(), ...lanNames()],
    now
  });
  // Bodies have their time in http/slow-bodies.ts: a large file may take hours.
  const server = createServer({ headersTimeout: 15_000, requestTimeout: 0, keepAliveTimeout: 60_000 });
  const pushSender = new PushSender({
    vapid: await openVapidKeys(store.kv),
    // Services want to know whom to ask, and some refuse an address of a local network.
    subject: publicUrl?.startsWith('https:') ? publicUrl : PUSH_SUBJECT,
    ownServices: config.pushServices
  });
  opened.defer(() => pushSender.close());
  const previews = config.linkPreviews.on
    ? new Previews({
        pages: new PageFetch({
          userAgent: `RoostLinkPreview/${options.version}`,
          ownSites: config.linkPreviews.ownSites
        })
      })
    : null;
  const health = new Health({ store, rooms, now });
  const { authority } = identity;
  app = await createHttpApp({
    ...config,
    ...core,
    server,
    version: options.version,
    logTo: options.logTo,
    pushSender,
    previews,
    previewRequests: new RateLimit(config.limits.previewsPerPerson, now),
    authentication: new Authentication({
      ...{ sessions, origins, publicUrl },
      requests: new RateLimit(config.limits.requestsPerPerson, now)
    }),
    now,
    generation: () => store.generation,
    healthy: () => health.check(),
    presentUsers: (room) => sync?.presentUsers(room) ?? [],
    presentIn: (users) => sync?.presentIn(users) ?? new Map(),
    extend: (routes) => authority && addTrustRoutes(routes, { name: config.name, authority })
  });
  const { log } = app;
  opened.defer(() => app.close());
  opened.defer(
    store.onFailure((cause) => log.error({ err: cause }, 'storage failed; nothing is acknowledged until it works'))
  );
  opened.defer(store.onReopened(() => log.info('storage works again')));

  sync = attachSync({
    rooms,
    personal: core.personal,
    scheduled: core.scheduled,
    privacy: core.privacy,
    lastSeen: core.lastSeen,
    authenticator: sessions,
    profiles: accounts,
    generation: () => store.generation,
    isAllowedOrigin: (origin) => origins.has(origin),
    log,
    limits: config.syncLimits,
    servers: [server]
  });
  const { presentIn } = sync;
  const push = new PushNotices({
    ...core,
    kv: store.kv,
    timers: { nowMs: now, after: (ms, run) => systemTimers.after(ms, run) },
    subscriptions: core.pushSubscriptions,
    sender: pushSender,
    presentIn,
    sessionsHere: (user) => sync?.sessionsHere(user) ?? new Set(),
    nameOf: (user) => {
      const account = accounts.get(user);
      return account ? account.displayName || account.name : '';
    },
    serverName: config.name,
    log
  });
  const stopPushing = rooms.subscribe(push);
  const sweep = setInterval(() => {
    for (const expiring of [sessions, core.recovery]) {
      expiring.removeExpired().catch((error: unknown) => report(error));
    }
    core.avatars.collect().catch((error: unknown) => report(error));
    core.uploads.collect().catch((error: unknown) => report(error));
    void core.blobs.collect();
  }, SWEEP_EVERY_MS);
  sweep.unref();
  opened.defer(() => clearInterval(sweep));
  const listeners = new Listeners(server, certificate);
  opened.defer(async () => {
    // What is staged is committed and its arrivals go out before the sockets close.
    const closed = listeners.close();
    previews?.close();
    stopPushing();
    await core.scheduled.close();
    await push.close();
    await rooms.close();
    await sync.close();
    await closed;
    // What these still have to do has its end before the store has.
    await core.personal.close();
    await core.blobs.close();
  });
  await Promise.all([
    hasher.warmUp(),
    sessions.removeExpired(),
    core.recovery.removeExpired(),
    invitations.removeExpired()
  ]);
  await core.acts.finish();
  await core.avatars.collect();
  await core.uploads.collect();
  // Thousands of files may be due; nobody waits for it.
  void core.blobs.collect();
  const setupToken = await setUp.open();
  port = await listeners.open(hostsToListenOn(config), config.port);
  void push.recover();
  if (certificate) opened.defer(followCertificate(identity, certificate, listeners, report));

  const file = socketPath(dataDir, process.cwd());
  if (options.store === undefined && file !== null) {
    const administration = new LocalAdministration({
      accounts,
      sessions,
      rooms,
      audit: core.audit,
      census: core.census,
      now,
      close: async () => undefined
    });
    const adminSocket = await AdminSocket.open(file, administration, (error) => report(error));
    opened.defer(() => adminSocket.close());
  } else if (options.store === undefined) {
    log.warn('The path of the data folder is too long for a socket: the command line works while Roost is stopped.');
  }

  const local = originOf('http', everywhere || isLoopback(config.host) ? 'localhost' : config.host, port);
  const url = publicUrl ?? local;
  const lanHosts = lan ? lanAddresses() : [];
  log.info({ port, lan, tls: certificate !== null }, 'Roost serves');
  const toClose = opened.move();
  return {
    url,
    port,
    lanUrls: lanHosts.map((host) => originOf('https', host, port)),
    trust: authority && {
      url: `${originOf('http', lanHosts[0] ?? 'localhost', port)}/trust`,
      fingerprint: authority.fingerprint
    },
    setupLink: setupToken && `${url}/setup#${setupToken}`,
    core,
    close: () => toClose.disposeAsync()
  };
}

function hostsToListenOn({ host, lan }: Config): string[] {
  if (lan) return ['0.0.0.0', '::1'];
  return host === 'localhost' ? ['127.0.0.1', '::1'] : [host];
}

/** @returns the way to stop */
function followCertificate(
  identity: ServerIdentity,
  first: Certificate,
  listeners: Listeners,
  report: (error: unknown) => void
): () => void {
  let current = first.cert;
  const look = async (): Promise<void> => {
    const next = await identity.certificate();
    if (!next || next.cert === current) return;
    listeners.setCertificate(next);
    current = next.cert;
  };
  const timer = setInterval(() => void look().catch((error: unknown) => report(error)), CERTIFICATE_CHECK_MS);
  timer.unref();
  return () => clearInterval(timer);
}
