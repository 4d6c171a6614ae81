// The sync server: takes WebSocket handshakes, finds out who is there, and keeps the open connections until their
// session, their line or the server ends. Sockets are accepted before they are turned away, with a close code: a
// refused handshake makes stock clients try for ever.

import type { IncomingMessage, Server as HttpServer } from 'node:http';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { WebSocket, WebSocketServer, type ServerOptions } from 'ws';
import { CLOSE, type CloseCode } from '#protocol/close-codes.ts';
import type { RoomId, UserId } from '#protocol/ids.ts';
import { MESSAGE_MAX_BYTES } from '#protocol/limits.ts';
import type { SessionEnd } from '#protocol/session-end.ts';
import type { Session } from '../accounts/session.ts';
import { Allowances } from './allowance.ts';
import type { Connection, ConnectionDeps, ConnectionStart } from './connection.ts';
import { FrameCache } from './frame-cache.ts';
import { MUXED_FRAME_MAX_BYTES, MuxedConnection } from './muxed-connection.ts';
import { PeopleNotices } from './people-notices.ts';
import { PeoplePresence } from './people-presence.ts';
import { PlainConnection } from './plain-connection.ts';
import { Presence, type PresentIn } from './presence.ts';
import type { SyncDeps, SyncServer } from './sync-contract.ts';
import type { RoomEvents } from '../rooms/room-service.ts';
import { DEFAULT_SYNC_LIMITS, type SyncLimits } from './sync-limits.ts';
import { systemTimers, type Timers } from '../timers.ts';
import { sessionLookup, syncTarget, tokenProtocol, type SessionLookup, type SyncTarget } from './upgrade-request.ts';
import { ReceiptNotices } from './receipt-notices.ts';
import { UserNotices } from './user-notices.ts';

/** Starts to take the upgrades of `deps.servers`. Needs to be closed. */
export const attachSync = (deps: SyncDeps): SyncServer => new SocketServer(deps);

const BEAT_MS = 5_000;
/** Who is in rooms with whom may have changed: somebody came into one, or went. */
const companyEvents = (concerns: (user: UserId) => void): RoomEvents => ({
  changed: () => undefined,
  read: () => undefined,
  pageChanged: () => undefined,
  gone: concerns,
  // Who has just come in has come no further than that.
  receipt: (user, _room, { from, read, stored }) => {
    if (from === read && from === stored) concerns(user);
  }
});

/** Anybody can send as long an Origin as a header may be. */
const LOGGED_ORIGIN_MAX_CHARS = 200;
/** An ended session is remembered this long: its socket may be just coming in. */
const ENDED_KEPT_MS = 60_000;

type Looked =
  | { readonly kind: 'found'; readonly session: Session }
  | { readonly kind: 'none'; readonly cause: SessionEnd | null }
  | { readonly kind: 'failed' };

interface Rejection {
  readonly code: CloseCode;
  readonly reason: string;
}

interface Kept {
  readonly connection: Connection;
  readonly lookUp: SessionLookup;
  checkedAtMs: number;
}

class SocketServer implements SyncServer {
  readonly #deps: SyncDeps;
  readonly #limits: SyncLimits;
  readonly #timers: Timers;
  readonly #connectionDeps: ConnectionDeps;
  readonly #presence: Presence;
  readonly #people: PeoplePresence;
  readonly #frames = new FrameCache();
  readonly #allowances: Allowances;
  /** By what a path takes, since only the WebSocket layer sees a message that is never finished. */
  readonly #sockets: Readonly<Record<'muxed' | 'page', WebSocketServer>>;
  readonly #kept = new Map<Connection, Kept>();
  readonly #byUser = new Map<UserId, Set<Connection>>();
  readonly #ended = new Map<Session['id'], { readonly atMs: number; readonly cause: SessionEnd }>();
  /** Undo what the constructor and `listen` began. */
  readonly #releases: (() => void)[] = [];
  #cancelBeat: () => void;
  #closing = false;

