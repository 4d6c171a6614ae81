// Where accounts, sessions and invitations lie in the key-value store. Values are JSON.

import type { AvatarId, DeviceId, EntryId, RoomId, UserId } from '#protocol/ids.ts';

/** The first key after all that begin with a prefix ending in `/`. */
const after = (prefix: string): string => `${prefix.slice(0, -1)}0`;
const within = (prefix: string): { gte: string; lt: string } => ({ gte: prefix, lt: after(prefix) });

export const accountKey = (user: UserId): string => `account/${user}`;
/** Account by its folded name (user-name.ts): no longer written. */
export const accountNameKey = (folded: string): string => `account-name/${folded}`;
export const ALL_ACCOUNTS = { gte: 'account/', lt: after('account/') };

/** When a person was last here. */
export const seenKey = (user: UserId): string => `account-seen/${user}`;
export const ALL_SEEN = { gte: 'account-seen/', lt: after('account-seen/') };

/** Session by the hash of its token. */
export const sessionKey = (hash: string): string => `session/${hash}`;
export const ALL_SESSIONS = { gte: 'session/', lt: after('session/') };
/** Sessions of a person: hash of the token by session id. */
export const sessionOfKey = (user: UserId, id: string): string => `session-of/${user}/${id}`;
export const sessionsOf = (user: UserId): { gte: string; lt: string } => ({
  gte: `session-of/${user}/`,
  lt: after(`session-of/${user}/`)
});

/** Why a session has ended, by the hash of its token. */
export const sessionEndKey = (hash: string): string => `session-end/${hash}`;
export const ALL_SESSION_ENDS = within('session-end/');

/** Public key of a device. */
export const deviceKey = (id: DeviceId): string => `device/${id}`;
export const ALL_DEVICES = { gte: 'device/', lt: after('device/') };

/** File of an avatar. */
export const avatarKey = (id: AvatarId): string => `avatar/${id}`;
/** Who has brought an avatar. */
export const avatarOfKey = (user: UserId, id: AvatarId): string => `avatar-of/${user}/${id}`;
export const ALL_AVATAR_OWNERS = { gte: 'avatar-of/', lt: after('avatar-of/') };

/** Invitation by the hash of its secret. */
export const invitationKey = (hash: string): string => `invitation/${hash}`;
export const ALL_INVITATIONS = { gte: 'invitation/', lt: after('invitation/') };
/** Invitation by its id, with which the hash begins. */
export const invitationsOfId = (id: string): { gte: string; lte: string } => ({
  gte: `invitation/${id}`,
  lte: `invitation/${id}~`
});
/** Hash of an invitation's secret by its room, and by who made it. */
export const invitationOfRoomKey = (room: RoomId, id: string): string => `invitation-of-room/${room}/${id}`;
export const invitationsOfRoom = (room: RoomId): { gte: string; lt: string } => within(`invitation-of-room/${room}/`);
export const invitationOfKey = (user: UserId, id: string): string => `invitation-of/${user}/${id}`;
export const invitationsOf = (user: UserId): { gte: string; lt: string } => within(`invitation-of/${user}/`);

/** Report of an entry, and by whom it is: one for each person and entry. */
export const reportKey = (room: RoomId, id: string): string => `report/${room}/${id}`;
export const reportsOfRoom = (room: RoomId): { gte: string; lt: string } => within(`report/${room}/`);
export const reportByKey = (user: UserId, room: RoomId, entry: EntryId): string => `report-by/${user}/${room}/${entry}`;
export const reportsBy = (user: UserId): { gte: string; lt: string } => within(`report-by/${user}/`);

/** Report to the administrators, out of a room without moderators; key order is their order. */
export const directReportKey = (id: string): string => `report-direct/${id}`;
export const ALL_DIRECT_REPORTS = within('report-direct/');

/** Whom a person has blocked. */
export const blockedKey = (user: UserId): string => `blocked/${user}`;

/** Hash of the set-up token of this start. */
export const SETUP_KEY = 'setup/token';

/** What administrators have set. */
export const SETTINGS_KEY = 'settings/server';

/** Line of the audit log by its number; key order is their order. */
export const auditKey = (line: number): string => `audit/${String(line).padStart(12, '0')}`;
export const ALL_AUDIT_LINES = { gte: 'audit/', lt: after('audit/') };

/** Hashes of a person's recovery codes that are left. */
export const recoveryCodesKey = (user: UserId): string => `account-recovery/${user}`;
/** Link of an administrator by the hash of its token. */
export const recoveryLinkKey = (hash: string): string => `recovery-link/${hash}`;
export const ALL_RECOVERY_LINKS = { gte: 'recovery-link/', lt: after('recovery-link/') };

/** A deletion of an account that is not finished. */
export const endingKey = (user: UserId): string => `account-ending/${user}`;
export const ALL_ENDINGS = { gte: 'account-ending/', lt: after('account-ending/') };

/** Passkey of a person, by the id of its credential. */
export const passkeyKey = (user: UserId, id: string): string => `account-passkey/${user}/${id}`;
export const passkeysOf = (user: UserId): { gte: string; lt: string } => ({
  gte: `account-passkey/${user}/`,
  lt: after(`account-passkey/${user}/`)
});
