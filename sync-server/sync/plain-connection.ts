// A stock y-websocket client: one socket, one page, every message a whole y-websocket message. Control messages have
// no place here; a refused entry shows by its tombstone.

import type { WebSocket } from 'ws';
import { CLOSE, type CloseCode } from '#protocol/close-codes.ts';
import { mayCreate } from '#protocol/direct-room.ts';
import type { PageRef } from '#protocol/ids.ts';
import type { SessionEnd } from '#protocol/session-end.ts';
import type { Session } from '../accounts/session.ts';
import type { Connection, ConnectionDeps, ConnectionStart } from './connection.ts';
import { PageChannel } from './page-channel.ts';
import { SocketLine } from './socket-line.ts';
import { encodeAwareness } from './y-message.ts';

/** Changes nothing at the receiver, whose watchdog gives a socket up that was silent for 30 s. */
const KEEP_ALIVE = encodeAwareness([]);

export class PlainConnection implements Connection {
  readonly kind = 'plain';
  readonly session: Session;
  readonly #line: SocketLine;
  readonly #channel: PageChannel;
  readonly #opening: Promise<void>;

  constructor(deps: ConnectionDeps, socket: WebSocket, page: PageRef, start: ConnectionStart) {
    this.session = start.session;
    this.#line = new SocketLine(socket, deps.limits, deps.timers, start.allowance, (line) => ({
      receive: (message) => this.#receive(message),
      isPong: () => false,
      ping: () => {
        line.pingSocket();
        line.send(KEEP_ALIVE);
      },
      ended: (code) => {
        this.#channel.end();
        start.ended(this, code);
      }
    }));
    socket.on('pong', () => this.#line.signOfLife());
    this.#channel = new PageChannel(
      deps,
      // A stock client cannot say whether the room may be new: its first entry makes it. Nor whose room of two it is.
      { ...page, clientId: null, create: mayCreate(page.room, this.session.user.id, true) },
      this.session,
      start.allowance,
      {
        opened: () => undefined,
        send: (message) => this.#line.send(message),
        refused: () => undefined,
        close: (code) => this.#line.close(code)
      }
    );
    this.#opening = this.#channel.start();
  }

  beat(): void {
    this.#line.beat();
  }

  revoke(cause: SessionEnd | null): void {
    this.#line.close(CLOSE.signedOut, cause ?? '');
  }

  close(code: CloseCode): void {
    this.#line.close(code);
  }

  /** A stock client sends at once; what comes before the page is open waits for it. */
  #receive(message: Uint8Array): void | Promise<void> {
    if (this.#channel.isOpen) return this.#channel.receive(message);
    return this.#opening.then(() => {
      if (this.#channel.isOpen) this.#channel.receive(message);
    });
  }
}
