// What the person's own document says, by what it is about. Invariant: whatever changed it, here or on another device, is
// told where it concerns.

import type { PersonalRoot } from '#protocol/personal.ts';
import type { Stored } from '../storage/storage-failure.ts';
import type { UserDb } from '../storage/user-db.ts';
import { Drafts, type DraftsOptions } from './drafts.ts';
import type { MuxSocket } from './mux-socket.ts';
import { OwnPreferences } from './own-preferences.ts';
import { PersonalReplica } from './personal-replica.ts';
import { RoomMarks } from './room-marks.ts';
import { Stars } from './stars.ts';
import type { SyncEvents } from './sync-events.ts';
import { ThreadMarks } from './thread-marks.ts';

type OwnEvents = Pick<
  SyncEvents,
  'stars' | 'marks' | 'threadsRead' | 'privacy' | 'density' | 'linkPreviews' | 'draftElsewhere'
>;

export interface OwnDocumentOptions {
  readonly database: string;
  /** Where drafts lie until they move into the document. */
  readonly db: UserDb;
  readonly mux: MuxSocket;
  /** Epoch ms by the server's clock. */
  readonly now: () => number;
  readonly events: OwnEvents;
  /** This tab has typed a draft of a room, or of what is in it. */
  readonly typed: DraftsOptions['typed'];
  readonly stored: (outcome: Stored) => void;
  readonly tooLarge: (tooLarge: boolean) => void;
}

export class OwnDocument {
  readonly #replica: PersonalReplica;
  readonly drafts: Drafts;
  readonly preferences: OwnPreferences;
  readonly stars: Stars;
  readonly marks: RoomMarks;
  readonly threadMarks: ThreadMarks;
  readonly #events: OwnEvents;

  constructor({ database, db, mux, now, events, typed, stored, tooLarge }: OwnDocumentOptions) {
    this.#events = events;
    const replica = (this.#replica = new PersonalReplica(database, mux, {
      ...{ stored, tooLarge },
      draftsElsewhere: (rooms) => this.drafts.changed(rooms),
      changed: (root, keys) => this.#changed(root, keys)
    }));
    this.drafts = new Drafts({
      ...{ db, personal: replica, now, typed },
      elsewhere: (of, text) => events.draftElsewhere(of, text)
    });
    this.preferences = new OwnPreferences(replica);
    this.stars = new Stars(replica, now);
    this.marks = new RoomMarks(replica, (rooms) => events.marks(rooms));
    this.threadMarks = new ThreadMarks(replica, () => events.threadsRead());
  }

  async load(): Promise<void> {
    await this.#replica.load();
    this.#tellPreferences();
    await this.drafts.load();
  }

  start(): void {
    this.#replica.start();
  }

  async close(): Promise<void> {
    await this.drafts.close();
    await this.#replica.close();
  }

  #changed(root: Exclude<PersonalRoot, 'drafts'>, keys: readonly string[]): void {
    if (root === 'stars') this.#events.stars();
    else if (root === 'threads') this.threadMarks.heard(keys);
    else this.marks.heard(root, keys);
    if (root === 'preferences') this.#tellPreferences();
  }

  #tellPreferences(): void {
    const { privacy, density, linkPreviews } = this.preferences;
    this.#events.privacy(privacy);
    this.#events.density(density);
    this.#events.linkPreviews(linkPreviews);
  }
}
