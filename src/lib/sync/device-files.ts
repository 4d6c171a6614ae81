// All of files of messages on this device: their bytes, those that go up, come down, are wanted, and stand in composers.

import type { Environment } from '../environment.ts';
import { BlobDb, blobDbName } from '../storage/blob-db.ts';
import { sha256With } from '../storage/blob-hash.ts';
import type { UserDb } from '../storage/user-db.ts';
import { ComposedFiles } from './composed-files.ts';
import { FileSettings } from './file-settings.ts';
import { Files } from './files.ts';
import type { Outbox } from './outbox.ts';
import type { ScheduledMessages } from './scheduled-messages.ts';
import type { TabChannel } from './tab-channel.ts';
import { Tus } from './tus.ts';
import { Uploads } from './uploads.ts';
import { WantedFiles } from './wanted-files.ts';

export interface DeviceFilesOptions {
  readonly environment: Environment;
  readonly db: UserDb;
  readonly outbox: Outbox;
  readonly scheduled: Pick<ScheduledMessages, 'waiting' | 'fail'>;
  readonly tabs: TabChannel;
  /** Whether there is a line. */
  readonly isUp: () => boolean;
  /** Whether this tab does what one tab does for all. */
  readonly leads: () => boolean;
  /** A message that waited for its files may go out. */
  readonly ready: () => void;
}

export class DeviceFiles {
  /** The bytes. */
  readonly blobs: BlobDb;
  readonly uploads: Uploads;
  /** Those that were sent and those that were fetched. */
  readonly kept: Files;
  readonly wanted: WantedFiles;
  readonly composed: ComposedFiles;
  readonly settings: FileSettings;

  constructor({ environment, db, outbox, scheduled, tabs, isUp, leads, ready }: DeviceFilesOptions) {
    const { now, random } = environment;
    const tus = new Tus(environment.fetch, sha256With(environment.subtle));
    this.blobs = new BlobDb(blobDbName(db.name), now);
    this.settings = new FileSettings(db);
    this.uploads = new Uploads({
      ...{ db: this.blobs, outbox, scheduled, tus, now, random, leads, ready },
      announce: (news) => tabs.post(news)
    });
    this.kept = new Files({
      ...{ db: this.blobs, outbox, environment },
      unsent: async () => [...(await db.scheduled()), ...(await db.outbox())].map(({ entry }) => entry),
      keepMost: () => this.settings.keepMost
    });
    this.wanted = new WantedFiles({ db, isUp, fetch: (room, entry, claim) => this.kept.fetch(room, entry, claim) });
    this.composed = new ComposedFiles({
      ...{ db: this.blobs, outbox, tab: tabs.tab },
      isScheduled: async (room, entry) => (await db.scheduled()).some((row) => row.room === room && row.id === entry),
      alive: () => tabs.alive(),
      announce: (news) => tabs.post(news)
    });
  }

  /** After the outbox. */
  async load(): Promise<void> {
    await this.uploads.load();
    await this.composed.load();
    await this.settings.load();
    await this.wanted.load();
  }

  lineUp(): void {
    this.uploads.lineUp();
    void this.wanted.lineUp();
  }

  /** But for the bytes, which others may ask for until they are closed, too. */
  async close(): Promise<void> {
    await this.uploads.close();
    this.composed.close();
  }
}
