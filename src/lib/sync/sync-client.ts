// Everything of one signed-in person on this device: line, rooms, outbox, names, tabs. Built at sign-in, closed at
// sign-out and replaced when the server's data have another generation.
// Invariant: what is on disk is read before the line is started, so a cold start needs no network.

import { CLOSE } from '#protocol/close-codes.ts';
import { HybridClock } from '#protocol/clock.ts';
import type { ServerMessage } from '#protocol/control.ts';
import { DENSITY, readDensity, readPrivacy, type Density, type Privacy, type PrivacyKey } from '#protocol/personal.ts';
import { isUserId } from '#protocol/ids.ts';
import type { RefusalCode } from '#protocol/refusal-codes.ts';
import type { SessionEnd } from '#protocol/session-end.ts';
import type { Me, RoomClosing, RoomInfo, UserInfo } from '#protocol/api.ts';
import type { Environment } from '../environment.ts';
import type { ApiClient } from '../session/api-client.ts';
import type { DeviceDb } from '../storage/device-db.ts';
import { storageFailure, storageWords, type StorageFailure, type Stored } from '../storage/storage-failure.ts';
import { personalDbName, UserDb, userDbName } from '../storage/user-db.ts';
import { BackgroundSync } from './background-sync.ts';
import { Leader } from './leader.ts';
import { MuxSocket, type Hello } from './mux-socket.ts';
import { PersonalReplica } from './personal-replica.ts';
import { Profiles } from './profiles.ts';
import { Drafts } from './drafts.ts';
import { ExpiryWatch } from './expiry-watch.ts';
import { DeviceDirectory } from './device-directory.ts';
import { BlockedPeople } from './blocked-people.ts';
import { adoptOlderGenerations } from './older-generation.ts';
import { MessageFinder } from './message-finder.ts';
import { newsOf, type News } from './news.ts';
import { Outbox } from './outbox.ts';
import { Receipts } from './receipts.ts';
import { StoredReports } from './stored-reports.ts';
import { RoomList } from './room-list.ts';
import { Stars } from './stars.ts';
import { RoomMarks } from './room-marks.ts';
import { RoomReplica } from './room-replica.ts';
import type { RoomShared } from './room-shared.ts';
import { ScheduledMessages } from './scheduled-messages.ts';
import { SealedPages } from './sealed-pages.ts';
import { isOfSigning } from './sender.ts';
import { TabChannel, type TabMessage } from './tab-channel.ts';
import { TabLocks } from './tab-lock.ts';
import { ThreadMarks } from './thread-marks.ts';
import { UnreadCounts } from './unread-counts.ts';
import { DeviceSigner } from '../proof/device-signer.ts';

/** By the code of the server's answer. */
const CLOSINGS: Readonly<Record<string, RoomClosing | null>> = {
  'not-found': null,
  forbidden: null,
  'room-removed': 'removed',
  'room-banned': 'banned',
  'room-deleted': 'deleted'
};

/** What does not fit is on this device, and goes nowhere else. */
const OWN_TOO_LARGE =
  'Your drafts and stars take more room than the server keeps for one person. Send or delete some drafts; until then new ones stay on this device.';
const CURSOR = 'cursor';
const CLOCK_OFFSET = 'clockOffsetMs';

