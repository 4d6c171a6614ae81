// A stock y-websocket client: one socket, one page or the person's own document, every message a whole y-websocket message. Control messages have
// no place here; a refused entry shows by its tombstone.

import type { WebSocket } from 'ws';
import { CLOSE, type CloseCode } from '#protocol/close-codes.ts';
import { mayCreate } from '#protocol/direct-room.ts';
import type { SessionEnd } from '#protocol/session-end.ts';
import type { Session } from '../accounts/session.ts';
import type { Connection, ConnectionDeps, ConnectionStart } from './connection.ts';
import { PageChannel } from './page-channel.ts';
import { PersonalChannel } from './personal-channel.ts';
import { SocketLine } from './socket-line.ts';
import type { SyncTarget } from './upgrade-request.ts';
import { encodeAwareness } from './y-message.ts';

/** Changes nothing at the receiver, whose watchdog gives a socket up that was silent for 30 s. */
const KEEP_ALIVE = encodeAwareness([]);

/** What such a client names. */
export type PlainTarget = Extract<SyncTarget, { kind: 'page' | 'personal' }>;

export class PlainConnection implements Connection {
  readonly kind = 'plain';
  readonly session: Session;
  readonly #line: SocketLine;
  readonly #channel: PageChannel | PersonalChannel;
  readonly #opening: Promise<void>;

  constructor(deps: ConnectionDeps, socket: WebSocket, target: PlainTarget, start: ConnectionStart) {
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
    const wire = {
      opened: () => undefined,
      send: (message: Uint8Array) => this.#line.send(message),
      refused: () => undefined,
      close: (code: CloseCode) => this.#line.close(code)
    };
    const { session, allowance } = start;
    if (target.kind === 'personal') this.#channel = new PersonalChannel(deps, null, session, allowance, wire);
    else {
      const { page } = target;
      // A stock client cannot say whether the room may be new: its first entry makes it. Nor whose room of two it is.
      const open = { ...page, clientId: null, create: mayCreate(page.room, session.user.id, true) };
      this.#channel = new PageChannel(deps, open, session, allowance, wire);
    }
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
