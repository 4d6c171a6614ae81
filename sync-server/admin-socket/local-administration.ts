// The command line's work on an opened store.

import { newEntryId, newRoomId, isRoomId, type RoomId } from '#protocol/ids.ts';
import { ROOM_NAME_MAX_CHARS } from '#protocol/limits.ts';
import type { Entry } from '#protocol/entry.ts';
import type { Account, Accounts } from '../accounts/accounts.ts';
import type { Sessions } from '../accounts/sessions.ts';
import type { ImportCount, RoomService } from '../rooms/room-service.ts';
import { AdministrationError, type Administration, type NewRoom, type NewUser } from './administration.ts';

export interface LocalAdministrationDeps {
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly rooms: RoomService;
  /** Epoch ms. */
  readonly now: () => number;
  readonly close: () => Promise<void>;
}

export class LocalAdministration implements Administration {
  readonly #deps: LocalAdministrationDeps;

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
    return { name: outcome.account.name, admin: outcome.account.admin };
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
    await sessions.endCookies(id);
  }

  async issueToken(name: string): Promise<string> {
    const { id, name: exact, admin } = await this.#account(name);
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
    const entry: Entry = {
      id: newEntryId(sentAt),
      type: 'room',
      action: 'created',
      author: by.id,
      sentAt,
      name: trimmed,
      kind: isPrivate ? 'private' : 'public'
    };
    const refused = await rooms.append(entry, room);
    if (refused !== null) throw new AdministrationError(`The room was not made (${refused}).`);
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
    return this.#deps.rooms.import(room, entries);
  }

  close(): Promise<void> {
    return this.#deps.close();
  }

  async #account(name: string): Promise<Account> {
    const account = await this.#deps.accounts.byName(name);
    if (!account) throw new AdministrationError(`There is no account named ${name}.`);
    return account;
  }
}