export interface SyncEvents {
  lineUp(): void;
  lineDown(): void;
  busy(busy: boolean): void;
  /** Words for the person; null: all is well again. */
  storageProblem(words: string | null): void;
  /** What is to be sent later is another than before. */
  scheduled(): void;
  /** What was to be changed or taken back had been sent. */
  sentAlready(room: string): void;
  /** The server's data were replaced: this client has stopped and another one is wanted. */
  generation(generation: string): void;
  /** The server will not have this client: signed out, or of another version. It has stopped. */
  refused(code: typeof CLOSE.signedOut | typeof CLOSE.protocol, ended: SessionEnd | null): void;
  account(me: Me): void;
  /** The line belongs to another account: this browser's cookie is somebody else's. This client has stopped. */
  stranger(): void;
  /** The session changed in another tab. */
  sessionElsewhere(): void;
  /** @param of a room, or a thread of one (draftKeyOf) */
  draftElsewhere(of: string, text: string): void;
  /** A message has just come. */
  news(news: News): void;
  /** Another tab has told of what came in a room or a thread, up to this place. */
  toldElsewhere(of: string, place: number): void;
  /** Marks of these rooms have changed; null: of all, as far as one knows. */
  marks(rooms: readonly string[] | null): void;
  /** Other messages are starred. */
  stars(): void;
  /** How far threads are read has changed. */
  threadsRead(): void;
  /** Another tab keeps something else of the threads of a room. */
  threadsElsewhere(room: string): void;
  /** A room that nobody looks at has come as far as the server has it. */
  fetched(room: string, replica: RoomReplica): void;
  learnPeople(people: readonly UserInfo[]): void;
  absentPeople(ids: readonly string[]): void;
  /** Of people who are watched: whether they are here. */
  presence(people: Extract<ServerMessage, { type: 'presence' }>['people']): void;
  /** What this person lets others learn, here or on another device. */
  privacy(privacy: Privacy): void;
  density(density: Density): void;
  /** All whose messages fold away. */
  blocked(users: ReadonlySet<string>): void;
}

export interface OpenRoom {
  readonly replica: RoomReplica;
  readonly release: () => Promise<void>;
}

export class SyncClient {
  readonly me: Me;
  readonly db: UserDb;
  readonly outbox: Outbox;
  readonly list: RoomList;
  readonly marks: RoomMarks;
  readonly stars: Stars;
  readonly unread: UnreadCounts;
  readonly profiles: Profiles;
  readonly blocked: BlockedPeople;
  readonly devices: DeviceDirectory;
  /** What is to be sent later. */
  readonly scheduled: ScheduledMessages;
  /** The key that this person signs with here. */
  readonly signer: DeviceSigner;
  /** Messages by their ids. */
  readonly finder: MessageFinder;
  readonly mux: MuxSocket;
  /** How far others have come in the rooms that are looked at. */
  readonly receipts: Receipts;
  readonly #storedReports: StoredReports;
  readonly #environment: Environment;
  readonly #api: ApiClient;
  readonly #device: DeviceDb | null;
  readonly #events: SyncEvents;
  readonly #sealed: SealedPages;
  readonly #tabs: TabChannel;
  readonly #locks: TabLocks;
  readonly #leader: Leader;
  readonly #background: BackgroundSync;
  readonly #rooms = new Map<string, { readonly replica: RoomReplica; holders: number }>();
  readonly #clocks = new Map<string, HybridClock>();
  readonly #failures = new Map<string, StorageFailure>();
  #offsetMs = 0;
  #present: 'here' | 'away' | null = null;
  #cursor: number | null = null;
  readonly #held = new Set<Promise<unknown>>();
  readonly #personal: PersonalReplica;
  readonly #drafts: Drafts;
  readonly #threadMarks: ThreadMarks;
  readonly #expiry: ExpiryWatch;
  #ownTooLarge = false;
  #closed = false;

