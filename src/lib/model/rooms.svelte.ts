// What the app has only with somebody signed in: their rooms, open and listed, threads, stars, notices, and the client that
// keeps them in step. A part of its own, with Yjs: the door does without it.
// Invariant: one for the life of the page; clients come and go below it, what is open stays and waits for the next.

import { browserLineCost } from '../pwa/line-cost.ts';
import type { UserInfo } from '#protocol/api/profile.ts';
import type { Me } from '#protocol/api/session.ts';
import { CLOSE } from '#protocol/close-codes.ts';
import { isKnown } from '#protocol/entry.ts';
import { fingerprint } from '#protocol/signing.ts';
import { apiWords } from '../session/api-words.ts';
import type { Environment } from '../environment.ts';
import { SignatureChecks } from '../proof/signature-checks.ts';
import { StorageWatch } from '../pwa/storage-watch.svelte.ts';
import type { ApiClient } from '../session/api-client.ts';
import type { Session } from '../session/session.svelte.ts';
import type { DeviceDb } from '../storage/device-db.ts';
import { SyncClient } from '../sync/sync-client.ts';
import type { SyncEvents } from '../sync/sync-events.ts';
import type { Account } from './account.svelte.ts';
import { AllThreads } from './all-threads.svelte.ts';
import type { MemberView } from './member-view.ts';
import type { PersonKeys } from './person-keys.ts';
import type { PersonView } from './person-view.ts';
import type { Result } from './result.ts';
import type { Attention } from './attention.ts';
import { ComposerParts } from './composer-parts.ts';
import type { Connection } from './connection.svelte.ts';
import { DeviceOffers } from './device-offers.ts';
import { FileAddresses } from './file-addresses.ts';
import { forward, type ForwardWish } from './forwarding.ts';
import { FilesOfDevice } from './kept-files.svelte.ts';
import { LastPlace } from './place.ts';
import { Notices, type RoomNotice } from './notices.ts';
import { RoomsOfOne } from './own-rooms.ts';
import type { PeoplePresence } from './people-presence.svelte.ts';
import type { People } from './people.svelte.ts';
import { KeysOfPerson } from './person-keys.svelte.ts';
import type { Preferences } from './preferences.svelte.ts';
import type { PrivacySettings } from './privacy.svelte.ts';
import { Proofs } from './proofs.ts';
import { RoomListing } from './room-listing.svelte.ts';
import { RoomMaking } from './room-making.ts';
import { RoomViews } from './room-views.svelte.ts';
import type { RoomView } from './room.svelte.ts';
import type { MentionsIn } from './room-writing.ts';
import { Starred } from './starred.svelte.ts';

const OWN_PROFILE = 'ownProfile';

const signedOut = () => ({ ok: false, code: 'signed-out', message: apiWords('signed-out') }) as const;

/** What the app has at the door already. */
export interface RoomsOptions {
  readonly environment: Environment;
  readonly api: ApiClient;
  readonly people: People;
  readonly session: Session;
  readonly account: Account;
  readonly connection: Connection;
  readonly presence: PeoplePresence;
  readonly attention: Attention;
  readonly preferences: Preferences;
  readonly privacy: PrivacySettings;
  /** What is written with marks, without them. */
  readonly plainMarkdown: (body: string) => string;
  readonly mentionsIn: MentionsIn;
  /** The server speaks a newer language. */
  readonly outdated: () => void;
  readonly lineUp: () => void;
}

