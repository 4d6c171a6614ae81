// The app as the screens see it: joins session, line, rooms and people. Actions return results, state is reactive.

import type { InvitationInfo } from '#protocol/api.ts';
import type { RoomKind } from '#protocol/entry.ts';
import type { Environment } from '../environment.ts';
import { Update } from '../pwa/update.svelte.ts';
import { ApiClient } from '../session/api-client.ts';
import { Session } from '../session/session-model.svelte.ts';
import { DeviceDb } from '../storage/device-db.ts';
import { storageFailure, storageWords } from '../storage/storage-failure.ts';
import type { AppModel, DirectoryItem, PersonView, Result, RoomListItem, RoomModel } from './app-model.ts';
import { Connection } from './connection.svelte.ts';
import { People } from './people.svelte.ts';
import { Preferences } from './preferences.svelte.ts';

export class App implements AppModel {
  readonly #environment: Environment;
  readonly #api: ApiClient;
  readonly #people = new People();
  readonly session: Session;
  readonly connection: Connection;
  readonly preferences = new Preferences();
  readonly update: Update;
  #rooms = $state.raw<readonly RoomListItem[]>([]);
  #unreadTotal = $derived(this.#rooms.reduce((sum, room) => sum + room.unread, 0));

  constructor(environment: Environment) {
    this.#environment = environment;
    this.#api = new ApiClient(environment);
    this.connection = new Connection(environment.secure);
    this.update = new Update(environment);
    this.session = new Session(this.#api, this.#people, {
      begin: async () => {
        this.connection.expectLine();
      },
      end: async () => {
        this.connection.rest();
      },
      unsentCount: async () => 0
    });
  }

  get rooms() {
    return this.#rooms;
  }
  get unreadTotal() {
    return this.#unreadTotal;
  }

  start(): void {
    void this.#start();
  }

  async #start(): Promise<void> {
    let db: DeviceDb | null = null;
    try {
      db = await DeviceDb.open(this.#environment.databasePrefix);
      await this.preferences.load(db);
    } catch (error) {
      this.connection.setStorageProblem(storageWords(storageFailure(error)));
    }
    await this.session.load(db);
    await this.update.start();
  }

  dispose(): void {
    this.update.dispose();
    this.connection.rest();
  }

  openRoom(_id: string): RoomModel {
    throw new Error('rooms are not wired yet');
  }
  createRoom(_name: string, _kind: RoomKind): Promise<string> {
    throw new Error('rooms are not wired yet');
  }
  async directory(): Promise<Result<readonly DirectoryItem[]>> {
    throw new Error('rooms are not wired yet');
  }
  join(_room: string): Promise<Result<void>> {
    throw new Error('rooms are not wired yet');
  }
  lookUpInvitation(secret: string): Promise<Result<InvitationInfo>> {
    return this.#api.post('/api/invitations/lookup', { secret });
  }
  acceptInvitation(_secret: string): Promise<Result<string>> {
    throw new Error('rooms are not wired yet');
  }
  person(id: string): PersonView {
    return this.#people.person(id);
  }
}
