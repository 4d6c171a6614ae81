// Where the server listens: one port that speaks TLS and plain http, told apart by the first byte of a connection
// (RFC 8446 §5.1: a TLS record that opens a handshake begins with 0x16, and no HTTP method does).
// Invariant: one http.Server answers everything, whatever way a connection came.

import type { EventEmitter } from 'node:events';
import { once } from 'node:events';
import type { Server as HttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls';

/** Connections that wait to be taken: after a restart all clients come at once. The kernel may hold it lower. */
const BACKLOG = 4_096;
const TLS_HANDSHAKE = 0x16;
/** A connection that says nothing is given up. */
const FIRST_BYTE_MS = 10_000;
/** Open answers have this long to end when the server stops. */
const GRACE_MS = 3_000;

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export class Listeners {
  readonly #http: HttpServer;
  readonly #tls: TlsServer | null;
  readonly #serve: (socket: Socket) => void;
  readonly #more: Server[] = [];
  /** Have said nothing yet. */
  readonly #silent = new Set<Socket>();
  /** Carry TLS, from the start of its handshake. */
  readonly #encrypted = new Set<Socket>();

  /** @param certificate null: plain http only */
  constructor(http: HttpServer, certificate: Certificate | null) {
    this.#http = http;
    // Node's own listener, which makes a connection speak HTTP. https.Server does the same with it.
    const [serve] = (http as EventEmitter).listeners('connection') as [(this: HttpServer, socket: Socket) => void];
    this.#serve = (socket) => serve.call(http, socket);
    this.#tls = certificate && this.#startTls(certificate);
  }

  /**
   * @param port 0 takes a free one, the same for all hosts
   * @returns the port
   * @throws the system's error, with `code` (EADDRINUSE, EACCES, …)
   */
  async open(hosts: readonly string[], port: number): Promise<number> {
    let taken = port;
    for (const [index, host] of hosts.entries()) {
      const server = index === 0 ? this.#http : this.#addServer();
      try {
        taken = await listen(server, host, taken);
      } catch (cause) {
        // A machine without IPv6 has no ::1, and needs none.
        const { code } = cause as NodeJS.ErrnoException;
        const absent = code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT';
        if (index === 0 || !absent) throw cause;
      }
    }
    return taken;
  }

  /** For connections from now on. */
  setCertificate({ cert, key }: Certificate): void {
    this.#tls?.setSecureContext({ cert, key });
  }

  async close(): Promise<void> {
    const closed = [this.#http, ...this.#more]
      .filter((server) => server.listening)
      .map((server) => {
        server.close();
        return once(server, 'close');
      });
    this.#http.closeIdleConnections();
    for (const socket of this.#silent) socket.destroy();
    const force = setTimeout(() => {
      this.#http.closeAllConnections();
      for (const socket of this.#encrypted) socket.destroy();
    }, GRACE_MS);
    await Promise.all(closed);
    clearTimeout(force);
  }

  #startTls({ cert, key }: Certificate): TlsServer {
    const options = { cert, key, ALPNProtocols: ['http/1.1'], handshakeTimeout: FIRST_BYTE_MS };
    const tls = createTlsServer(options, (socket) => this.#serve(socket));
    // Scanners, and phones that do not trust the certificate yet: nothing to tell the host about.
    tls.on('tlsClientError', (_error, socket) => socket.destroy());
    this.#http.removeAllListeners('connection');
    this.#http.on('connection', (socket: Socket) => this.#sort(socket, tls));
    return tls;
  }

  #addServer(): Server {
    const server = createServer({ noDelay: true }, (socket) => this.#http.emit('connection', socket));
    this.#more.push(server);
    return server;
  }

  #sort(socket: Socket, tls: TlsServer): void {
    this.#silent.add(socket);
    const giveUp = (): void => void socket.destroy();
    const timer = setTimeout(giveUp, FIRST_BYTE_MS);
    const look = (): void => {
      const first = socket.read(1) as Buffer | null;
      if (first === null) return;
      leave();
      socket.unshift(first);
      if (first[0] !== TLS_HANDSHAKE) return this.#serve(socket);
      this.#encrypted.add(socket);
      socket.on('close', () => this.#encrypted.delete(socket));
      tls.emit('connection', socket);
    };
    const leave = (): void => {
      clearTimeout(timer);
      this.#silent.delete(socket);
      socket.off('readable', look).off('error', giveUp).off('end', giveUp).off('close', leave);
    };
    socket.on('readable', look).on('error', giveUp).on('end', giveUp).on('close', leave);
  }
}

async function listen(server: Server, host: string, port: number): Promise<number> {
  server.listen({ host, port, backlog: BACKLOG });
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
