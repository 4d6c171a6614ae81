// This person's line to the server: whose it is, what time it is there, and whether the person is at this device.
// Invariant: nothing is synced over a line that is another person's, or to data of another generation than those here.

import { isUserId } from '#protocol/ids.ts';
import type { Me } from '#protocol/api/session.ts';
import type { ServerMessage } from '#protocol/control.ts';
import type { Environment } from '../environment.ts';
import type { UserDb } from '../storage/user-db.ts';
import { MuxSocket, type Hello } from './mux-socket.ts';
import type { ServerClock } from './server-clock.ts';
import type { SyncEvents } from './sync-events.ts';

export interface ServerLineOptions {
  readonly me: Me;
  readonly environment: Environment;
  readonly db: UserDb;
  readonly time: ServerClock;
  readonly events: Pick<SyncEvents, 'lineUp' | 'lineDown' | 'refused' | 'stranger' | 'generation' | 'account'>;
  /** Up to where this device knows of changed pages; null: of none. */
  readonly cursor: () => number | null;
  readonly parts: ServerLineParts;
}

/** What the line is there for. */
export interface ServerLineParts {
  /** @param wasAhead so far the server's time was taken to be later */
  readonly hello: (hello: Hello, wasAhead: boolean) => void;
  readonly up: () => void;
  readonly down: () => void;
  readonly control: (message: Exclude<ServerMessage, { type: 'hello' }>) => void;
}

export class ServerLine {
  readonly mux: MuxSocket;
  readonly #options: ServerLineOptions;
  #present: 'here' | 'away' | null = null;

  constructor(options: ServerLineOptions) {
    this.#options = options;
    const { me, environment, events, cursor, parts } = options;
    this.mux = new MuxSocket({
      url: `${environment.origin.replace(/^http/, 'ws')}/sync`,
      environment,
      position: () => ({ generation: me.generation, cursor: cursor() }),
      events: {
        hello: (hello) => this.#hello(hello),
        up: () => this.#up(),
        down: () => {
          parts.down();
          events.lineDown();
        },
        control: (message) => parts.control(message),
        refused: (code, ended) => events.refused(code, ended)
      }
    });
  }

  /** The person is at this device, or away from it; said anew with each line. */
  setPresent(status: 'here' | 'away'): void {
    this.#present = status;
    this.#sayPresent();
  }

  /** Whose presence is wanted from now on, as long as this line lasts. */
  watchPeople(users: readonly string[]): void {
    if (this.mux.up) this.mux.sendControl({ type: 'watch', users: users.filter(isUserId) });
  }

  /** @returns whether this line is the one that was wanted */
  #hello(hello: Hello): boolean {
    const { me, db, events, parts, time } = this.#options;
    if (hello.user.id !== me.id) {
      // Somebody else signed in with this browser's cookie.
      events.stranger();
      return false;
    }
    if (hello.generation !== me.generation) {
      events.generation(hello.generation);
      return false;
    }
    const wasAhead = time.hear(hello.serverTimeMs);
    void time.keep(db);
    events.account({ ...hello.user, generation: hello.generation });
    parts.hello(hello, wasAhead);
    return true;
  }

  #up(): void {
    const { events, parts } = this.#options;
    events.lineUp();
    this.#sayPresent();
    parts.up();
  }

  #sayPresent(): void {
    if (this.#present && this.mux.up) this.mux.sendControl({ type: 'present', status: this.#present });
  }
}