  constructor(me: Me, environment: Environment, api: ApiClient, device: DeviceDb | null, events: SyncEvents) {
    this.me = me;
    this.#environment = environment;
    this.#device = device;
    this.#events = events;
    const name = userDbName(environment.databasePrefix, me.id, me.generation);
    this.db = new UserDb(name, (outcome) => this.#stored(name, outcome));
    this.#tabs = new TabChannel(environment, name);
    this.#locks = new TabLocks(environment, this.db, this.#tabs.tab);
    this.signer = new DeviceSigner({
      user: me.id,
      store: device,
      subtle: environment.subtle,
      api,
      random: environment.random,
      changed: () => this.#signingChanged()
    });
    this.outbox = new Outbox(this.db, this.#tabs.tab, this.signer, (room) => this.#tabs.post({ type: 'outbox', room }));
    this.list = new RoomList(this.db, (room) => this.#tabs.post({ type: 'room', room }));
    this.profiles = new Profiles({
      ...{ db: this.db, api, now: environment.now },
      learn: (people) => events.learnPeople(people),
      absent: (ids) => events.absentPeople(ids)
    });
    this.devices = new DeviceDirectory(this.db, api);
    this.blocked = new BlockedPeople(this.db, api, (users) => events.blocked(users));
    this.#sealed = new SealedPages(this.db, api, {
      now: () => this.serverNow(),
      fleeting: (ref, until) => this.#expiry.note(ref, until)
    });
    this.#expiry = new ExpiryWatch({
      ...{ db: this.db, list: this.list, sealed: this.#sealed },
      now: () => this.serverNow(),
      isOpen: (room) => this.#rooms.has(room)
    });
    this.#api = api;
    this.finder = new MessageFinder({
      api,
      db: this.db,
      sealed: this.#sealed,
      outbox: this.outbox,
      lineUp: () => this.mux.up,
      open: (room) => this.open(room)
    });
    this.mux = new MuxSocket({
      url: `${environment.origin.replace(/^http/, 'ws')}/sync`,
      environment,
      position: () => ({ generation: me.generation, cursor: this.#cursor }),
      events: {
        hello: (hello) => this.#hello(hello),
        up: () => this.#up(),
        down: () => {
          this.scheduled.lineDown();
          events.lineDown();
        },
        control: (message) => this.#control(message),
        refused: (code, ended) => events.refused(code, ended)
      }
    });
    const personalDb = personalDbName(name);
    this.#personal = new PersonalReplica(personalDb, this.mux, {
      draftsElsewhere: (rooms) => this.#drafts.changed(rooms),
      changed: (root, keys) => {
        if (root === 'stars') events.stars();
        else if (root === 'threads') this.#threadMarks.heard(keys);
        else this.marks.heard(root, keys);
        if (root === 'preferences') events.privacy(this.privacy);
        if (root === 'preferences') events.density(this.density);
      },
      stored: (outcome) => this.#stored(personalDb, outcome),
      tooLarge: (tooLarge) => {
        this.#ownTooLarge = tooLarge;
        this.#tellStorage();
      }
    });
    this.stars = new Stars(this.#personal, () => this.serverNow());
    this.marks = new RoomMarks(this.#personal, (rooms) => events.marks(rooms));
    this.unread = new UnreadCounts(this.list, this.marks, (room, n) => this.markRead(room, n));
    this.#threadMarks = new ThreadMarks(this.#personal, () => events.threadsRead());
    this.#drafts = new Drafts({
      db: this.db,
      personal: this.#personal,
      now: () => this.serverNow(),
      typed: (room, text) => this.#tabs.post({ type: 'draft', room, text }),
      elsewhere: (room, text) => events.draftElsewhere(room, text)
    });
    this.scheduled = new ScheduledMessages({
      ...{ db: this.db, api, signer: this.signer },
      now: () => this.serverNow(),
      leads: () => this.#leader.leads,
      deliver: async (room, entry) => {
        const row = this.list.get(room);
        await this.hold(this.outbox.add(room, entry, row?.head ?? row?.summary?.head ?? 0));
      },
      announce: () => this.#tabs.post({ type: 'scheduled' }),
      changed: () => events.scheduled(),
      tooLate: (room) => events.sentAlready(room)
    });
    this.receipts = new Receipts({
      db: this.db,
      ask: (rooms) => {
        if (this.mux.up) this.mux.sendControl({ type: 'receipts', rooms: [...rooms] });
      }
    });
    this.#storedReports = new StoredReports({
      stored: () => this.list.stored(),
      mayTell: () => this.mux.up && this.#leader.leads,
      now: environment.now,
      send: (rooms) => this.mux.sendControl({ type: 'stored', rooms: [...rooms] })
    });
    this.#leader = new Leader(this.#tabs, this.#locks, () => this.#leadershipChanged());
    this.#background = new BackgroundSync({
      mux: this.mux,
      list: this.list,
      outbox: this.outbox,
      leads: () => this.#leader.leads,
      sendsFor: (tab) => this.#leader.sendsFor(tab),
      open: (room) => this.open(room),
      busy: (busy) => events.busy(busy),
      fetched: (room, replica) => events.fetched(room, replica)
    });
    this.#tabs.listen((message) => this.#hear(message));
    this.outbox.listen(() => this.#background.check());
    this.list.listen((changed) => {
      this.#background.check();
      for (const room of changed) {
        const summary = this.list.summary(room);
        if (summary) this.marks.bringBack(summary);
      }
      this.#storedReports.check();
    });
  }

  /** Reads what is on disk. Never throws: without a disk the chat works, and says that it keeps nothing. */
  async load(): Promise<void> {
    try {
      await this.#device?.rememberDatabase(this.db.name, this.me.id);
      await this.#device?.rememberDatabase(personalDbName(this.db.name), this.me.id);
      if (this.#device)
        await adoptOlderGenerations({
          prefix: this.#environment.databasePrefix,
          user: this.me.id,
          current: this.db,
          device: this.#device,
          tab: this.#tabs.tab
        });
      await this.#sealed.start();
      const [outbox, list] = [this.outbox.load(), this.list.load()];
      await Promise.all([this.signer.load(), outbox, list, this.profiles.load(), this.blocked.load()]);
      this.#cursor = (await this.db.meta<number>(CURSOR)) ?? null;
      this.#offsetMs = (await this.db.meta<number>(CLOCK_OFFSET)) ?? 0;
      await this.#personal.load();
      this.#events.privacy(this.privacy);
      this.#events.density(this.density);
      await this.#drafts.load();
      await this.scheduled.load();
      await this.#expiry.load();
    } catch (error) {
      this.#stored(this.db.name, { ok: false, failure: storageFailure(error) });
    }
  }

  start(): void {
    if (this.#closed) return;
    this.mux.start();
    this.#personal.start();
    this.#leader.start();
  }

  /** Of all tabs of this browser this one does what one does for all. */
  get leads(): boolean {
    return this.#leader.leads;
  }

  /** The room's replica, shared by all who ask for it. */
  open(room: string): OpenRoom {
    let open = this.#rooms.get(room);
    if (!open) this.#rooms.set(room, (open = { replica: new RoomReplica(room, this.#shared()), holders: 0 }));
    const held = open;
    held.holders += 1;
    let released = false;
    return {
      replica: held.replica,
      release: async () => {
        if (released) return;
        released = true;
        held.holders -= 1;
        if (held.holders > 0) return;
        this.#rooms.delete(room);
        await held.replica.close();
      }
    };
  }

  /** The clock of a room's `sentAt`. */
  clock(room: string): HybridClock {
    let clock = this.#clocks.get(room);
    if (!clock) {
      clock = new HybridClock(this.#environment.now);
      clock.setServerTime(this.#environment.now() + this.#offsetMs);
      this.#clocks.set(room, clock);
    }
    return clock;
  }

  draft(room: string): string {
    return this.#drafts.draft(room);
  }

  /** Epoch ms of the newest arrival in a thread that this person has seen; null: none is kept. */
  threadSeen(root: string): number | null {
    return this.#threadMarks.seen(root);
  }
  setThreadSeen(room: string, root: string, at: number): void {
    this.#threadMarks.set(room, root, at);
  }

  /** What is kept of the threads of a room is on disk. */
  announceThreads(room: string): void {
    this.#tabs.post({ type: 'threads', room });
  }

  async setDraft(room: string, text: string): Promise<void> {
    await this.#drafts.set(room, text);
  }

  /** What was typed goes to the person's other devices now, and not when the keys have rested. */
  settleDrafts(): Promise<void> {
    return this.#drafts.settle();
  }

  get density(): Density {
    return readDensity(this.#personal.get('preferences', DENSITY));
  }

  async setDensity(density: Density): Promise<void> {
    await this.#personal.set('preferences', DENSITY, density);
  }

  /** The person is at this device, or away from it; said anew with each line. */
  setPresent(status: 'here' | 'away'): void {
    this.#present = status;
    if (this.mux.up) this.mux.sendControl({ type: 'present', status });
  }

  /** Whose presence is wanted from now on, as long as this line lasts. */
  watchPeople(users: readonly string[]): void {
    if (this.mux.up) this.mux.sendControl({ type: 'watch', users: users.filter(isUserId) });
  }

  get privacy(): Privacy {
    return readPrivacy((key) => this.#personal.get('preferences', key));
  }

  /** Stands at once, offline too; resolves once it is on disk, or could not be put there. */
  async setPrivacy(key: PrivacyKey, shared: boolean): Promise<void> {
    await this.#personal.set('preferences', key, shared);
  }

  /** The person has read the room up to n; told to the server now or when there is a line. */
  async markRead(room: string, n: number): Promise<void> {
    if (!(await this.list.markRead(room, n))) return;
    this.#tellRead(room, n);
    this.#tabs.post({ type: 'read', room, n });
  }

  #tellRead(room: string, n: number): void {
    // The server knows of a choice only once that has been synced, which may be later than this.
    this.mux.sendControl({ type: 'read', room, n, ...(!this.privacy.readReceipts && { quiet: true }) });
  }

  /** This tab tells of what came in a room or a thread, for all of them. */
  announceTold(of: string, place: number): void {
    this.#tabs.post({ type: 'told', of, place });
  }

  /** Other tabs follow what this one did to the session. */
  announceSession(): void {
    this.#tabs.post({ type: 'session' });
  }

  /** What the person writes: it is on this device's disk before this client lets go of it. */
  hold<Value>(writing: Promise<Value>): Promise<Value> {
    this.#held.add(writing);
    const done = (): void => void this.#held.delete(writing);
    writing.then(done, done);
    return writing;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.mux.stop();
    await Promise.allSettled(this.#held);
    this.#leader.close();
    this.#storedReports.close();
    this.#background.close();
    this.profiles.close();
    this.blocked.close();
    this.signer.close();
    const rooms = [...this.#rooms.values()];
    this.#rooms.clear();
    await this.#drafts.close();
    await this.#expiry.close();
    await this.scheduled.close();
    await Promise.all([this.#personal.close(), ...rooms.map(({ replica }) => replica.close())]);
    this.#tabs.close();
    this.db.close();
  }

  #shared(): RoomShared {
    return {
      me: this.me.id,
      database: this.db.name,
      mux: this.mux,
      tabs: this.#tabs,
      locks: this.#locks,
      outbox: this.outbox,
      signer: this.signer,
      list: this.list,
      sealed: this.#sealed,
      lookUp: async (room) => {
        const answer = await this.#api.get<RoomInfo>(`/api/rooms/${room}`);
        if (answer.ok) return { kind: 'open', summary: answer.value };
        const why = CLOSINGS[answer.code];
        return why === undefined ? { kind: 'offline' } : { kind: 'closed', why };
      },
      clock: (room) => this.clock(room),
      sendsFor: (tab) => this.#leader.sendsFor(tab),
      fleeting: (ref, until) => this.#expiry.note(ref, until),
      rememberDatabase: (name) => {
        this.#device?.rememberDatabase(name, this.me.id).catch(() => undefined);
      },
      stored: (database, outcome) => this.#stored(database, outcome)
    };
  }

  /** Epoch ms by the server's clock, as far as it is known. */
  serverNow(): number {
    return this.#environment.now() + this.#offsetMs;
  }

  #hello(hello: Hello): boolean {
    if (hello.user.id !== this.me.id) {
      // Somebody else signed in with this browser's cookie.
      this.#events.stranger();
      return false;
    }
    if (hello.generation !== this.me.generation) {
      this.#events.generation(hello.generation);
      return false;
    }
    this.#offsetMs = hello.serverTimeMs - this.#environment.now();
    for (const clock of this.#clocks.values()) clock.setServerTime(hello.serverTimeMs);
    void this.db.putMeta(CLOCK_OFFSET, this.#offsetMs);
    this.#events.account({ ...hello.user, generation: hello.generation });
    void this.list.replace(hello.rooms, (room) => this.outbox.of(room).length > 0);
    void this.#pagesChanged(hello.changedPages, hello.cursor);
    return true;
  }

  #up(): void {
    this.#events.lineUp();
    this.#tabs.post({ type: 'line' });
    for (const row of this.list.untold()) {
      this.#tellRead(row.room, row.n);
    }
    this.profiles.lineUp();
    void this.blocked.lineUp();
    void this.signer.register();
    void this.#sealed.refresh();
    this.#background.lineUp();
    this.scheduled.lineUp();
    if (this.#present) this.setPresent(this.#present);
    this.receipts.lineUp();
    this.#storedReports.lineUp();
  }

  #control(message: Exclude<ServerMessage, { type: 'hello' }>): void {
    switch (message.type) {
      case 'rooms': {
        const news = message.changed.map((after) => newsOf(this.list.summary(after.id), after, this.me.id));
        void this.list.change(message.changed, message.gone);
        for (const one of news) if (one) this.#events.news(one);
        return;
      }
      case 'pages':
        void this.#pagesChanged(message.changed, message.cursor);
        return;
      case 'read':
        void this.list.readElsewhere(message.room, message.n, message.unread);
        return;
      case 'refused':
        if (this.#rooms.has(message.room))
          void this.#rooms.get(message.room)!.replica.refused(message.id, message.code);
        else void this.#refusedUnopened(message.room, message.id, message.code);
        return;
      case 'scheduled':
        this.scheduled.wake();
        return;
      case 'receipts':
      case 'receipt-counts':
        this.receipts.take(message);
        return;
      case 'presence':
        this.#events.presence(message.people);
        return;
      case 'people':
        void this.profiles.changed(message.changed);
        return;
      case 'revoked':
        this.mux.stop();
        this.#events.refused(CLOSE.signedOut, message.cause ?? null);
    }
  }

  async #pagesChanged(
    changed: readonly { readonly room: string; readonly page: number; readonly revision: number }[],
    cursor: number
  ): Promise<void> {
    for (const { room, page, revision } of changed) {
      await this.#sealed.markChanged({ room, page }, revision).catch(() => undefined);
      await this.#rooms.get(room)?.replica.pageChanged(page);
    }
    // Only now: a crash before asks the server for the same changes again.
    this.#cursor = cursor;
    await this.db.putMeta(CURSOR, cursor);
    if (this.mux.up && !this.#closed) await this.#sealed.refresh();
  }

  /** The room was closed since: what may be taken at another try goes out when it is opened next. */
  async #refusedUnopened(room: string, id: string, code: RefusalCode): Promise<void> {
    if (code === 'sealed') return;
    if (code === 'no-change') return this.outbox.remove(room, [id]);
    if (isOfSigning(code) && (await this.signer.refused(id))) return this.#background.lineUp();
    await this.outbox.fail(room, id, code);
  }

  #signingChanged(): void {
    for (const { replica } of this.#rooms.values()) replica.wake();
    this.scheduled.wake();
    this.#background.check();
  }

  #leadershipChanged(): void {
    this.#storedReports.check();
    for (const { replica } of this.#rooms.values()) replica.wake();
    this.scheduled.wake();
    this.#background.check();
  }

  #hear(message: TabMessage): void {
    switch (message.type) {
      case 'outbox':
        void this.outbox.reload(message.room);
        return;
      case 'room':
        void this.list.reload(message.room);
        return;
      case 'draft':
        this.#drafts.heard(message.room, message.text);
        this.#events.draftElsewhere(message.room, message.text);
        return;
      case 'read':
        void this.list.markRead(message.room, message.n);
        return;
      case 'told':
        this.#events.toldElsewhere(message.of, message.place);
        return;
      case 'line':
        if (!this.mux.up) this.mux.wake();
        return;
      case 'threads':
        this.#events.threadsElsewhere(message.room);
        return;
      case 'scheduled':
        void this.scheduled.reload();
        return;
      case 'session':
        this.#events.sessionElsewhere();
        return;
      case 'rebuilt':
      case 'who':
      case 'here':
    }
  }

  #stored(source: string, outcome: Stored): void {
    const before = this.#failures.size;
    if (outcome.ok) this.#failures.delete(source);
    else this.#failures.set(source, outcome.failure);
    if (this.#failures.size === before && outcome.ok) return;
    this.#tellStorage();
  }

  #tellStorage(): void {
    const [failure] = this.#failures.values();
    const words = failure === undefined ? null : storageWords(failure);
    this.#events.storageProblem(words ?? (this.#ownTooLarge ? OWN_TOO_LARGE : null));
  }
}
