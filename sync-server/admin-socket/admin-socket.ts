// The running server's end of the socket in the data folder, by which the command line reaches it. The folder and
// the socket are their owner's alone; that is the whole of its access control.

import { once } from 'node:events';
import { chmod, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import * as v from 'valibot';
import { StoreError } from '../store/key-value.ts';
import { adminRequest, type AdminAnswer, type AdminRequest } from './admin-messages.ts';
import { AdministrationError, type Administration } from './administration.ts';

export class AdminSocket {
  readonly #server: Server;
  readonly #open = new Set<Socket>();

  private constructor(administration: Administration, report: (error: unknown) => void) {
    this.#server = createServer((socket) => {
      this.#open.add(socket);
      socket.on('error', () => socket.destroy()).on('close', () => this.#open.delete(socket));
      void serve(socket, administration, report);
    });
  }

  /** The caller holds the lock of the data folder, so a socket that is there was left behind. */
  static async open(
    file: string,
    administration: Administration,
    report: (error: unknown) => void
  ): Promise<AdminSocket> {
    const socket = new AdminSocket(administration, report);
    await rm(file, { force: true });
    socket.#server.listen(file);
    await once(socket.#server, 'listening');
    await chmod(file, 0o600);
    return socket;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#open) socket.destroy();
    await closed;
  }
}

/** One request after the other: reading goes on when the answer is written, which is the back-pressure. */
async function serve(socket: Socket, administration: Administration, report: (error: unknown) => void): Promise<void> {
  try {
    for await (const line of createInterface({ input: socket, crlfDelay: Infinity })) {
      const answer = await answerTo(line, administration, report);
      if (!socket.write(`${JSON.stringify(answer)}\n`)) await once(socket, 'drain');
    }
    socket.end();
  } catch {
    // The command line went away; what it asked for is done or not, as its exit status could not say either.
    socket.destroy();
  }
}

async function answerTo(
  line: string,
  administration: Administration,
  report: (error: unknown) => void
): Promise<AdminAnswer> {
  const request = parse(line);
  if (!request) return { ok: false, message: 'The server does not know this request: are both of the same version?' };
  try {
    return { ok: true, value: await perform(request, administration) };
  } catch (error) {
    if (error instanceof AdministrationError) return { ok: false, message: error.message };
    report(error);
    if (error instanceof StoreError) return { ok: false, message: `The storage failed: ${error.message}` };
    return { ok: false, message: error instanceof Error ? error.message : 'It failed.' };
  }
}

function parse(line: string): AdminRequest | null {
  try {
    const result = v.safeParse(adminRequest, JSON.parse(line));
    return result.success ? result.output : null;
  } catch {
    return null;
  }
}

function perform(request: AdminRequest, administration: Administration): Promise<unknown> {
  switch (request.call) {
    case 'addUser':
      return administration.addUser(request.user);
    case 'findUser':
      return administration.findUser(request.name);
    case 'setPassword':
      return administration.setPassword(request.name, request.password);
    case 'issueToken':
      return administration.issueToken(request.name);
    case 'addRoom':
      return administration.addRoom(request.room);
    case 'findRoom':
      return administration.findRoom(request.name);
    case 'importEntries':
      return administration.importEntries(request.room, request.entries);
  }
}
