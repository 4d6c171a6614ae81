// The app as the screens see it: joins session, line, rooms and people. Actions return results, state is reactive.

import type { InvitationAccepted, InvitationInfo, Me, RoomInfo, UserInfo } from '#protocol/api.ts';
import { CLOSE } from '#protocol/close-codes.ts';
import { isKnown } from '#protocol/entry.ts';
import type { NotificationLevel } from '#protocol/personal.ts';
import { fingerprint } from '#protocol/signing.ts';
import { draftKeyOf } from '#protocol/personal.ts';
import type { Environment } from '../environment.ts';
import { PersistentStorage } from '../pwa/persistent-storage.ts';
import { Update } from '../pwa/update.svelte.ts';
import { ApiClient } from '../session/api-client.ts';
import { Session } from '../session/session-model.svelte.ts';
import { DeviceDb } from '../storage/device-db.ts';
import { storageFailure, storageWords } from '../storage/storage-failure.ts';
import { wipeUser } from '../storage/wipe.ts';
import type { SyncClient } from '../sync/sync-client.ts';
import { Admin } from './admin.ts';
import { Account } from './account.svelte.ts';
import type {
  AppModel,
  DirectoryItem,
  MemberView,
  PersonKeys,
  PersonView,
  ReceivedInvitation,
  Result,
  RoomListItem,
  RoomModel
} from './app-model.ts';
import { AllThreads } from './all-threads.svelte.ts';
import { Attention } from './attention.ts';
import { AVATAR_CACHE } from '../storage/avatar-cache.ts';
import { Connection } from './connection.svelte.ts';
import { People } from './people.svelte.ts';
import { PeoplePresence } from './people-presence.svelte.ts';
import { KeysOfPerson } from './person-keys.svelte.ts';
import { Proofs } from './proofs.ts';
import { SignatureChecks } from '../proof/signature-checks.ts';
import { Preferences } from './preferences.svelte.ts';
import { PrivacySettings } from './privacy.svelte.ts';
import { Notices, type RoomNotice } from './notices.ts';
import { RoomsOfOne } from './own-rooms.ts';
import { loudUnread } from './room-line.ts';
import { roomLines } from './room-lines.ts';
import { RoomMaking } from './room-making.ts';
import { startsSo } from './person.ts';
import { forward, type ForwardWish } from './forwarding.ts';
import { Starred } from './starred.svelte.ts';
import { RoomView, type MentionsIn } from './room.svelte.ts';

const OWN_PROFILE = 'ownProfile';

/** What rooms and their list cannot be shown without: it comes as one, so that nothing shown changes its look later. */
type SyncModule = {
  readonly SyncClient: typeof SyncClient;
  readonly plainMarkdown: (body: string) => string;
  readonly mentionsIn: MentionsIn;
};

async function loadRooms(): Promise<SyncModule> {
  const [{ SyncClient }, { plainMarkdown }, { mentionsIn }] = await Promise.all([
    import('../sync/sync-client.ts'),
    import('../ui/markdown.ts'),
    import('../ui/mention-text.ts')
  ]);
  return { SyncClient, plainMarkdown, mentionsIn };
}

