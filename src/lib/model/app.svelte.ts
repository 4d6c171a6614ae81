// The app as the screens see it: joins session, line, rooms and people. Actions return results, state is reactive.

import type { InvitationAccepted, InvitationInfo, Me, RoomInfo, UserInfo } from '#protocol/api.ts';
import { CLOSE } from '#protocol/close-codes.ts';
import type { RoomKind } from '#protocol/entry.ts';
import { newEntryId, newRoomId } from '#protocol/ids.ts';
import type { Environment } from '../environment.ts';
import { PersistentStorage } from '../pwa/persistent-storage.ts';
import { Update } from '../pwa/update.svelte.ts';
import { ApiClient } from '../session/api-client.ts';
import { Session } from '../session/session-model.svelte.ts';
import { DeviceDb } from '../storage/device-db.ts';
import type { RoomRow } from '../storage/user-db.ts';
import { storageFailure, storageWords } from '../storage/storage-failure.ts';
import { wipeUser } from '../storage/wipe.ts';
import type { PendingEntry } from '../sync/outbox.ts';
import { SyncClient } from '../sync/sync-client.ts';
import { Account } from './account.svelte.ts';
import type { AppModel, DirectoryItem, PersonView, Result, RoomListItem, RoomModel } from './app-model.ts';
import { Connection } from './connection.svelte.ts';
import { People } from './people.svelte.ts';
import { Preferences } from './preferences.svelte.ts';
import { RoomLine } from './room-line.ts';
import { RoomView } from './room.svelte.ts';

const OWN_PROFILE = 'ownProfile';

export class App implements AppModel {
  readonly #environment: Environment;
  readonly #api: ApiClient;
  readonly #people = new People();
  readonly #persistentStorage: PersistentStorage;
  readonly session: Session;
  readonly account: Account;
  readonly connection: Connection;
  readonly preferences = new Preferences();
  readonly update: Update;
  #rooms = $state.raw<readonly RoomListItem[]>([]);
  readonly #unreadTotal = $derived(this.#rooms.reduce((sum, room) => sum + room.unread, 0));
  #device: DeviceDb | null = null;
  #client: SyncClient | null = null;
  #views: readonly RoomView[] = [];
  #listing = false;
  #disposed = false;
  #stopVisibility: (() => void) | null = null;

