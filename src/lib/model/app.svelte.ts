// The app as the screens see it: joins session, line, people, and the rooms of who is signed in. Actions return results,
// state is reactive. Invariant: the door needs nothing of `rooms.svelte.ts`, which comes while one signs in.

import type { InvitationAccepted, InvitationInfo } from '#protocol/api/invitation.ts';
import type { UserInfo } from '#protocol/api/profile.ts';
import type { RoomInfo } from '#protocol/api/room.ts';
import type { Me } from '#protocol/api/session.ts';
import type { Environment } from '../environment.ts';
import { Update } from '../pwa/update.svelte.ts';
import { ApiClient } from '../session/api-client.ts';
import { Session } from '../session/session.svelte.ts';
import { AVATAR_CACHE } from '../storage/avatar-cache.ts';
import { DeviceDb } from '../storage/device-db.ts';
import { storageFailure, storageWords } from '../storage/storage-failure.ts';
import { wipeUser } from '../storage/wipe.ts';
import { Account } from './account.svelte.ts';
import { Admin } from './admin.svelte.ts';
import type { AppModel } from './app-model.ts';
import type { DirectoryItem } from './directory-item.ts';
import type { MemberView } from './member-view.ts';
import type { PersonKeys } from './person-keys.ts';
import type { PersonView } from './person-view.ts';
import type { Result } from './result.ts';
import type { RoomModel } from './room-model.ts';
import { Attention } from './attention.ts';
import { Connection } from './connection.svelte.ts';
import type { ForwardWish } from './forwarding.ts';
import type { RoomNotice } from './notices.ts';
import { People } from './people.svelte.ts';
import { PeoplePresence } from './people-presence.svelte.ts';
import { startsSo } from './person.ts';
import { Shared } from './shared.ts';
import { Preferences } from './preferences.svelte.ts';
import { PrivacySettings } from './privacy.svelte.ts';
import type { Rooms, RoomsOptions } from './rooms.svelte.ts';

/** What nobody signed in can be shown without: it comes as one, so that nothing shown changes its look later. */
type RoomsModule = Pick<RoomsOptions, 'plainMarkdown' | 'mentionsIn'> & { readonly Rooms: typeof Rooms };

async function importRooms(): Promise<RoomsModule> {
  const [{ Rooms }, { plainMarkdown }, { mentionsIn }] = await Promise.all([
    import('./rooms.svelte.ts'),
    import('#protocol/markdown/markdown.ts'),
    import('../ui/mention-text.ts')
  ]);
  return { Rooms, plainMarkdown, mentionsIn };
}

export class App implements AppModel {
  readonly #environment: Environment;
  readonly #api: ApiClient;
  readonly #people = new People();
  readonly #presence: PeoplePresence;
  readonly #attention: Attention;
  readonly session: Session;
  readonly account: Account;
  readonly #admin: Admin;
  readonly connection: Connection;
  readonly preferences = new Preferences({
    setDensity: (density) => void this.#signedIn?.choices?.setDensity(density),
    setLinkPreviews: (on) => void this.#signedIn?.choices?.setLinkPreviews(on)
  });
  readonly privacy = new PrivacySettings((key, shared) => void this.#signedIn?.choices?.setPrivacy(key, shared));
  readonly shared: Shared;
  readonly update: Update;
  readonly #loadRooms: () => Promise<RoomsModule>;
  #incomplete = $state(false);
  #signedIn = $state.raw<Rooms | null>(null);
  #device: DeviceDb | null = null;
  #disposed = false;
  #stopHide: (() => void) | null = null;

  /** @param loadRooms Yjs, Markdown and all that goes with them, which the door can do without */
  constructor(environment: Environment, loadRooms: () => Promise<RoomsModule> = importRooms) {
    this.#environment = environment;
    this.#loadRooms = loadRooms;
    this.#api = new ApiClient(environment);
    this.#presence = new PeoplePresence((people) => this.#signedIn?.watchPeople(people));
    this.#attention = new Attention(environment);
    this.#attention.listen(() => this.#signedIn?.attentionChanged());
    this.connection = new Connection(environment.secure);
    this.shared = new Shared(environment.caches, environment.now, () => this.#signedIn?.me ?? null);
    this.update = new Update(environment);
    this.update.onBeforeReload = () => this.#flushDrafts();
    this.session = new Session(this.#api, this.#people, environment.passkeys, {
      begin: (me) => this.#begin(me),
      end: (me, wipe) => this.#end(me, wipe),
      unsentCount: async () => this.#signedIn?.unsentCount ?? 0,
      unsentTexts: async () => this.#signedIn?.unsentTexts() ?? [],
      cleared: () => this.#signedIn?.storageWatch.wasCleared()
    });
    this.account = new Account(this.#api, environment.passkeys, {
      learned: (info) => this.#people.learn(info),
      leave: (act) => this.session.leave(act)
    });
    this.#admin = new Admin(this.#api, () => this.session.server?.url ?? environment.origin);
    this.#api.onSignedOut = (cause) => void this.session.expire(cause);
    this.#people.onShown = (id) => this.#signedIn?.wantProfile(id);
  }