export class App implements AppModel {
  readonly #environment: Environment;
  readonly #api: ApiClient;
  readonly #people = new People();
  readonly #checks: SignatureChecks;
  readonly #proofs: Proofs;
  readonly #persistentStorage: PersistentStorage;
  readonly #presence: PeoplePresence;
  readonly #attention: Attention;
  readonly session: Session;
  readonly account: Account;
  readonly #admin: Admin;
  readonly connection: Connection;
  readonly preferences = new Preferences((density) => void this.#client?.setDensity(density));
  readonly privacy = new PrivacySettings((key, shared) => void this.#client?.setPrivacy(key, shared));
  readonly starred = new Starred(
    () => this.#client,
    (id) => this.person(id)
  );
  readonly update: Update;
  readonly own: RoomsOfOne;
  readonly #notices: Notices;
  readonly threads: AllThreads = new AllThreads({
    client: () => this.#client,
    rooms: () => this.#rooms,
    person: (id) => this.person(id),
    news: (client, news) => this.#notices.heard(client, news)
  });
  #defaultLevel = $state<NotificationLevel>('mentions');
  readonly #loadSync: () => Promise<SyncModule>;
  #plain = (body: string): string => body;
  #mentionsIn: MentionsIn = () => ({ people: [], room: false });
  #incomplete = $state(false);
  #rooms = $state.raw<readonly RoomListItem[]>([]);
  #invitations = $state.raw<readonly ReceivedInvitation[]>([]);
  readonly #unreadTotal = $derived(this.#rooms.reduce((sum, room) => sum + loudUnread(room), 0));
  #blocked = $state.raw<readonly string[]>([]);
  #device: DeviceDb | null = null;
  #client: SyncClient | null = null;
  /** The change to another generation of the data, or null: done, or never under way. */
  #changing: Promise<void> | null = null;
  #views = $state.raw<readonly RoomView[]>([]);
  #listing = false;
  #disposed = false;
  #stopVisibility: (() => void) | null = null;

  /** @param loadSync Yjs, Markdown and all that goes with them, which the door can do without */
  constructor(environment: Environment, loadSync: () => Promise<SyncModule> = loadRooms) {
    this.#environment = environment;
    this.#loadSync = loadSync;
    this.#api = new ApiClient(environment);
    this.#checks = new SignatureChecks(environment.openSignatureWorker, environment.subtle);
    this.#proofs = new Proofs(this.#checks);
    this.#persistentStorage = new PersistentStorage(environment.storage);
    this.#presence = new PeoplePresence((people) => this.#client?.watchPeople(people));
    this.#attention = new Attention(environment);
    this.#notices = new Notices(
      (id) => this.person(id),
      (body) => this.#plain(body),
      environment
    );
    this.#attention.listen(() => this.#client?.setPresent(this.#attention.here ? 'here' : 'away'));
    this.connection = new Connection(environment.secure);
    this.update = new Update(environment);
    this.own = new RoomsOfOne(
      () => this.#client,
      () => this.#defaultLevel
    );
    this.update.onBeforeReload = () => this.#flushDrafts();
    this.session = new Session(this.#api, this.#people, environment.passkeys, {
      begin: (me) => this.#begin(me),
      end: (me, wipe) => this.#end(me, wipe),
      unsentCount: async () => (this.#client?.outbox.size ?? 0) + (this.#client?.scheduled.unsent ?? 0),
      unsentTexts: async () => this.#unsentTexts()
    });
    this.account = new Account(this.#api, environment.passkeys, {
      learned: (info) => this.#people.learn(info),
      leave: (act) => this.session.leave(act)
    });
    this.#admin = new Admin(this.#api, () => this.session.server?.url ?? environment.origin);
    this.#api.onSignedOut = (cause) => void this.session.expire(cause);
    this.#people.onShown = (id) => this.#client?.profiles.want(id);
  }

  /** A part of the app could not be loaded; only a reload helps, since browsers remember that it failed. */
  get incomplete() {
    return this.#incomplete;
  }
  get rooms() {
    return this.#rooms;
  }
  get invitations() {
    return this.#invitations;
  }
  get admin() {
    return this.session.admin ? this.#admin : null;
  }
  get mayCreateRooms() {
    return this.session.admin || this.session.server?.roomCreation !== 'administrators';
  }
  get unreadTotal() {
    return this.#unreadTotal;
  }

  start(): void {
    // A hidden page may be gone the next moment, without another word.
    this.#stopVisibility = this.#environment.onVisibility(() => void this.#flushDrafts());
    // Alongside the session: who was signed in has it in hand when that is read, who signs in by the time they typed.
    void this.#loadSync().catch(() => undefined);
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
    this.#checks.close();
    this.#presence.end();
    this.#attention.close();
    this.#notices.close();
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
      proof: (room, entry) => this.#proofs.of(room, entry),
      mentionsIn: (body, people) => this.#mentionsIn(body, people),
      publicOrigin: () => this.session.server?.url ?? this.#environment.origin,
      attention: this.#attention,
      sharesTyping: () => this.privacy.typing,
      sent: () => void this.#persistentStorage.ask(),
      threadsChanged: (source) => {
        if (this.#client) void this.threads.read(this.#client, id, source);
      },
      draftSaved: () => this.#listSoon(),
      closed: (closed) => {
        this.#views = this.#views.filter((open) => open !== closed);
      }
    });
    this.#views = [...this.#views, view];
    if (this.#client) view.attach(this.#client);
    return view;
  }

  listenToNotices(listener: (notice: RoomNotice) => void): () => void {
    return this.#notices.listen(listener);
  }

  async createRoom(name: string, kind: 'public' | 'private'): Promise<string> {
    return this.#making((rooms) => rooms.room(name, kind));
  }
  async openDirect(others: readonly string[]): Promise<string> {
    return this.#making((rooms) => rooms.direct(others));
  }