  constructor(environment: Environment) {
    this.#environment = environment;
    this.#api = new ApiClient(environment);
    this.#persistentStorage = new PersistentStorage(environment.storage);
    this.connection = new Connection(environment.secure);
    this.update = new Update(environment);
    this.update.onBeforeReload = () => this.#flushDrafts();
    this.session = new Session(this.#api, this.#people, environment.passkeys, {
      begin: (me) => this.#begin(me),
      end: (me, wipe) => this.#end(me, wipe),
      unsentCount: async () => this.#client?.outbox.size ?? 0
    });
    this.account = new Account(this.#api, environment.passkeys, {
      learned: () => undefined,
      deleted: () => this.session.deleted()
    });
    this.#api.onSignedOut = () => void this.session.expire();
    this.#people.onUnknown = (id) => this.#client?.names.want(id);
  }

  get rooms() {
    return this.#rooms;
  }
  get unreadTotal() {
    return this.#unreadTotal;
  }

  start(): void {
    // A hidden page may be gone the next moment, without another word.
    this.#stopVisibility = this.#environment.onVisibility(() => void this.#flushDrafts());
    void this.#start();
  }

  async #start(): Promise<void> {
    try {
      this.#device = await DeviceDb.open(this.#environment.databasePrefix);
      await this.preferences.load(this.#device);
    } catch (error) {
      this.connection.setStorageProblem(storageWords(storageFailure(error)));
    }
    await this.session.load(this.#device);
    await this.update.start();
  }

  dispose(): void {
    this.#disposed = true;
    this.#stopVisibility?.();
    this.update.dispose();
    for (const view of this.#views) view.detach();
    this.#views = [];
    void this.#client?.close();
    this.#client = null;
    this.connection.rest();
    this.#device?.close();
  }

  openRoom(id: string): RoomModel {
    const view = new RoomView({
      id,
      environment: this.#environment,
      api: this.#api,
      person: (person) => this.person(person),
      publicOrigin: () => this.session.server?.url ?? this.#environment.origin,
      sent: () => void this.#persistentStorage.ask(),
      draftSaved: () => this.#listSoon(),
      closed: (closed) => {
        this.#views = this.#views.filter((open) => open !== closed);
      }
    });
    this.#views = [...this.#views, view];
    if (this.#client) view.attach(this.#client);
    return view;
  }

  async createRoom(name: string, kind: RoomKind): Promise<string> {
    const client = this.#client;
    if (!client) throw new TypeError('nobody is signed in');
    const id = newRoomId();
    await client.list.add(id);
    const now = this.#environment.now();
    const entry = {
      id: newEntryId(now),
      type: 'room' as const,
      action: 'created' as const,
      author: client.me.id,
      sentAt: client.clock(id).next(),
      name: name.trim(),
      kind
    };
    await client.outbox.add(id, entry, 0);
    return id;
  }

  async directory(): Promise<Result<readonly DirectoryItem[]>> {
    const answer = await this.#api.get<RoomInfo[]>('/api/rooms?scope=public');
    if (!answer.ok) return answer;
    const items = answer.value.map(({ id, name, topic, members, role }) => ({
      id,
      name,
      topic,
      members,
      joined: role !== null
    }));
    return { ok: true, value: items };
  }

  async join(room: string): Promise<Result<void>> {
    const client = this.#client;
    if (!client) return { ok: false, code: 'signed-out', message: 'You are signed out. Sign in again to go on.' };
    const entry = {
      id: newEntryId(this.#environment.now()),
      type: 'membership' as const,
      action: 'joined' as const,
      author: client.me.id,
      sentAt: client.clock(room).next()
    };
    const { head } = client.list.get(room) ?? {};
    // Written down like a message, and sent by the background as one: joining works offline, too.
    await client.outbox.add(room, entry, head ?? 0);
    return { ok: true, value: undefined };
  }

  lookUpInvitation(secret: string): Promise<Result<InvitationInfo>> {
    return this.#api.post('/api/invitations/lookup', { secret });
  }

  async acceptInvitation(secret: string): Promise<Result<string>> {
    const answer = await this.#api.post<InvitationAccepted>('/api/invitations/accept', { secret });
    return answer.ok ? { ok: true, value: answer.value.room } : answer;
  }

  person(id: string): PersonView {
    return this.#people.person(id);
  }

  async #begin(me: Me): Promise<void> {
    if (this.#disposed) return;
    const client = new SyncClient(me, this.#environment, this.#api, this.#device, {
      lineUp: () => this.connection.lineUp(),
      lineDown: () => this.connection.lineDown(),
      busy: (busy) => this.connection.setBusy(busy),
      storageProblem: (words) => this.connection.setStorageProblem(words),
      generation: (generation) => void this.#changeGeneration(client, generation),
      refused: (code) => {
        if (code === CLOSE.signedOut) void this.session.expire();
        else this.update.offer();
      },
      account: (account) => void this.session.update(account),
      stranger: () => void this.session.recheck(),
      sessionElsewhere: () => void this.session.follow(),
      draftElsewhere: (room, text) => {
        for (const view of this.#views) if (view.id === room) view.draftElsewhere(text);
        this.#listSoon();
      },
      learnName: (id, name) => this.#people.learn(id, name)
    });
    await client.load();
    if (this.#disposed) return void client.close();
    this.#client = client;
    await this.account.begin(me.id, {
      read: () => client.db.meta<UserInfo>(OWN_PROFILE),
      write: (profile) => client.db.putMeta(OWN_PROFILE, profile)
    });
    client.list.listen(() => this.#listSoon());
    client.outbox.listen(() => this.#listSoon());
    this.#list();
    for (const view of this.#views) view.attach(client);
    this.connection.expectLine();
    client.start();
  }

  async #end(me: Me, wipe: boolean): Promise<void> {
    const client = this.#client;
    this.#client = null;
    this.#rooms = [];
    this.account.end();
    this.connection.rest();
    for (const view of this.#views) view.detach();
    client?.announceSession();
    await client?.close();
    if (wipe) await wipeUser(this.#device, this.#environment.databasePrefix, me.id);
  }

  /** The server's data are of another generation: what is here is read anew under its name. */
  async #changeGeneration(client: SyncClient, generation: string): Promise<void> {
    if (client !== this.#client) return;
    this.#client = null;
    await client.close();
    const me = { ...client.me, generation };
    await this.session.update(me);
    await this.#begin(me);
  }

  async #flushDrafts(): Promise<void> {
    await Promise.all(this.#views.map((view) => view.flushDraft()));
    this.#listSoon();
  }

  #listSoon(): void {
    if (this.#listing) return;
    this.#listing = true;
    queueMicrotask(() => this.#list());
  }

  #list(): void {
    this.#listing = false;
    const client = this.#client;
    if (!client) return;
    const { list, outbox, me } = client;
    const person = (id: string): PersonView => this.person(id);
    // What could not be delivered is to be found, though the room is closed to its author by now.
    const closed = outbox.rooms().filter((room) => !list.get(room) && outbox.of(room).some(isFailedMessage));
    this.#rooms = [...list.all(), ...closed.map(closedRoom)]
      .map((row) => {
        const pending = outbox.of(row.id);
        return new RoomLine({
          row,
          pending,
          unread: list.unread(row.id),
          draft: client.draft(row.id),
          me: me.id,
          person
        });
      })
      .sort((a, b) => b.at - a.at || (a.id < b.id ? -1 : 1));
    const unsent = outbox.rooms().flatMap((room) => outbox.of(room));
    const waiting = unsent.filter(({ state }) => state !== 'failed');
    this.connection.setUnsent(waiting.length, unsent.filter(isFailedMessage).length);
  }
}

const isFailedMessage = ({ state, entry }: PendingEntry): boolean => state === 'failed' && entry.type === 'message';
const closedRoom = (id: string): RoomRow => ({ id, summary: null, head: null, fetched: null });
