// All copies of rooms on this device: the rooms that are open, sealed pages, those that nobody looks at and are fetched in
// the background, and those that one is not in. Invariant: what was erased or has disappeared goes from each of them, and
// the server is told of no more than is on the disk.

import type { Environment } from '../environment.ts';
import type { DeviceSigner } from '../proof/device-signer.ts';
import type { ApiClient } from '../session/api-client.ts';
import type { Stored } from '../storage/storage-failure.ts';
import type { UserDb } from '../storage/user-db.ts';
import { BackgroundSync } from './background-sync.ts';
import type { DeviceFiles } from './device-files.ts';
import { ExpiryWatch } from './expiry-watch.ts';
import type { Leader } from './leader.ts';
import { MessageFinder } from './message-finder.ts';
import type { MuxSocket } from './mux-socket.ts';
import { OpenRooms } from './open-rooms.ts';
import type { Outbox } from './outbox.ts';
import type { Profiles } from './profiles.ts';
import type { RoomList } from './room-list.ts';
import { lookUpRoom } from './room-look-up.ts';
import type { RoomShared } from './room-shared.ts';
import { SealedPages } from './sealed-pages.ts';
import type { ServerTime } from './server-clock.ts';
import { StoredReports } from './stored-reports.ts';
import type { SyncEvents } from './sync-events.ts';
import type { TabChannel } from './tab-channel.ts';
import type { TabLocks } from './tab-lock.ts';
import { VisitedRooms } from './visited-rooms.ts';

export interface RoomCopiesOptions {
  readonly me: string;
  readonly environment: Pick<Environment, 'now'>;
  readonly api: ApiClient;
  readonly db: UserDb;
  readonly mux: MuxSocket;
  readonly tabs: TabChannel;
  readonly locks: TabLocks;
  readonly leader: Leader;
  readonly time: ServerTime;
  readonly outbox: Outbox;
  readonly signer: DeviceSigner;
  readonly list: RoomList;
  readonly files: DeviceFiles;
  readonly profiles: Pick<Profiles, 'meet'>;
  readonly events: Pick<SyncEvents, 'busy' | 'fetched'>;
  readonly rememberDatabase: (name: string) => void;
  readonly stored: (database: string, outcome: Stored) => void;
}

export class RoomCopies {
  readonly #options: RoomCopiesOptions;
  /** Those that are open in this tab. */
  readonly rooms: OpenRooms;
  readonly sealed: SealedPages;
  readonly background: BackgroundSync;
  /** Messages by their ids. */
  readonly finder: MessageFinder;
  readonly #visited: VisitedRooms;
  readonly #expiry: ExpiryWatch;
  readonly #storedReports: StoredReports;
  #closed = false;

  constructor(options: RoomCopiesOptions) {
    this.#options = options;
    const { api, db, environment, events, files, leader, list, mux, outbox, profiles, time } = options;
    const isOpen = (room: string): boolean => this.rooms.get(room) !== undefined;
    const sealed = (this.sealed = new SealedPages(db, api, {
      time,
      fleeting: (ref, until) => this.#expiry.note(ref, until),
      erased: (room, entries) => files.kept.erased(room, entries)
    }));
    this.#expiry = new ExpiryWatch({ db, list, sealed, time, isOpen });
    this.rooms = new OpenRooms({
      ...{ now: environment.now, time },
      shared: () => this.#shared(),
      meet: (users) => profiles.meet(users)
    });
    this.finder = new MessageFinder({
      ...{ api, db, sealed, outbox },
      lineUp: () => mux.up,
      open: (room) => this.rooms.open(room)
    });
    this.#visited = new VisitedRooms({
      ...{ database: db.name, list, sealed, files: files.kept, isOpen },
      lookUp: (room) => lookUpRoom(api, room),
      mayAsk: () => mux.up && leader.leads && !this.#closed,
      changed: () => this.background.check()
    });
    this.background = new BackgroundSync({
      ...{ mux, list, outbox, visited: this.#visited },
      leads: () => leader.leads,
      sendsFor: (tab) => leader.sendsFor(tab),
      ready: (entry) => files.uploads.ready(entry),
      open: (room) => this.rooms.open(room),
      busy: (busy) => events.busy(busy),
      fetched: (room, replica) => events.fetched(room, replica)
    });
    this.#storedReports = new StoredReports({
      stored: () => list.stored(),
      mayTell: () => mux.up && leader.leads,
      now: environment.now,
      send: (rooms) => mux.sendControl({ type: 'stored', rooms: [...rooms] })
    });
    outbox.listen(() => this.background.check());
    list.listen(() => {
      this.background.check();
      this.#storedReports.check();
    });
  }

  /** Which pages are to be fetched anew. */
  async load(): Promise<void> {
    await this.sealed.start();
  }

  /** Takes away what fell due while nobody was here; after the list of rooms. */
  async loadTimes(): Promise<void> {
    await this.#expiry.load();
  }

  lineUp(): void {
    void this.sealed.refresh();
    this.background.lineUp();
    this.#visited.lineUp();
    this.#storedReports.lineUp();
  }

  /** @param wasAhead so far the server's time was taken to be later */
  timeHeard(serverTimeMs: number, wasAhead: boolean): void {
    this.#expiry.timeHeard();
    this.rooms.timeHeard(serverTimeMs, wasAhead);
  }

  /** This tab may be the one that asks and tells for all by now. */
  leadershipChanged(): void {
    this.#storedReports.check();
    this.#visited.check();
  }

  /** What waits in a room may go out. */
  wake(): void {
    this.rooms.wake();
    this.background.check();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#storedReports.close();
    this.background.close();
    await this.#expiry.close();
    await this.rooms.close();
  }

  #shared(): RoomShared {
    const { me, db, mux, tabs, locks, outbox, signer, list, files, api, time, leader, rememberDatabase, stored } =
      this.#options;
    return {
      ...{ me, database: db.name, mux, tabs, locks, outbox, signer, list, time, rememberDatabase, stored },
      sealed: this.sealed,
      uploads: files.uploads,
      lookUp: (room) => lookUpRoom(api, room),
      clock: (room) => this.rooms.clock(room),
      sendsFor: (tab) => leader.sendsFor(tab),
      fleeting: (ref, until) => this.#expiry.note(ref, until),
      erased: (room, entries) => files.kept.erased(room, entries)
    };
  }
}