  /** A part of the app could not be loaded; only a reload helps, since browsers remember that it failed. */
  get incomplete() {
    return this.#incomplete;
  }
  get rooms() {
    return this.#signedIn?.list ?? [];
  }
  get invitations() {
    return this.#signedIn?.invitations ?? [];
  }
  get unreadTotal() {
    return this.#signedIn?.unreadTotal ?? 0;
  }
  get blocked() {
    return this.#signedIn?.blocked ?? [];
  }
  get own() {
    return this.#ofRooms.own;
  }
  get storageWarning() {
    return this.#ofRooms.storageWatch;
  }
  get place() {
    return this.#ofRooms.place;
  }
  get install() {
    return this.#ofRooms.install;
  }
  get push() {
    return this.#ofRooms.push;
  }
  get starred() {
    return this.#ofRooms.starred;
  }
  get keptFiles() {
    return this.#ofRooms.keptFiles;
  }
  get threads() {
    return this.#ofRooms.threads;
  }
  get admin() {
    return this.session.admin ? this.#admin : null;
  }
  get mayCreateRooms() {
    return this.session.admin || this.session.server?.roomCreation !== 'administrators';
  }

  /** For what only screens of somebody signed in ask for. */
  get #ofRooms(): Rooms {
    if (!this.#signedIn) throw new TypeError('nobody is signed in');
    return this.#signedIn;
  }

  start(): void {
    this.#stopHide = this.#environment.onHide(() => void this.#signedIn?.hidden());
    // Alongside the session: who was signed in has it in hand when that is read, who signs in by the time they typed.
    void this.#loadRooms().catch(() => undefined);
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
    this.#stopHide?.();
    this.#signedIn?.dispose();
    this.#presence.end();
    this.#attention.close();
    this.update.dispose();
    this.connection.rest();
    this.#device?.close();
  }

  reconnect(): void {
    this.#signedIn?.reconnect();
  }
  openRoom(id: string): RoomModel {
    return this.#ofRooms.open(id);
  }
  listenToNotices(listener: (notice: RoomNotice) => void): () => void {
    return this.#ofRooms.listenToNotices(listener);
  }
  async createRoom(name: string, kind: 'public' | 'private'): Promise<string> {
    return this.#ofRooms.making.room(name, kind);
  }
  async openDirect(others: readonly string[]): Promise<string> {
    return this.#ofRooms.making.direct(others);
  }
  async forward(wish: ForwardWish): Promise<Result<void>> {
    return this.#ofRooms.forward(wish);
  }
  personKeys(user: string): PersonKeys | null {
    return this.#signedIn?.personKeys(user) ?? null;
  }
  async setBlocked(user: string, blocked: boolean): Promise<void> {
    await this.#signedIn?.setBlocked(user, blocked);
  }

  knownPeople(query: string): readonly PersonView[] {
    const me = this.#signedIn?.me;
    const found = this.#people.known().filter((person) => person.id !== me && startsSo(person.name, query));
    return found.sort((a, b) => a.name.localeCompare(b.name)).slice(0, PEOPLE_LISTED);
  }

  async findPeople(query: string): Promise<readonly PersonView[]> {
    const answer = await this.#api.get<UserInfo[]>(`/api/users?query=${encodeURIComponent(query.trim())}`);
    if (answer.ok) for (const info of answer.value) this.#people.learn(info);
    return this.knownPeople(query);
  }

  presenceOf(person: string): MemberView['presence'] {
    const inRoom = this.#signedIn?.presenceOf(person) ?? null;
    if (inRoom === 'here') return 'here';
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

  async join(room: string): Promise<Result<void>> {
    return this.#ofRooms.enter(room, 'joined');
  }
  async decline(room: string): Promise<Result<void>> {
    return this.#ofRooms.enter(room, 'left');
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
    const loaded = await this.#loadRooms().catch(() => null);
    if (!loaded) {
      this.#incomplete = true;
      return false;
    }
    if (this.#disposed) return false;
    this.#signedIn ??= new loaded.Rooms({
      plainMarkdown: loaded.plainMarkdown,
      mentionsIn: loaded.mentionsIn,
      environment: this.#environment,
      api: this.#api,
      people: this.#people,
      session: this.session,
      account: this.account,
      connection: this.connection,
      presence: this.#presence,
      attention: this.#attention,
      preferences: this.preferences,
      privacy: this.privacy,
      outdated: () => this.update.offer(),
      lineUp: () => void this.admin?.lookForReports()
    });
    const begun = await this.#signedIn.begin(me, this.#device);
    // What nobody wanted for a day, or was shared by somebody else, goes without being asked for.
    void this.shared.read();
    return begun;
  }

  async #end(me: Me, wipe: boolean): Promise<void> {
    const ended = this.#signedIn?.end();
    this.account.end();
    this.privacy.end();
    this.preferences.learnDensity('cosy');
    this.preferences.learnLinkPreviews(true);
    this.#presence.end();
    this.connection.rest();
    await ended;
    if (wipe) await this.shared.drop(null);
    if (wipe) await this.#environment.caches?.delete(AVATAR_CACHE).catch(() => false);
    if (wipe) await wipeUser(this.#device, this.#environment.databasePrefix, me.id);
  }

  async #flushDrafts(): Promise<void> {
    await this.#signedIn?.flushDrafts();
  }
}

/** As many as a person looks through. */
const PEOPLE_LISTED = 20;
