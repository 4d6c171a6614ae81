// The command line's work on an opened store. Each act leaves its line in the log of administration.

import { newEntryId, newRoomId, isRoomId, type RoomId } from '#protocol/ids.ts';
import { ROOM_NAME_MAX_CHARS } from '#protocol/limits.ts';
import type { Entry } from '#protocol/entry.ts';
import type { RoomEntry } from '#protocol/room-entries.ts';
import { COMMAND_LINE, type AuditLog } from '../accounts/audit-log.ts';
import type { Account, Accounts } from '../accounts/accounts.ts';
import type { Sessions } from '../accounts/sessions.ts';
import type { RoomCensus } from '../rooms/room-census.ts';
import type { ImportCount, RoomService } from '../rooms/room-service.ts';
import { AdministrationError, type Administration, type NewRoom, type NewUser } from './administration.ts';

/** Pieces of an import that follow each other within this are one act. */
const SAME_IMPORT_MS = 60_000;

export interface LocalAdministrationDeps {
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly rooms: RoomService;
  readonly audit: AuditLog;
  readonly census: RoomCensus;
  /** Epoch ms. */
  readonly now: () => number;
  readonly close: () => Promise<void>;
}

export class LocalAdministration implements Administration {
  readonly #deps: LocalAdministrationDeps;
  /** Imports come in pieces: when the last one came, by room. */
  readonly #imported = new Map<RoomId, number>();

  constructor(deps: LocalAdministrationDeps) {
    this.#deps = deps;
  }

  async addUser({ name, password, admin }: NewUser): Promise<{ name: string; admin: boolean }> {
    const { accounts } = this.#deps;
    // Without an administrator nobody could ever look after the server.
    let outcome = await accounts.create({ name, password, admin: true }, true);
    if (outcome === 'not-first') outcome = await accounts.create({ name, password, admin });
    if (outcome === 'not-first') throw new AdministrationError('The account was not made. Try again.');
    if (!outcome.ok) throw new AdministrationError(outcome.detail);
    const made = outcome.account;
    await this.#log('user.add', made.id, made.name);
    return { name: made.name, admin: made.admin };
  }

  async findUser(name: string): Promise<{ name: string }> {
    return { name: (await this.#account(name)).name };
  }

  async setPassword(name: string, password: string): Promise<void> {
    const { accounts, sessions } = this.#deps;
    const { id } = await this.#account(name);
    const outcome = await accounts.setPassword(id, password);
    if (!outcome) throw new AdministrationError(`There is no account named ${name}.`);
    if (!outcome.ok) throw new AdministrationError(outcome.detail);
    await sessions.endCookies(id, 'password');
    await this.#log('user.password', id, outcome.account.name);
  }

  async issueToken(name: string): Promise<string> {
    const { id, name: exact, admin } = await this.#account(name);
    await this.#log('user.token', id, exact);
    return (await this.#deps.sessions.start({ id, name: exact, admin }, 'token')).token;
  }

  async addRoom({ name, private: isPrivate, owner }: NewRoom): Promise<RoomId> {
    const { accounts, rooms, now } = this.#deps;
    const trimmed = name.trim();
    if (trimmed === '' || trimmed.length > ROOM_NAME_MAX_CHARS) {
      throw new AdministrationError(`A room's name has 1 to ${ROOM_NAME_MAX_CHARS} characters.`);
    }
    const by = owner === null ? await accounts.eldest() : await this.#account(owner);
    if (!by) throw new AdministrationError('A room needs an owner: add an account first, with: user add NAME');
    const room = newRoomId();
    const sentAt = now();
    const entry: RoomEntry = {
      id: newEntryId(sentAt),
      type: 'room',
      action: 'created',
      author: by.id,
      sentAt,
      name: trimmed,
      kind: isPrivate ? 'private' : 'public'
    };
    const refused = await rooms.createForHost(entry, room);
    if (refused !== null) throw new AdministrationError(`The room was not made (${refused}).`);
    await this.#log('room.add', room, trimmed);
    return room;
  }

  async findRoom(name: string): Promise<RoomId> {
    const found = await this.#deps.rooms.findByName(name);
    if (typeof found === 'string') return found;
    if (found !== null) {
      throw new AdministrationError(`Several rooms are named ${name}; give one's id instead: ${found.join(' ')}`);
    }
    const mayBeId: boolean = isRoomId(name);
    if (mayBeId) return name;
    throw new AdministrationError(`There is no room named ${name}. Make it first, with: room add "${name}"`);
  }

  async importEntries(room: RoomId, entries: readonly Entry[]): Promise<ImportCount> {
    const { rooms, census, now } = this.#deps;
    const count = await rooms.import(room, entries);
    const before = this.#imported.get(room) ?? 0;
    this.#imported.set(room, now());
    if (now() - before > SAME_IMPORT_MS) {
      await this.#log('room.import', room, (await census.names([room])).get(room) || room);
    }
    return count;
  }

  close(): Promise<void> {
    return this.#deps.close();
  }

  #log(act: string, target: string, detail: string): Promise<void> {
    return this.#deps.audit.add({ by: COMMAND_LINE, act, target, detail });
  }

  async #account(name: string): Promise<Account> {
    const account = await this.#deps.accounts.byName(name);
    if (!account) throw new AdministrationError(`There is no account named ${name}.`);
    return account;
  }
}