  async #making<Made>(make: (rooms: RoomMaking) => Promise<Made>): Promise<Made> {
    await this.#changing;
    const client = this.#client;
    if (!client) throw new TypeError('nobody is signed in');
    return client.hold(make(new RoomMaking(client, this.#environment.now)));
  }

  async forward(wish: ForwardWish): Promise<Result<void>> {
    await this.#changing;
    const client = this.#client;
    if (!client) return { ok: false, code: 'signed-out', message: 'You are signed out. Sign in again to go on.' };
    const kindOf = (room: string) => this.#rooms.find(({ id }) => id === room)?.kind ?? null;
    await client.hold(forward(client, wish, kindOf, this.#environment.now));
    void this.#persistentStorage.ask();
    return { ok: true, value: undefined };
  }

  #unsentTexts(): readonly string[] {
    const outbox = this.#client?.outbox;
    const unsent = outbox?.rooms().flatMap((room) => outbox.of(room)) ?? [];
    return unsent.flatMap(({ entry }) => (isKnown(entry) && entry.type === 'message' ? [entry.body] : []));
  }

  personKeys(user: string): PersonKeys | null {
    const client = this.#client;
    return client && new KeysOfPerson(user, client.db, client.devices);
  }

  get blocked(): readonly PersonView[] {
    return this.#blocked.map((id) => this.person(id));
  }

  async setBlocked(user: string, blocked: boolean): Promise<void> {
    await this.#client?.blocked.set(user, blocked);
  }

  knownPeople(query: string): readonly PersonView[] {
    const me = this.#client?.me.id;
    const found = this.#people.known().filter((person) => person.id !== me && startsSo(person.name, query));
    return found.sort((a, b) => a.name.localeCompare(b.name)).slice(0, PEOPLE_LISTED);
  }

  async findPeople(query: string): Promise<readonly PersonView[]> {
    const answer = await this.#api.get<UserInfo[]>(`/api/users?query=${encodeURIComponent(query.trim())}`);
    if (answer.ok) for (const info of answer.value) this.#people.learn(info);
    return this.knownPeople(query);
  }

  presenceOf(person: string): MemberView['presence'] {
    let inRoom: MemberView['presence'] = null;
    for (const view of this.#views) {
      const member = view.members.find((one) => one.person.id === person);
      if (member?.presence === 'here') return 'here';
      inRoom = member?.presence ?? inRoom;
    }
    // Who is not in a room that is open here may be in another one.
    const anywhere = this.#presence.of(person);
    return anywhere === 'here' || inRoom === null || inRoom === 'gone' ? (anywhere ?? inRoom) : inRoom;
  }

  lastSeenOf(person: string): number | null {
    return this.privacy.lastSeen ? this.#presence.seenAt(person) : null;
  }

  async directory(query = '', after: string | null = null): Promise<Result<readonly DirectoryItem[]>> {
    const asked = query.trim() === '' ? '' : `&query=${encodeURIComponent(query.trim())}`;
    const from = after === null ? '' : `&after=${encodeURIComponent(after)}`;
    const answer = await this.#api.get<RoomInfo[]>(`/api/rooms?scope=public${asked}${from}`);
    if (!answer.ok) return answer;
    const items = answer.value.map(({ id, name, topic, members, role, avatar }) => ({
      id,
      name,
      topic,
      members,
      avatar,
      joined: role !== null
    }));
    return { ok: true, value: items };
  }

  join(room: string): Promise<Result<void>> {
    return this.#enter(room, 'joined');
  }
  decline(room: string): Promise<Result<void>> {
    return this.#enter(room, 'left');
  }

  async #enter(room: string, action: 'joined' | 'left'): Promise<Result<void>> {
    await this.#changing;
    if (!this.#client) return { ok: false, code: 'signed-out', message: 'You are signed out. Sign in again to go on.' };
    await this.#making((rooms) => rooms.enter(room, action));
    // An open room that was closed to its person knows no more than that: it asks again.
    for (const view of this.#views) if (view.id === room) await view.comeBack();
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

  async #begin(me: Me): Promise<boolean> {
    const sync = await this.#loadSync().catch(() => null);
    if (!sync) {
      this.#incomplete = true;
      return false;
    }
    if (this.#disposed) return false;
    this.#plain = sync.plainMarkdown;
    this.#mentionsIn = sync.mentionsIn;
    const client = new sync.SyncClient(me, this.#environment, this.#api, this.#device, {
      lineUp: () => {
        this.#proofs.lineUp();
        this.connection.lineUp();
        this.#presence.lineUp();
        this.threads.lineUp(client);
        for (const view of this.#views) view.lineUp();
        // The line may have brought the word that the key was revoked, and another one was made.
        this.#showDeviceKey(client);
      },
      lineDown: () => {
        this.connection.lineDown();
        this.#presence.lineDown();
        this.threads.lineDown();
      },
      busy: (busy) => this.connection.setBusy(busy),
      storageProblem: (words) => this.connection.setStorageProblem(words),
      generation: (generation) => this.#changeGeneration(client, generation),
      refused: (code, ended) => {
        if (code === CLOSE.signedOut) void this.session.expire(ended);
        else this.update.offer();
      },
      account: (account) => void this.session.update(account),
      stranger: () => void this.session.recheck(),
      stars: () => this.starred.update(),
      news: (news) => {
        if (client === this.#client) this.#notices.heard(client, news);
      },
      toldElsewhere: (of, place) => {
        if (client === this.#client) this.#notices.toldElsewhere(of, place);
      },
      marks: (rooms) => {
        for (const view of this.#views) if (rooms === null || rooms.includes(view.id)) view.marksChanged();
        this.#listSoon();
      },
      sessionElsewhere: () => void this.session.follow(),
      scheduled: () => {
        for (const view of this.#views) view.schedule.refresh();
      },
      sentAlready: (room) => {
        for (const view of this.#views) if (view.id === room) view.schedule.wasSent();
      },
      draftElsewhere: (of, text) => {
        const key = draftKeyOf(of);
        for (const view of this.#views) if (view.id === key?.room) view.draftElsewhere(text, key.thread);
        this.#listSoon();
      },
      threadsRead: () => {
        for (const view of this.#views) view.threads.marksChanged();
        this.threads.marksChanged();
      },
      threadsElsewhere: (room) => void this.threads.elsewhere(client, room),
      fetched: (room, replica) => this.threads.fetched(client, room, replica),
      learnPeople: (people) => {
        for (const info of people) this.#people.learn(info);
        this.account.learn(people);
      },
      absentPeople: (ids) => this.#people.setAbsent(ids),
      privacy: (privacy) => this.privacy.learn(privacy),
      density: (density) => this.preferences.learnDensity(density),
      presence: (people) => this.#presence.take(people),
      blocked: (users) => {
        this.#blocked = [...users];
        this.#people.setBlocked(users);
      }
    });
    await client.load();
    if (this.#disposed) {
      void client.close();
      return false;
    }
    this.#client = client;
    this.#proofs.begin(client.devices);
    for (const id of this.#people.shown) client.profiles.want(id);
    await this.account.begin(me.id, {
      read: () => client.db.meta<UserInfo>(OWN_PROFILE),
      write: (profile) => client.db.putMeta(OWN_PROFILE, profile)
    });
    this.#showDeviceKey(client);
    client.list.listen(() => this.#listSoon());
    client.outbox.listen(() => this.#listSoon());
    this.#list();
    this.starred.update();
    this.threads.begin(client);
    for (const view of this.#views) view.attach(client);
    this.connection.expectLine();
    client.setPresent(this.#attention.here ? 'here' : 'away');
    client.start();
    return true;
  }

  #showDeviceKey({ signer }: SyncClient): void {
    const { key } = signer;
    this.account.setDeviceKey(key && { id: key.id, fingerprint: fingerprint(key.publicKey), locked: key.sealed });
  }

  async #end(me: Me, wipe: boolean): Promise<void> {
    const client = this.#client;
    this.#client = null;
    this.#rooms = [];
    this.starred.update();
    this.threads.end();
    this.account.end();
    this.privacy.end();
    this.preferences.learnDensity('cosy');
    this.#notices.close();
    this.#presence.end();
    this.connection.rest();
    for (const view of this.#views) view.detach();
    client?.announceSession();
    await client?.signer.sessionEnded();
    await client?.close();
    if (wipe) await this.#environment.caches?.delete(AVATAR_CACHE).catch(() => false);
    if (wipe) await wipeUser(this.#device, this.#environment.databasePrefix, me.id);
  }

  /** The server's data are of another generation: what is here is read anew under its name. */
  #changeGeneration(client: SyncClient, generation: string): void {
    if (client === this.#client) this.#changing = this.#exchange(client, generation);
  }

  async #exchange(client: SyncClient, generation: string): Promise<void> {
    this.#client = null;
    // From here on what is written in them waits for the next client.
    for (const view of this.#views) view.detach();
    await client.close();
    const me = { ...client.me, generation };
    await this.session.update(me);
    await this.#begin(me);
  }

  async #flushDrafts(): Promise<void> {
    await Promise.all(this.#views.map((view) => view.flushDraft()));
    await this.#client?.settleDrafts();
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
    const { rooms, invitations, unsent } = roomLines(client, (id) => this.person(id), this.#plain);
    this.#rooms = rooms;
    this.#invitations = invitations;
    this.#defaultLevel = client.marks.defaultLevel;
    this.connection.setUnsent(unsent.waiting, unsent.failed);
  }
}

/** As many as a person looks through. */
const PEOPLE_LISTED = 20;
