// Everything of one signed-in person on this device: line, rooms, outbox, names, tabs. Built at sign-in, closed at
// sign-out and replaced when the server's data have another generation.
// Invariant: what is on disk is read before the line is started, so a cold start needs no network.

import type { HybridClock } from '#protocol/clock.ts';
import type { Me } from '#protocol/api/session.ts';
import type { Environment } from '../environment.ts';
import type { ApiClient } from '../session/api-client.ts';
import type { DeviceDb } from '../storage/device-db.ts';
import { measureRoom } from '../storage/full-words.ts';
import { storageFailure } from '../storage/storage-failure.ts';
import type { BlobDb } from '../storage/blob-db.ts';
import { personalDbName, UserDb, userDbName } from '../storage/user-db.ts';
import { Leader } from './leader.ts';
import type { Hello, MuxSocket } from './mux-socket.ts';
import { Profiles } from './profiles.ts';
import { DeviceDirectory } from './device-directory.ts';
import { BlockedPeople } from './blocked-people.ts';
import { adoptOlderGenerations } from './older-generation.ts';
import type { MessageFinder } from './message-finder.ts';
import type { ComposedFiles } from './composed-files.ts';
import { DeviceFiles } from './device-files.ts';
import type { FileSettings } from './file-settings.ts';
import type { Files } from './files.ts';
import type { WantedFiles } from './wanted-files.ts';
import type { OpenRoom } from './open-rooms.ts';
import { Outbox } from './outbox.ts';
import { OwnDocument } from './own-document.ts';
import type { OwnPreferences } from './own-preferences.ts';
import { ReadReports } from './read-reports.ts';
import { Receipts } from './receipts.ts';
import { ServerLine } from './server-line.ts';
import { ServerClock } from './server-clock.ts';
import { ServerMessages } from './server-messages.ts';
import { RoomCopies } from './room-copies.ts';
import { RoomList } from './room-list.ts';
import type { Stars } from './stars.ts';
import type { RoomMarks } from './room-marks.ts';
import { ScheduledMessages } from './scheduled-messages.ts';
import { SentWhenClosed } from './sent-when-closed.ts';
import { StorageTroubles } from './storage-troubles.ts';
import type { SyncEvents } from './sync-events.ts';
import { TabChannel } from './tab-channel.ts';
import { TabMessages } from './tab-messages.ts';
import { TabLocks } from './tab-lock.ts';
import { UnfinishedWrites } from './unfinished-writes.ts';
import { UnreadCounts } from './unread-counts.ts';
import type { Uploads } from './uploads.ts';
import { DeviceSigner } from '../proof/device-signer.ts';

export class SyncClient {
  readonly me: Me;
  readonly db: UserDb;
  /** Bytes of files. */
  readonly blobs: BlobDb;
  readonly uploads: Uploads;
  readonly files: Files;
  readonly wantedFiles: WantedFiles;
  readonly composedFiles: ComposedFiles;
  readonly fileSettings: FileSettings;
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
  readonly #environment: Environment;
  readonly #device: DeviceDb | null;
  readonly #tabs: TabChannel;
  readonly #locks: TabLocks;
  readonly #leader: Leader;
  readonly #copies: RoomCopies;
  readonly #troubles: StorageTroubles;
  readonly #fromServer: ServerMessages;
  readonly #time: ServerClock;
  readonly #line: ServerLine;
  readonly #writes = new UnfinishedWrites();
  readonly #deviceFiles: DeviceFiles;
  readonly #own: OwnDocument;
  readonly #readReports: ReadReports;
  readonly #sentWhenClosed: SentWhenClosed;
  readonly preferences: OwnPreferences;
  #closed = false;

