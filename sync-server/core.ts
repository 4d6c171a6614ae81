// What the server and the command line both stand on: the store, the rooms and the accounts in one data folder.

import { randomBytes } from 'node:crypto';
import type { AdminSettings } from '#protocol/api/admin.ts';
import type { PageRef, UserId } from '#protocol/ids.ts';
import { reportsOfRoom } from './accounts/account-keys.ts';
import { AccountActs } from './accounts/account-acts.ts';
import { Accounts } from './accounts/accounts.ts';
import { AuditLog } from './accounts/audit-log.ts';
import { DeviceKeys } from './accounts/device-keys.ts';
import { Avatars } from './accounts/avatars.ts';
import { BlobFolder } from './blobs/blob-folder.ts';
import { Blobs } from './blobs/blobs.ts';
import { Uploads, type FileLimits } from './blobs/uploads.ts';
import { BlockedPeople } from './accounts/blocked.ts';
import { DirectReports } from './accounts/direct-reports.ts';
import { Invitations } from './accounts/invitations.ts';
import { Passkeys } from './accounts/passkeys.ts';
import { LastSeen } from './accounts/last-seen.ts';
import { PasswordHasher } from './accounts/password-hasher.ts';
import { Recovery } from './accounts/recovery.ts';
import { Reports } from './accounts/reports.ts';
import { Sessions } from './accounts/sessions.ts';
import { SetUp } from './accounts/set-up.ts';
import { DEFAULT_SETTINGS, Settings } from './accounts/settings.ts';
import { RateLimit, type Rate } from './accounts/rate-limit.ts';
import { DEFAULT_FILE_LIMITS, DEFAULT_LIMITS } from './config.ts';
import { PersonalDocuments } from './personal/personal-documents.ts';
import { PrivacyChoices } from './personal/privacy-choices.ts';
import { PushSubscriptions } from './push/push-subscriptions.ts';
import { RoomCensus } from './rooms/room-census.ts';
import type { RoomService } from './rooms/room-service.ts';
import { Rooms } from './rooms/rooms.ts';
import { scheduledBlobs } from './scheduled/scheduled-blobs.ts';
import { ScheduledEntries } from './scheduled/scheduled-entries.ts';
import { ServerPolicy } from './server-policy.ts';
import { systemTimers, type Timers } from './timers.ts';
import type { Store } from './store/store.ts';

export interface CoreOptions {
  readonly store: Store;
  /** Where files of messages are kept. */
  readonly dataDir: string;
  readonly fileLimits?: FileLimits;
  /** What holds until an administrator sets it. */
  readonly defaults?: AdminSettings;
  /** What the server calls itself. */
  readonly serverName?: string;
  /** Rooms that one person makes. */
  readonly roomsPerPerson?: Rate;
  /** Epoch ms. */
  readonly now: () => number;
  /** By default one at the cost that people's passwords deserve. */
  readonly hasher?: PasswordHasher;
  /** Failure of a room in the background. */
  readonly report: (error: unknown, room?: string) => void;
  /** The store is an older copy of what this person's client has seen, and has a new generation now. */
  readonly onNewGeneration: (seen: PageRef, by: UserId) => void;
}

export interface Core {
  readonly store: Store;
  readonly rooms: RoomService;
  readonly accounts: Accounts;
  readonly devices: DeviceKeys;
  readonly sessions: Sessions;
  readonly recovery: Recovery;
  readonly passkeys: Passkeys;
  readonly avatars: Avatars;
  readonly acts: AccountActs;
  readonly setUp: SetUp;
  readonly invitations: Invitations;
  readonly hasher: PasswordHasher;
  readonly settings: Settings;
  readonly audit: AuditLog;
  readonly reports: Reports;
  readonly directReports: DirectReports;
  readonly blocked: BlockedPeople;
  readonly personal: PersonalDocuments;
  readonly privacy: PrivacyChoices;
  readonly lastSeen: LastSeen;
  readonly pushSubscriptions: PushSubscriptions;
  readonly scheduled: ScheduledEntries;
  readonly census: RoomCensus;
  readonly blobs: Blobs;
  readonly blobFolder: BlobFolder;
  readonly uploads: Uploads;
  close(): Promise<void>;
}

/** Whether entries of people at a browser must be signed: no device of this version leaves it out. */
const PEOPLE_SIGN = true;