  constructor(deps: SyncDeps) {
    this.#deps = deps;
    this.#limits = { ...DEFAULT_SYNC_LIMITS, ...deps.limits };
    this.#timers = deps.timers ?? systemTimers;
    this.#presence = new Presence(deps.privacy, this.#timers);
    this.#allowances = new Allowances(this.#limits, this.#timers);
    this.#sockets = {
      muxed: new WebSocketServer(socketOptions(this.#limits, MUXED_FRAME_MAX_BYTES)),
      page: new WebSocketServer(socketOptions(this.#limits, MESSAGE_MAX_BYTES + 1_024))
    };
    const notices = new UserNotices(deps.rooms, this.#timers, deps.log);
    const receipts = new ReceiptNotices(deps.rooms, deps.privacy, this.#timers, deps.log);
    const { rooms, privacy, lastSeen, log } = deps;
    this.#people = new PeoplePresence({ rooms, privacy, lastSeen, timers: this.#timers, log });
    this.#connectionDeps = {
      rooms: deps.rooms,
      personal: deps.personal,
      presence: this.#presence,
      timers: this.#timers,
      log: deps.log,
      limits: this.#limits,
      frames: this.#frames,
      notices,
      receipts,
      people: this.#people,
      privacy: deps.privacy,
      generation: () => deps.generation()
    };
    this.#releases.push(
      deps.rooms.subscribe(notices),
      deps.rooms.subscribe(receipts),
      deps.rooms.subscribe(companyEvents((user) => this.#people.concerns(user))),
      deps.privacy.onChanged((user) => {
        receipts.privacyChanged(user);
        this.#presence.privacyChanged(user);
        this.#people.concerns(user);
      }),
      () => receipts.close(),
      deps.authenticator.onEnded((sessionId, cause) => this.#sessionEnded(sessionId, cause))
    );
    const people = new PeopleNotices(this.#timers, (message) => notices.tellAll(message));
    this.#releases.push(() => people.close());
    if (deps.profiles) this.#releases.push(deps.profiles.onProfileChanged((user) => people.changed(user)));
    if (deps.scheduled)
      this.#releases.push(deps.scheduled.onChanged((user) => notices.tell(user, { type: 'scheduled' })));
    this.#cancelBeat = this.#timers.after(BEAT_MS, () => this.#beat());
    for (const server of deps.servers ?? []) this.listen(server);
  }

  listen(server: HttpServer): void {
    const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) =>
      void this.#upgrade(request, socket, head);
    server.on('upgrade', onUpgrade);
    this.#releases.push(() => server.off('upgrade', onUpgrade));
  }

  presentUsers(room: RoomId): readonly UserId[] {
    return this.#presence.users(room);
  }

  readonly presentIn: PresentIn = (users) => this.#presence.presentIn(users);

  sessionsHere(user: UserId): ReadonlySet<string> {
    return this.#people.sessionsHere(user);
  }

  connectionCount(): number {
    return this.#kept.size;
  }

  generationChanged(): void {
    for (const { connection } of this.#kept.values()) {
      // Plain sockets are closed by their page, with the code that makes them discard it.
      if (connection.kind === 'muxed') connection.close(CLOSE.storage);
    }
  }

  async close(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    this.#cancelBeat();
    for (const release of this.#releases) release();
    // While they are still here: a stop is when they were seen last.
    await this.#people.close();
    for (const { connection } of this.#kept.values()) connection.close(CLOSE.stopping);
    const servers = Object.values(this.#sockets);
    await Promise.all(servers.flatMap(({ clients }) => [...clients].map((socket) => this.#gone(socket))));
    await Promise.all(servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))));
  }

  /** Resolves once the socket is gone, by force if the far side does not answer. A stop is in real time. */
  #gone(socket: WebSocket): Promise<void> {
    return new Promise((resolve) => {
      const cancel = systemTimers.after(this.#limits.stopWithinMs, () => socket.terminate());
      socket.once('close', () => {
        cancel();
        resolve();
      });
    });
  }

  /** Never rejects. */
  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    // Until the handshake is done nobody else hears of a broken line.
    const onError = () => socket.destroy();
    socket.on('error', onError);
    const target = syncTarget(request.url);
    if (!target) return refuse(socket, '404 Not Found');
    if (this.#closing) return refuse(socket, '503 Service Unavailable');
    const { origin } = request.headers;
    if (origin !== undefined && !(this.#deps.isAllowedOrigin(origin) && isAsSafe(origin, request))) {
      this.#deps.log.info(
        { origin: origin.slice(0, LOGGED_ORIGIN_MAX_CHARS) },
        'a socket from another origin was refused'
      );
      return refuse(socket, '403 Forbidden');
    }
    const lookUp = sessionLookup(request, this.#deps.authenticator);
    const looked = await this.#look(lookUp);
    if (this.#closing) return refuse(socket, '503 Service Unavailable');
    socket.off('error', onError);
    const sockets = this.#sockets[target.kind === 'muxed' ? 'muxed' : 'page'];
    sockets.handleUpgrade(request, socket, head, (ws) => this.#accept(ws, target, looked, lookUp));
  }

  async #look(lookUp: SessionLookup): Promise<Looked> {
    try {
      const session = await lookUp.session();
      return session ? { kind: 'found', session } : { kind: 'none', cause: await lookUp.end() };
    } catch (error) {
      this.#deps.log.warn({ err: error }, 'a session could not be looked up');
      return { kind: 'failed' };
    }
  }

  #accept(ws: WebSocket, target: SyncTarget, looked: Looked, lookUp: SessionLookup): void {
    if (looked.kind === 'failed') return turnAway(ws, { code: CLOSE.storage, reason: '' });
    if (looked.kind === 'none') return turnAway(ws, { code: CLOSE.signedOut, reason: looked.cause ?? '' });
    const { session } = looked;
    const rejection = this.#rejection(target, session);
    if (rejection !== null) return turnAway(ws, rejection);
    const { user } = session;
    const start: ConnectionStart = {
      session,
      allowance: this.#allowances.of(user.id),
      ended: (connection, code) => this.#remove(connection, code)
    };
    const connection =
      target.kind === 'page' || target.kind === 'personal'
        ? new PlainConnection(this.#connectionDeps, ws, target, start)
        : new MuxedConnection(this.#connectionDeps, ws, start);
    this.#kept.set(connection, { connection, lookUp, checkedAtMs: this.#timers.nowMs() });
    const ofUser = this.#byUser.get(user.id);
    if (ofUser) ofUser.add(connection);
    else this.#byUser.set(user.id, new Set([connection]));
    this.#deps.log.debug({ user: user.id, kind: connection.kind }, 'a socket is open');
  }

  /** Why a socket is closed as soon as it is open, or null. */
  #rejection(target: SyncTarget, session: Session): Rejection | null {
    const ended = this.#ended.get(session.id);
    if (ended) return { code: CLOSE.signedOut, reason: ended.cause };
    if (target.kind === 'no-page') return { code: CLOSE.forbidden, reason: '' };
    const open = this.#byUser.get(session.user.id)?.size ?? 0;
    return open >= this.#limits.connectionsPerUser ? { code: CLOSE.rateLimited, reason: '' } : null;
  }

  #remove(connection: Connection, code: number): void {
    this.#kept.delete(connection);
    const user = connection.session.user.id;
    const ofUser = this.#byUser.get(user);
    ofUser?.delete(connection);
    if (ofUser?.size === 0) this.#byUser.delete(user);
    this.#deps.log.debug({ user, kind: connection.kind, code }, 'a socket has ended');
  }

  #sessionEnded(sessionId: string, cause: SessionEnd): void {
    this.#ended.set(sessionId, { atMs: this.#timers.nowMs(), cause });
    for (const { connection } of this.#kept.values()) {
      if (connection.session.id === sessionId) connection.revoke(cause);
    }
  }

  #beat(): void {
    const nowMs = this.#timers.nowMs();
    for (const kept of this.#kept.values()) {
      kept.connection.beat();
      if (nowMs - kept.checkedAtMs >= this.#limits.recheckEveryMs) void this.#recheck(kept);
    }
    for (const [id, { atMs }] of this.#ended) if (nowMs - atMs > ENDED_KEPT_MS) this.#ended.delete(id);
    this.#allowances.sweep((user) => this.#byUser.has(user));
    this.#frames.clear();
    this.#cancelBeat = this.#timers.after(BEAT_MS, () => this.#beat());
  }

  /** A session also ends by its time running out, of which nobody tells. */
  async #recheck(kept: Kept): Promise<void> {
    kept.checkedAtMs = this.#timers.nowMs();
    const looked = await this.#look(kept.lookUp);
    if (looked.kind === 'none') kept.connection.revoke(looked.cause);
    // Another session under the same secret there is none; but whoever looks up may be wrong, and closed is safe.
    else if (looked.kind === 'found' && looked.session.id !== kept.connection.session.id) kept.connection.revoke(null);
  }
}

/** `ws` itself ends a socket whose message is beyond `maxPayload`, before it is in memory, with this code. */
const MESSAGE_TOO_BIG = 1009;

/** Stock clients take 1009 for a broken line, and would send the same message again and again. */
class BoundedSocket extends WebSocket {
  override close(code?: number, data?: string | Buffer): void {
    super.close(code === MESSAGE_TOO_BIG ? CLOSE.tooLarge : code, data);
  }
}

/** Nobody splits messages as finely as this; each fragment and each chunk costs memory of its own. */
const FRAGMENTS_MAX = 1_024;
const CHUNKS_MAX = 16_384;

function socketOptions(limits: SyncLimits, maxPayload: number): ServerOptions {
  // `closeTimeout` is not in the types yet.
  const options: ServerOptions & { readonly closeTimeout: number } = {
    noServer: true,
    WebSocket: BoundedSocket,
    maxPayload,
    maxFragments: FRAGMENTS_MAX,
    maxBufferedChunks: CHUNKS_MAX,
    perMessageDeflate: false,
    closeTimeout: limits.closeWithinMs,
    handleProtocols: (offered) => tokenProtocol(offered) ?? false
  };
  return options;
}

/** A page that came over plain http, which anybody on the line can change, does not speak over TLS for its visitor. */
const isAsSafe = (origin: string, { socket }: IncomingMessage): boolean =>
  origin.startsWith('https:') || (socket as Partial<TLSSocket>).encrypted !== true;

function turnAway(ws: WebSocket, { code, reason }: Rejection): void {
  ws.on('error', () => undefined);
  ws.close(code, reason);
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy());
}