export class Rooms {
  readonly #options: RoomsOptions;
  readonly #checks: SignatureChecks;
  readonly #proofs: Proofs;
  readonly #offers: DeviceOffers;
  readonly #notices: Notices;
  readonly own: RoomsOfOne;
  readonly making: RoomMaking;
  readonly storageWatch: StorageWatch;
  readonly place: LastPlace;
  readonly starred: Starred;
  readonly #addresses = new FileAddresses();
  readonly keptFiles = new FilesOfDevice(() => this.#client, browserLineCost);
  readonly threads: AllThreads;
  readonly #listing: RoomListing;
  readonly #views: RoomViews;
  #blocked = $state.raw<readonly string[]>([]);
  #client: SyncClient | null = null;
  #device: DeviceDb | null = null;
  /** The change to another generation of the data, or null: done, or never under way. */
  #changing: Promise<void> | null = null;
  /** Grows when somebody leaves, and when the page goes: what is being opened for them then is closed again. */
  #ends = 0;

  constructor(options: RoomsOptions) {
    const { environment, people } = options;
    this.#options = options;
    this.#checks = new SignatureChecks(environment.openSignatureWorker, environment.subtle);
    this.#proofs = new Proofs(this.#checks);
    this.#offers = new DeviceOffers(environment, options.api, () => this.#device);
    const person = (id: string): PersonView => people.person(id);
    this.#notices = new Notices(person, options.plainMarkdown, environment);
    this.starred = new Starred(() => this.#client, person, this.#addresses);
    this.own = new RoomsOfOne(
      () => this.#client,
      () => this.#listing.rules
    );
    this.making = new RoomMaking(() => this.#next(), environment.now);
    this.storageWatch = new StorageWatch(environment.storage, environment.now);
    this.place = new LastPlace(() => this.#client?.db ?? null, environment.now);
    this.threads = new AllThreads({
      client: () => this.#client,
      rooms: () => this.list,
      person,
      news: (client, news) => this.#notices.heard(client, news)
    });
    this.#listing = new RoomListing({
      ...{ client: () => this.#client, person, plainMarkdown: options.plainMarkdown },
      listed: ({ outbox }, { waiting, failed }) => {
        options.connection.setUnsent(waiting, failed);
        this.storageWatch.look({ count: outbox.size, since: outbox.since });
      }
    });
    this.#views = new RoomViews({
      ...{ person, api: options.api, attention: options.attention, mentionsIn: options.mentionsIn },
      now: () => environment.now(),
      proof: (room, entry) => this.#proofs.of(room, entry),
      publicOrigin: () => options.session.server?.url ?? environment.origin,
      sharesTyping: () => options.privacy.typing,
      sent: () => this.#offers.sent(),
      threadsChanged: (room, source) => {
        if (this.#client) void this.threads.read(this.#client, room, source);
      },
      draftSaved: () => this.#listing.listSoon(),
      parts: new ComposerParts({ ...options, addresses: this.#addresses })
    });
  }

  get install() {
    return this.#offers.install;
  }
  get push() {
    return this.#offers.push;
  }
  /** Newest activity first. */
  get list() {
    return this.#listing.rooms;
  }
  get invitations() {
    return this.#listing.invitations;
  }
  get unreadTotal() {
    return this.#listing.unreadTotal;
  }
  get blocked(): readonly PersonView[] {
    return this.#blocked.map((id) => this.#options.people.person(id));
  }
  get me(): string | null {
    return this.#client?.me.id ?? null;
  }
  /** Entries that are on this device alone, those that are sent later too. */
  get unsentCount(): number {
    return (this.#client?.outbox.size ?? 0) + (this.#client?.scheduled.unsent ?? 0);
  }

  /** @returns whether it is to go on: the page may be gone by then */
  async begin(me: Me, device: DeviceDb | null): Promise<boolean> {
    const { account, api, connection, environment, people } = this.#options;
    this.#device = device;
    const ends = this.#ends;
    const events = this.#events(() => client);
    const client = new SyncClient(me, environment, api, device, events);
    await client.load();
    if (ends !== this.#ends) {
      await client.close();
      return false;
    }
    this.#client = client;
    this.#proofs.begin(client.devices);
    for (const id of people.shown) client.profiles.want(id);
    await account.begin(me.id, {
      read: () => client.db.meta<UserInfo>(OWN_PROFILE),
      write: (profile) => client.db.putMeta(OWN_PROFILE, profile)
    });
    this.#showDeviceKey(client);
    client.list.listen(() => this.#listing.listSoon());
    client.outbox.listen(() => this.#listing.listSoon());
    this.#listing.list();
    this.starred.update();
    this.threads.begin(client);
    this.#views.attach(client);
    connection.expectLine();
    this.attentionChanged();
    client.start();
    return true;
  }

  async end(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    this.#ends += 1;
    this.#listing.end();
    this.starred.update();
    this.threads.end();
    this.#notices.close();
    this.#views.end();
    this.#addresses.clear();
    this.storageWatch.end();
    // Not waited for: a worker that never comes must not keep what follows from being wiped.
    void this.push.end();
    client?.announceSession();
    await client?.signer.sessionEnded();
    await client?.close();
  }

  dispose(): void {
    this.#ends += 1;
    this.#checks.close();
    this.install.dispose();
    this.#notices.close();
    this.#views.dispose();
    void this.#client?.close();
    this.#client = null;
  }

  #events(current: () => SyncClient): SyncEvents {
    const { account, connection, people, presence, preferences, privacy, session, outdated, lineUp } = this.#options;
    return {
      lineUp: () => {
        this.#proofs.lineUp();
        connection.lineUp();
        lineUp();
        presence.lineUp();
        void this.push.lineUp();
        this.threads.lineUp(current());
        this.#views.lineUp();
        // The line may have brought the word that the key was revoked, and another one was made.
        this.#showDeviceKey(current());
      },
      lineDown: () => {
        connection.lineDown();
        presence.lineDown();
        this.threads.lineDown();
      },
      busy: (busy) => connection.setBusy(busy),
      storageProblem: (words) => connection.setStorageProblem(words),
      generation: (generation) => this.#changeGeneration(current(), generation),
      refused: (code, ended) => {
        if (code === CLOSE.signedOut) void session.expire(ended);
        else outdated();
      },
      account: (me) => void session.update(me),
      stranger: () => void session.recheck(),
      stars: () => this.starred.update(),
      news: (news) => {
        if (current() === this.#client) this.#notices.heard(current(), news);
      },
      toldElsewhere: (of, place) => {
        if (current() === this.#client) this.#notices.toldElsewhere(of, place);
      },
      marks: (rooms) => {
        this.#views.marksChanged(rooms);
        this.#listing.listSoon();
      },
      sessionElsewhere: () => void session.follow(),
      scheduled: () => this.#views.scheduleChanged(),
      sentAlready: (room) => this.#views.wasSent(room),
      draftElsewhere: (of, text) => {
        this.#views.draftElsewhere(of, text);
        this.#listing.listSoon();
      },
      threadsRead: () => {
        this.#views.threadMarksChanged();
        this.threads.marksChanged();
      },
      threadsElsewhere: (room) => void this.threads.elsewhere(current(), room),
      fetched: (room, replica) => this.threads.fetched(current(), room, replica),
      learnPeople: (infos) => {
        for (const info of infos) people.learn(info);
        account.learn(infos);
      },
      absentPeople: (ids) => people.setAbsent(ids),
      privacy: (choices) => privacy.learn(choices),
      density: (density) => preferences.learnDensity(density),
      linkPreviews: (on) => preferences.learnLinkPreviews(on),
      presence: (told) => presence.take(told),
      blocked: (users) => {
        this.#blocked = [...users];
        people.setBlocked(users);
      }
    };
  }

  reconnect(): void {
    this.#client?.mux.wake();
  }

  open(id: string): RoomView {
    return this.#views.open(id);
  }

  listenToNotices(listener: (notice: RoomNotice) => void): () => void {
    return this.#notices.listen(listener);
  }

  /** The client there is, or the next one while they change; null: nobody is signed in. */
  async #next(): Promise<SyncClient | null> {
    await this.#changing;
    return this.#client;
  }

  async enter(room: string, action: 'joined' | 'left'): Promise<Result<void>> {
    if (!(await this.#next())) return signedOut();
    await this.making.enter(room, action);
    await this.#views.comeBack(room);
    return { ok: true, value: undefined };
  }

  async forward(wish: ForwardWish): Promise<Result<void>> {
    const client = await this.#next();
    if (!client) return signedOut();
    const kindOf = (room: string) => this.list.find(({ id }) => id === room)?.kind ?? null;
    const said = await client.hold(forward(client, wish, kindOf, this.#options.environment.now));
    if (said.ok) this.#offers.keep();
    return said;
  }

  unsentTexts(): readonly string[] {
    const outbox = this.#client?.outbox;
    const unsent = outbox?.rooms().flatMap((room) => outbox.of(room)) ?? [];
    return unsent.flatMap(({ entry }) => (isKnown(entry) && entry.type === 'message' ? [entry.body] : []));
  }

  personKeys(user: string): PersonKeys | null {
    const client = this.#client;
    return client && new KeysOfPerson(user, client.db, client.devices);
  }

  async setBlocked(user: string, blocked: boolean): Promise<void> {
    await this.#client?.blocked.set(user, blocked);
  }
  /** What they choose for all their devices. */
  get choices(): SyncClient['preferences'] | undefined {
    return this.#client?.preferences;
  }

  /** Somebody is shown whose profile is not known. */
  wantProfile(id: string): void {
    this.#client?.profiles.want(id);
  }
  watchPeople(people: readonly string[]): void {
    this.#client?.watchPeople(people);
  }
  attentionChanged(): void {
    this.#client?.setPresent(this.#options.attention.here ? 'here' : 'away');
  }

  /** As the rooms that are open have it. */
  presenceOf(person: string): MemberView['presence'] {
    return this.#views.presenceOf(person);
  }

  /** The window is hidden, or goes: it may be gone the next moment, without another word. */
  async hidden(): Promise<void> {
    await Promise.all([this.#client?.endHolds(), this.flushDrafts()]);
  }

  async flushDrafts(): Promise<void> {
    await this.#views.flushDrafts();
    await this.#client?.settleDrafts();
    this.#listing.listSoon();
  }

  #showDeviceKey({ signer }: SyncClient): void {
    const { key } = signer;
    const shown = key && { id: key.id, fingerprint: fingerprint(key.publicKey), locked: key.sealed };
    this.#options.account.setDeviceKey(shown);
  }

  /** The server's data are of another generation: what is here is read anew under its name. */
  #changeGeneration(client: SyncClient, generation: string): void {
    if (client === this.#client) this.#changing = this.#exchange(client, generation);
  }

  async #exchange(client: SyncClient, generation: string): Promise<void> {
    this.#client = null;
    const ends = this.#ends;
    this.#views.detach();
    await client.close();
    const me = { ...client.me, generation };
    await this.#options.session.update(me);
    // Meanwhile they may have signed out.
    if (ends === this.#ends) await this.begin(me, this.#device);
  }
}
