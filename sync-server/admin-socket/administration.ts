// What the host may do from the command line. The same words whether the server runs (remote-administration.ts
// speaks to it through a socket in the data folder) or not (local-administration.ts on the opened store).

import type { Entry } from '#protocol/entry.ts';
import type { RoomId } from '#protocol/ids.ts';
import type { ImportCount } from '../rooms/room-service.ts';

export interface NewUser {
  readonly name: string;
  readonly password: string;
  readonly admin: boolean;
}

export interface NewRoom {
  readonly name: string;
  readonly private: boolean;
  /** Name of the account that will own it; by default the oldest administrator, else the oldest account. */
  readonly owner: string | null;
}

/** All reject with AdministrationError when it cannot be done. */
export interface Administration {
  /** `admin` is true for the first account of all, asked for or not. */
  addUser(user: NewUser): Promise<{ readonly name: string; readonly admin: boolean }>;
  /** Rejects when there is no such account: asked before the person types a password. */
  findUser(name: string): Promise<{ readonly name: string }>;
  /** Ends the person's browser sessions. */
  setPassword(name: string, password: string): Promise<void>;
  /** A new bearer token of the account. */
  issueToken(name: string): Promise<string>;
  addRoom(room: NewRoom): Promise<RoomId>;
  /** By name or id. */
  findRoom(name: string): Promise<RoomId>;
  importEntries(room: RoomId, entries: readonly Entry[]): Promise<ImportCount>;
  close(): Promise<void>;
}

/** Something that the host can put right; the message is one line. */
export class AdministrationError extends Error {
  override readonly name = 'AdministrationError';
}