/** Takes the store over: `close` closes it. Rejects with StoreError. */
export async function openCore(options: CoreOptions): Promise<Core> {
  const { store, now, report, onNewGeneration } = options;
  const { kv } = store;
  const audit = await AuditLog.open(kv, now);
  const settings = await Settings.open({ kv, audit, defaults: options.defaults ?? DEFAULT_SETTINGS });
  const hasher = options.hasher ?? new PasswordHasher();
  const accounts = await Accounts.open({ kv, hasher, now });
  const devices = await DeviceKeys.open({ kv, now });
  const privacy = await PrivacyChoices.open(kv);
  const pushSubscriptions = await PushSubscriptions.open(kv);
  const stopReloading = store.onReopened(() => {
    for (const inMemory of [settings, accounts, devices, privacy, pushSubscriptions])
      inMemory.reload().catch((error: unknown) => report(error));
  });
  const reports = new Reports({ kv, now });
  const directReports = new DirectReports({ kv, now, reports });
  const timers: Timers = { nowMs: now, after: (ms, run) => systemTimers.after(ms, run) };
  const personal = new PersonalDocuments({ kv, timers, privacy, onError: (error) => report(error) });
  const blobFolder = await BlobFolder.open(options.dataDir);
  const fileLimits = options.fileLimits ?? DEFAULT_FILE_LIMITS;
  const hasAccount = (user: UserId): boolean => accounts.get(user)?.deleted === false;
  const blobs: Blobs = new Blobs({
    ...{ kv, timers, folder: blobFolder, exists: hasAccount },
    quotaBytes: fileLimits.quotaBytes,
    kept: () => scheduledBlobs(kv),
    reserved: (user) => uploads.reserved(user),
    onErased: (hash, user) => uploads.eraseOf(hash, user),
    onError: (error) => report(error)
  });
  const uploads: Uploads = await Uploads.open({
    ...{ kv, blobs, now },
    folder: blobFolder,
    limits: fileLimits,
    exists: hasAccount
  });
  const rooms = await Rooms.open({
    store,
    blobs,
    timers,
    policy: new ServerPolicy({
      peopleSign: PEOPLE_SIGN,
      devices,
      isErased: (user) => accounts.get(user)?.erased ?? false,
      roomCreation: () => settings.roomCreation,
      isAdmin: (user) => accounts.isAdmin(user),
      creations: new RateLimit(options.roomsPerPerson ?? DEFAULT_LIMITS.roomsPerPerson, now)
    }),
    random32: () => randomBytes(4).readUInt32BE(),
    async onAheadOfStore(seen, by) {
      await store.newGeneration();
      onNewGeneration(seen, by);
    },
    async forget(room) {
      await reports.removeOf(room);
      await directReports.removeOf(room);
      return [reportsOfRoom(room)];
    },
    onError: report
  });
  const sessions = new Sessions({ kv, accounts, devices, push: pushSubscriptions, now });
  const scheduled = await ScheduledEntries.open({
    ...{ kv, timers, rooms, blobs },
    isActive: (user) => {
      const account = accounts.get(user);
      return account !== null && !account.suspended && !account.deleted;
    },
    deviceKey: (id) => devices.get(id),
    isOpen: async (user, session) => (await sessions.facts(user, session)) !== null,
    onError: report
  });
  const recovery = new Recovery({ kv, accounts, now });
  const passkeys = new Passkeys({ kv, accounts, now, serverName: options.serverName ?? 'Roost' });
  const blocked = new BlockedPeople(kv);
  const invitations = new Invitations({ kv, accounts, rooms, now });
  const avatars = new Avatars({ kv, accounts, ofRooms: () => rooms.avatarsInUse(), now });
  const kept = [passkeys, avatars, reports, directReports, blocked, invitations, pushSubscriptions];
  const lastSeen = new LastSeen({
    ...{ kv, privacy },
    exists: hasAccount
  });
  const stopForgetting = privacy.onChanged((user, choice) => {
    lastSeen.privacyChanged(user, choice).catch((error: unknown) => report(error));
  });
  const erasures = kept.map((of) => (user: UserId) => of.erasure(user));
  erasures.push(
    (user) => rooms.closingErasure(user),
    (user) => rooms.receiptErasure(user),
    (user) => lastSeen.erasure(user)
  );
  return {
    store,
    rooms,
    accounts,
    hasher,
    settings,
    audit,
    devices,
    sessions,
    recovery,
    passkeys,
    avatars,
    acts: new AccountActs({
      ...{ kv, accounts, devices, sessions, recovery, rooms, personal, scheduled, erasures, now },
      async eraseFiles(user) {
        await uploads.erase(user);
        await blobs.erase(user);
      }
    }),
    reports,
    directReports,
    blocked,
    personal,
    privacy,
    lastSeen,
    pushSubscriptions,
    scheduled,
    census: new RoomCensus(kv),
    blobs,
    blobFolder,
    uploads,
    setUp: new SetUp({ kv, accounts }),
    invitations,
    async close() {
      stopReloading();
      stopForgetting();
      await scheduled.close();
      await rooms.close();
      await blobs.close();
      await personal.close();
      await store.close();
    }
  };
}