  constructor(me: Me, environment: Environment, api: ApiClient, device: DeviceDb | null, events: SyncEvents) {
    this.me = me;
    this.#environment = environment;
    this.#time = new ServerClock(environment.now);
    this.#device = device;
    this.#troubles = new StorageTroubles((words) => events.storageProblem(words), measureRoom(environment.storage));
    const name = userDbName(environment.databasePrefix, me.id, me.generation);
    this.db = new UserDb(name, (outcome) => this.#troubles.stored(name, outcome));
    this.#tabs = new TabChannel(environment, name);
    this.#locks = new TabLocks(environment, this.db, this.#tabs.tab);
    this.#leader = new Leader(this.#tabs, this.#locks, () => this.#leadershipChanged());
    this.#line = new ServerLine({
      ...{ me, environment, db: this.db, time: this.#time, events },
      cursor: () => this.#fromServer.cursor,
      parts: {
        hello: (hello, wasAhead) => this.#hello(hello, wasAhead),
        up: () => this.#up(),
        down: () => {
          this.scheduled.lineDown();
          this.uploads.lineDown();
          this.#sentWhenClosed.lineDown();
        },
        control: (message) => this.#fromServer.take(message)
      }
    });
    this.mux = this.#line.mux;
    this.signer = new DeviceSigner({
      user: me.id,
      store: device,
      subtle: environment.subtle,
      api,
      random: environment.random,
      changed: () => this.#sendWaiting()
    });
    const changed = (room: string): void => this.#tabs.post({ type: 'outbox', room });
    this.outbox = new Outbox(this.db, this.#tabs.tab, this.signer, changed, environment.now);
    this.#sentWhenClosed = new SentWhenClosed(this.outbox, environment);
    const files = (this.#deviceFiles = new DeviceFiles({
      ...{ environment, db: this.db, outbox: this.outbox, tabs: this.#tabs },
      scheduled: {
        waiting: () => this.scheduled.waiting(),
        fail: (room, id, code) => this.scheduled.fail(room, id, code)
      },
      isUp: () => this.mux.up,
      leads: () => this.#leader.leads,
      ready: () => this.#sendWaiting()
    }));
    this.blobs = files.blobs;
    this.uploads = files.uploads;
    this.files = files.kept;
    this.wantedFiles = files.wanted;
    this.composedFiles = files.composed;
    this.fileSettings = files.settings;
    this.list = new RoomList(this.db, this.#time, (room) => this.#tabs.post({ type: 'room', room }));
    this.profiles = new Profiles({
      ...{ db: this.db, api, now: environment.now },
      learn: (people) => events.learnPeople(people),
      absent: (ids) => events.absentPeople(ids)
    });
    this.devices = new DeviceDirectory(this.db, api);
    this.blocked = new BlockedPeople(this.db, api, (users) => events.blocked(users));
    const copies = (this.#copies = new RoomCopies({
      ...{ me: me.id, environment, api, db: this.db, mux: this.mux, tabs: this.#tabs, locks: this.#locks },
      ...{ leader: this.#leader, time: this.#time, outbox: this.outbox, signer: this.signer, list: this.list },
      ...{ files, profiles: this.profiles, events },
      rememberDatabase: (database) => void device?.rememberDatabase(database, me.id).catch(() => undefined),
      stored: (database, outcome) => this.#troubles.stored(database, outcome)
    }));
    this.finder = copies.finder;
    const personalDb = personalDbName(name);
    const own = (this.#own = new OwnDocument({
      ...{ database: personalDb, db: this.db, mux: this.mux, now: () => this.serverNow(), events },
      typed: (room, text, was) => this.#tabs.post({ type: 'draft', room, text, was }),
      stored: (outcome) => this.#troubles.stored(personalDb, outcome),
      tooLarge: (tooLarge) => this.#troubles.ownTooLarge(tooLarge)
    }));
    this.preferences = own.preferences;
    this.stars = own.stars;
    this.marks = own.marks;
    this.#readReports = new ReadReports({
      ...{ list: this.list, mux: this.mux, tabs: this.#tabs, preferences: own.preferences }
    });
    this.unread = new UnreadCounts(this.list, own.marks, (room, n) => this.markRead(room, n));
    this.scheduled = new ScheduledMessages({
      ...{ db: this.db, api, signer: this.signer },
      now: () => this.serverNow(),
      leads: () => this.#leader.leads,
      deliver: async (room, entry) => {
        const row = this.list.get(room);
        await this.hold(this.outbox.add(room, entry, row?.head ?? row?.summary?.head ?? 0));
      },
      announce: () => this.#tabs.post({ type: 'scheduled' }),
      changed: () => {
        events.scheduled();
        this.uploads.check();
      },
      files: {
        ready: (entry) => this.uploads.ready(entry),
        missing: (entry) => this.uploads.missing(entry),
        erase: (room, id) => void this.blobs.erase(room, [id])
      },
      tooLate: (room) => events.sentAlready(room)
    });
    this.receipts = new Receipts({
      db: this.db,
      ask: (rooms) => {
        if (this.mux.up) this.mux.sendControl({ type: 'receipts', rooms: [...rooms] });
      }
    });
    this.#fromServer = new ServerMessages({
      ...{ me: me.id, db: this.db, mux: this.mux, list: this.list, rooms: copies.rooms, sealed: copies.sealed, events },
      ...{ outbox: this.outbox, signer: this.signer, background: copies.background, files: this.files },
      ...{ scheduled: this.scheduled, receipts: this.receipts, profiles: this.profiles }
    });
    const fromTabs = new TabMessages({
      ...{ outbox: this.outbox, list: this.list, drafts: own.drafts, scheduled: this.scheduled },
      ...{ uploads: this.uploads, composedFiles: this.composedFiles, mux: this.mux, events }
    });
    this.#tabs.listen((message) => fromTabs.take(message));
    this.list.listen((changed) => {
      for (const room of changed) {
        const summary = this.list.summary(room);
        if (summary) this.marks.bringBack(summary);
      }
    });
  }

  /** Reads what is on disk. Never throws: without a disk the chat works, and says that it keeps nothing. */
  async load(): Promise<void> {
    try {
      await this.#time.load(this.db);
      await this.#device?.rememberDatabase(this.db.name, this.me.id);
      await this.#device?.rememberDatabase(personalDbName(this.db.name), this.me.id);
      await this.#device?.rememberDatabase(this.blobs.name, this.me.id);
      if (this.#device)
        await adoptOlderGenerations({
          prefix: this.#environment.databasePrefix,
          user: this.me.id,
          current: this.db,
          blobs: this.blobs,
          device: this.#device,
          tab: this.#tabs.tab
        });
      await this.#copies.load();
      const [outbox, list] = [this.outbox.load(), this.list.load()];
      await Promise.all([this.signer.load(), outbox, list, this.profiles.load(), this.blocked.load()]);
      await this.#fromServer.load();
      await this.#own.load();
      await this.scheduled.load();
      await this.#deviceFiles.load();
      await this.#copies.loadTimes();
    } catch (error) {
      this.#troubles.stored(this.db.name, { ok: false, failure: storageFailure(error) });
    }
  }

  start(): void {
    if (this.#closed) return;
    this.mux.start();
    this.#own.start();
    this.#leader.start();
  }

  /** Of all tabs of this browser this one does what one does for all. */
  get leads(): boolean {
    return this.#leader.leads;
  }

  /** The room's replica, shared by all who ask for it. */
  open(room: string): OpenRoom {
    return this.#copies.rooms.open(room);
  }

  /** The clock of a room's `sentAt`. */
  clock(room: string): HybridClock {
    return this.#copies.rooms.clock(room);
  }

  draft(room: string): string {
    return this.#own.drafts.draft(room);
  }

  /** Epoch ms of the newest arrival in a thread that this person has seen; null: none is kept. */
  threadSeen(root: string): number | null {
    return this.#own.threadMarks.seen(root);
  }
  setThreadSeen(room: string, root: string, at: number): void {
    this.#own.threadMarks.set(room, root, at);
  }

  /** What is kept of the threads of a room is on disk. */
  announceThreads(room: string): void {
    this.#tabs.post({ type: 'threads', room });
  }

  async setDraft(room: string, text: string): Promise<void> {
    await this.#own.drafts.set(room, text);
  }

  /** What was typed goes to the person's other devices now, and not when the keys have rested. */
  settleDrafts(): Promise<void> {
    return this.#own.drafts.settle();
  }

  /** Nobody looks at this window any more: what could still be called back in it goes out. */
  endHolds(): Promise<void> {
    return this.outbox.endHolds((tab) => this.#leader.sendsFor(tab));
  }

  /** The person is at this device, or away from it; said anew with each line. */
  setPresent(status: 'here' | 'away'): void {
    this.#line.setPresent(status);
  }

  /** Whose presence is wanted from now on, as long as this line lasts. */
  watchPeople(users: readonly string[]): void {
    this.#line.watchPeople(users);
  }

  /** The person has read the room up to n; told to the server now or when there is a line. */
  markRead(room: string, n: number): Promise<void> {
    return this.#readReports.read(room, n);
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
    return this.#writes.hold(writing);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.mux.stop();
    await this.#writes.settled();
    this.#leader.close();
    this.#sentWhenClosed.close();
    this.outbox.close();
    this.profiles.close();
    this.blocked.close();
    this.signer.close();
    await this.scheduled.close();
    await this.#deviceFiles.close();
    await Promise.all([this.#own.close(), this.#copies.close()]);
    this.#tabs.close();
    this.blobs.close();
    this.db.close();
  }

  /** Epoch ms by the server's clock, as far as it is known. */
  serverNow(): number {
    return this.#time.now();
  }

  #hello({ rooms, changedPages, cursor, serverTimeMs }: Hello, wasAhead: boolean): void {
    this.#copies.timeHeard(serverTimeMs, wasAhead);
    void this.list.replace(rooms, (room) => this.outbox.of(room).length > 0);
    void this.#fromServer.pagesChanged(changedPages, cursor);
  }

  #up(): void {
    this.#tabs.post({ type: 'line' });
    this.#readReports.lineUp();
    this.profiles.lineUp();
    void this.blocked.lineUp();
    void this.signer.register();
    this.#copies.lineUp();
    this.scheduled.lineUp();
    this.#deviceFiles.lineUp();
    this.receipts.lineUp();
    this.#sentWhenClosed.lineUp();
  }

  /** What waits to be sent, now or later, may go out. */
  #sendWaiting(): void {
    this.#copies.wake();
    this.scheduled.wake();
  }

  #leadershipChanged(): void {
    this.#copies.leadershipChanged();
    this.uploads.check();
    this.#sendWaiting();
  }
}
