// The command line's end of the socket in the data folder of a running server.

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import * as v from 'valibot';
import type { Entry } from '#protocol/entry.ts';
import type { RoomId } from '#protocol/ids.ts';
import type { ImportCount } from '../rooms/room-service.ts';
import { adminAnswer, type AdminRequest } from './admin-messages.ts';
import { AdministrationError, type Administration, type NewRoom, type NewUser } from './administration.ts';

const user = v.object({ name: v.string(), admin: v.boolean() });
const named = v.object({ name: v.string() });
const count = v.object({ imported: v.number(), alreadyThere: v.number() });

export class RemoteAdministration implements Administration {
  readonly #socket: Socket;
  readonly #lines: AsyncIterator<string>;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#lines = createInterface({ input: socket, crlfDelay: Infinity })[Symbol.asyncIterator]();
  }

  /** null: no server listens there. */
  static async connect(file: string): Promise<RemoteAdministration | null> {
    const socket = connect(file);
    try {
      await once(socket, 'connect');
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'ENOTDIR') return null;
      throw new AdministrationError(`The running server cannot be reached at ${file} (${code}).`, { cause });
    }
    // A lost line shows as the end of the answers.
    socket.on('error', () => undefined);
    return new RemoteAdministration(socket);
  }

  addUser(newUser: NewUser): Promise<{ name: string; admin: boolean }> {
    return this.#ask({ call: 'addUser', user: newUser }, user);
  }

  findUser(name: string): Promise<{ name: string }> {
    return this.#ask({ call: 'findUser', name }, named);
  }

  async setPassword(name: string, password: string): Promise<void> {
    await this.#ask({ call: 'setPassword', name, password }, v.unknown());
  }

  issueToken(name: string): Promise<string> {
    return this.#ask({ call: 'issueToken', name }, v.string());
  }

  addRoom(room: NewRoom): Promise<RoomId> {
    return this.#ask({ call: 'addRoom', room }, v.string());
  }

  findRoom(name: string): Promise<RoomId> {
    return this.#ask({ call: 'findRoom', name }, v.string());
  }

  importEntries(room: RoomId, entries: readonly Entry[]): Promise<ImportCount> {
    return this.#ask({ call: 'importEntries', room, entries: [...entries] }, count);
  }

  async close(): Promise<void> {
    this.#socket.destroy();
  }

  async #ask<Output>(request: AdminRequest, answer: v.GenericSchema<unknown, Output>): Promise<Output> {
    this.#socket.write(`${JSON.stringify(request)}\n`);
    const next = await this.#lines.next();
    if (next.done) throw new AdministrationError('The server stopped before it answered.');
    const read = v.parse(adminAnswer, JSON.parse(next.value));
    if (!read.ok) throw new AdministrationError(read.message);
    return v.parse(answer, read.value);
  }
}
