// The network between one device and the server: a TCP proxy on loopback that tests cut, silence and restore.
// Browsers' own offline switches leave open WebSockets alone (Firefox) or silent (Chromium); this stops them as a
// lost network does. Start the server with ROOST_URL set to the line's address: its Origin must be allowed.
// Invariant: what was sent on a connection that was cut or silenced never comes through later.

import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** `silent`: connections stay open and pass nothing, and new ones are taken but not answered. */
type LineState = 'passing' | 'cut' | 'silent';

export class CuttableLine {
  readonly port: number;
  readonly #server: Server;
  /** Both ends of each connection that passes, or passed before the silence. */
  readonly #passing = new Set<Socket>();
  /** Taken during a silence: connected to the server when it ends, as a packet that is sent again comes through. */
  readonly #waiting = new Set<Socket>();
  readonly #to: () => number;
  #state: LineState = 'passing';

  private constructor(server: Server, to: () => number) {
    this.#server = server;
    this.#to = to;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (socket) => this.#take(socket));
  }

  /** @param to the server's port on loopback, asked at each connection: the server may start later than the line */
  static async open(to: () => number): Promise<CuttableLine> {
    const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new CuttableLine(server, to);
  }

  get url(): string {
    return `http://localhost:${this.port}`;
  }

  /** Breaks every connection and refuses new ones. The port stays taken, so that nobody else answers there. */
  cut(): void {
    this.#state = 'cut';
    this.#breakAll();
  }

  /** Keeps connections open and passes nothing on them any more: what is sent meanwhile is gone. */
  silence(): void {
    this.#state = 'silent';
    for (const socket of this.#passing) {
      socket.unpipe();
      // Read and thrown away: the sender sees no back-pressure, as on a network that drops packets.
      socket.resume();
    }
  }

  /** New connections pass. Those from before the silence are reset, as a network that forgot them does. */
  restore(): void {
    this.#state = 'passing';
    for (const socket of this.#passing) socket.resetAndDestroy();
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const socket of waiting) this.#pass(socket);
  }

  #take(socket: Socket): void {
    socket.on('error', () => undefined);
    if (this.#state === 'cut') socket.resetAndDestroy();
    else if (this.#state === 'passing') this.#pass(socket);
    else {
      this.#waiting.add(socket);
      socket.once('close', () => this.#waiting.delete(socket));
    }
  }

  #pass(device: Socket): void {
    const server = connect(this.#to(), '127.0.0.1');
    server.on('error', () => undefined);
    device.setNoDelay(true);
    server.setNoDelay(true);
    for (const [socket, other] of [
      [device, server],
      [server, device]
    ] as const) {
      this.#passing.add(socket);
      socket.pipe(other);
      socket.once('close', () => {
        this.#passing.delete(socket);
        // A zombie's other end must not learn of it.
        if (this.#state !== 'silent') other.destroy();
      });
    }
  }

  #breakAll(): void {
    for (const socket of [...this.#passing, ...this.#waiting]) socket.resetAndDestroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#breakAll();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
