// The JSON API under /api. Bodies are JSON; errors are application/problem+json (RFC 9457) with a stable `code`.
// Authenticated by the session cookie or `Authorization: Bearer <token>`. State-changing calls check Origin.

import type { RefusalCode } from './refusal-codes.ts';
import type { Entry, RoomKind, Role } from './entry.ts';
import type { RoomSummary } from './control.ts';
import type { SessionEnd } from './session-end.ts';

/** How people may sign up: ROOST_REGISTRATION until an administrator sets it. */
export type Registration = 'open' | 'invitation' | 'closed';
/** Who may make public and private rooms; anybody writes to anybody. */
export type RoomCreation = 'everyone' | 'administrators';

/** GET /api/server, public. */
export interface ServerInfo {
  readonly name: string;
  readonly version: string;
  readonly protocol: number;
  readonly registration: Registration;
  /** True until the first account exists; it is made with the set-up link that the server prints. */
  readonly needsSetup: boolean;
  /** Whether whoever asks is signed in: a browser that has lost its data, but not its cookie, learns it so. */
  readonly signedIn: boolean;
  /** Whether only administrators make public and private rooms. */
  readonly roomCreation: RoomCreation;
  /** The public address (ROOST_URL), or null: then the page's own origin is the address to invite to. */
  readonly url: string | null;
}

/** GET /api/me; also the answer to sign-up, sign-in and set-up. */
export interface Me {
  readonly id: string;
  readonly name: string;
  readonly admin: boolean;
  /** The store's generation: part of the names of local databases. */
  readonly generation: string;
}

/** POST /api/session (sign in). DELETE /api/session signs out. */
export interface Credentials {
  readonly name: string;
  readonly password: string;
}
/**
 * POST /api/accounts (sign up): Credentials, and the secret of an invitation link when registration is by invitation.
 * POST /api/setup (the first account, an administrator): Credentials, and the token of the set-up link `/setup#<token>`.
 */

// Passkeys. `options` and `response` are the JSON forms of WebAuthn (Level 3), made by @simplewebauthn.

/** POST /api/session/passkey/options (anybody) → CeremonyOptions; POST /api/session/passkey CeremonyResponse → Me. */
/** POST /api/setup/passkey/options { token, name } → CeremonyOptions; POST /api/setup/passkey, with { token } → Me. */
/** POST /api/accounts/passkey/options { name, invitation? } → CeremonyOptions; POST /api/accounts/passkey → Me. */
/** POST /api/passkeys/options { password: null without one } → CeremonyOptions; POST /api/passkeys CeremonyResponse & { name } → PasskeyInfo. */
export interface CeremonyOptions {
  /** Names the ceremony for a few minutes; used once. */
  readonly ceremony: string;
  readonly options: unknown;
}
export interface CeremonyResponse {
  readonly ceremony: string;
  readonly response: unknown;
}
/** GET /api/passkeys; DELETE /api/passkeys/:id. */
export interface PasskeyInfo {
  readonly id: string;
  /** As its owner calls it: "Ann's phone". */
  readonly name: string;
  /** Epoch ms. */
  readonly createdAt: number;
  readonly usedAt: number | null;
}

/** GET /api/sessions: one's own. DELETE /api/sessions/:id ends one, DELETE /api/sessions all others. */
export interface SessionInfo {
  readonly id: string;
  readonly kind: 'cookie' | 'token';
  /** "Firefox on Linux", from the User-Agent at sign-in; for a token, the name it was made with. */
  readonly label: string;
  /** Epoch ms. */
  readonly createdAt: number;
  readonly usedAt: number;
  readonly current: boolean;
}

/** POST /api/password: changes or sets one; ends all other sessions. 204. */
export interface PasswordChange {
  /** null: the account has none yet. */
  readonly current: string | null;
  readonly password: string;
}
/** GET /api/account: how one can sign in. */
export interface AccountInfo {
  readonly hasPassword: boolean;
  readonly recoveryCodesLeft: number;
}
/**
 * POST /api/recovery-codes { password } → RecoveryCodes: new ones, the old ones are void. GET → { left: number }.
 * `password` is null where the account has none; then the sign-in must be fresh (5 minutes).
 */
export interface RecoveryCodes {
  readonly codes: readonly string[];
}
/** POST /api/recovery: a code or the token of an administrator's link, `/recover#<token>` → Me; all sessions end. */
export type Recovery =
  | { readonly name: string; readonly code: string; readonly password: string }
  | { readonly token: string; readonly password: string };

/** What others see of a person. Live through the control message `people`. */
export interface UserInfo {
  readonly id: string;
  /** The user name. '' of a deleted account. */
  readonly name: string;
  /** '' : the user name is shown. */
  readonly displayName: string;
  /** GET /api/avatars/:id, or null. */
  readonly avatar: string | null;
  readonly status: string;
  /** 1–12, or null: by hash of the id. */
  readonly colour: number | null;
  readonly deleted: boolean;
}
/** GET /api/users?ids=a,b,c (at most 100) → UserInfo[]: those that exist. GET /api/users?query=… → at most 20, by name. */
/** PATCH /api/profile: any of these → UserInfo. */
export type ProfileChange = Partial<Pick<UserInfo, 'displayName' | 'avatar' | 'status' | 'colour'>>;
/** POST /api/avatars, body image/webp, square, at most AVATAR_MAX_PX and AVATAR_MAX_BYTES → AvatarStored. */
export interface AvatarStored {
  readonly id: string;
}

/** POST /api/devices { publicKey }: registers this session's device key; the id follows from the key. */
/** GET /api/devices?users=a,b (at most 100) → DeviceInfo[]; GET /api/devices?ids=… the same by id. */
export interface DeviceInfo {
  readonly id: string;
  readonly user: string;
  /** Ed25519, 32 bytes in base64url. */
  readonly publicKey: string;
  /** As SessionInfo.label when it was registered. */
  readonly label: string;
  /** Epoch ms. */
  readonly createdAt: number;
  /** Epoch ms, or null: in use. What it signed before stays proven. */
  readonly revokedAt: number | null;
}

/** GET /api/blocked, PUT /api/blocked Blocked: whose messages fold away, for oneself alone. */
export interface Blocked {
  readonly users: readonly string[];
}

/** DELETE /api/account: one's own, for good. 204. */
export interface AccountDeletion {
  /** null: the account has none; then the sign-in must be fresh (5 minutes). */
  readonly password: string | null;
  /** Erase all that one wrote, too. */
  readonly messages: boolean;
}

/**
 * GET /api/rooms: rooms that one is in or invited to. GET /api/rooms?scope=public&query=&after=<room>: public rooms, joined
 * or not, newest activity first, 50 at a time. GET /api/rooms/:id one; 404 for a closed and an absent one alike, with a
 * code of RoomClosing for who was in it.
 */
export type RoomInfo = RoomSummary;

/** Why a room is closed to somebody who was in it: told to them with the 404, as `room-<why>`, and to no stranger. */
export type RoomClosing = 'removed' | 'banned' | 'deleted';

/** GET /api/rooms/:id/members */
export interface MemberInfo {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  /** Epoch ms. */
  readonly since: number;
}

/**
 * GET /api/present?users=a,b (at most 100): those who have a room open now that whoever asks may open, too; the others are
 * not here, or not to be seen. `away`: in none but hidden pages.
 */
export interface PresentPeople {
  readonly here: readonly string[];
  readonly away: readonly string[];
}

/** GET /api/rooms/:id/present: who has the room open now. */
export interface PresentUsers {
  readonly users: readonly string[];
}

/** GET /api/rooms/:id/entries/:entry: for links to messages, and pins and stars on pages that are not loaded. */
export interface EntryPlace {
  /** null: the room has no such entry, or none any more. */
  readonly page: number | null;
}

/**
 * GET /api/rooms/:id/pages/:n of a sealed page. ETag covers the revision; 404 with code `not-sealed` for the head.
 */
export interface SealedPage {
  readonly room: string;
  readonly page: number;
  /** Counts late effects and erasures. */
  readonly revision: number;
  /** In arrival order. */
  readonly entries: readonly ArrivedEntry[];
  /** Entries whose content was erased. */
  readonly erased: readonly ErasedEntry[];
  /** Later entries that concern entries of this page, in arrival order. */
  readonly late: readonly ArrivedEntry[];
}
export interface ErasedEntry {
  readonly id: string;
  /** Epoch ms. */
  readonly at: number;
  readonly n: number;
  /** As in Arrival. */
  readonly edit?: true | undefined;
  readonly thread?: string | undefined;
  readonly of?: string | undefined;
  readonly until?: number | undefined;
}
export interface ArrivedEntry {
  readonly entry: Entry;
  /** Epoch ms. */
  readonly at: number;
  readonly n: number;
  /** As in Arrival. */
  readonly until?: number | undefined;
}

/** POST /api/rooms/:id/reports, by who may read the room: 204. */
export interface NewReport {
  readonly entry: string;
  readonly reason: string;
  /**
   * In rooms of certain people, which have no moderators: the message as the reporter has it. The report goes to the
   * administrators then, with its words; the server takes the very entry alone.
   */
  readonly message?: Entry;
}
/** GET /api/rooms/:id/reports, by moderators; DELETE /api/rooms/:id/reports/:report settles one. */
export interface Report extends NewReport {
  readonly id: string;
  readonly by: string;
  /** Author of the entry. */
  readonly of: string;
  /** Epoch ms. */
  readonly at: number;
}

/** POST /api/rooms/:id/invitations NewInvitation, by a member. The link is `<origin>/i#<secret>`. */
export interface NewInvitation {
  /** At most 90 days; default a week. */
  readonly lifeMs?: number;
  /** 1–1,000; default 20. */
  readonly uses?: number;
  /** Default member. moderator: by owners alone, as only they give roles. */
  readonly role?: 'moderator' | 'member';
}
/**
 * GET /api/rooms/:id/invitations: one's own, of all for moderators; those that can still be used. DELETE
 * /api/invitations/:id by its maker, the room's moderators and administrators.
 */
export interface InvitationSummary {
  readonly id: string;
  readonly room: string;
  readonly by: string;
  readonly role: 'moderator' | 'member';
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly usesLeft: number;
}
export interface Invitation {
  readonly id: string;
  readonly secret: string;
  /** Epoch ms. */
  readonly expiresAt: number;
  readonly usesLeft: number;
}
/** POST /api/invitations/lookup { secret }, public: what the link leads to. */
export interface InvitationInfo {
  readonly room: { readonly id: string; readonly name: string; readonly kind: RoomKind };
  readonly invitedBy: string;
  /** What the link makes of who comes in by it. */
  readonly role: 'moderator' | 'member';
  readonly expiresAt: number;
}
/** POST /api/invitations/accept { secret }: the server writes the `joined` entry. */
export interface InvitationAccepted {
  readonly room: string;
}

// Administration: by administrators alone. Every act is written to the audit log.

/** GET /api/admin/users?query=&after=<id>: 50 at a time by name. POST /api/admin/users/:id/<act>; DELETE with `messages`. */
export interface AdminUser extends UserInfo {
  readonly admin: boolean;
  readonly suspended: boolean;
  readonly createdAt: number;
  /** Epoch ms, or null: never since the server counts. */
  readonly seenAt: number | null;
}
export const ADMIN_USER_ACTS = ['suspend', 'resume', 'reset', 'make-admin', 'unmake-admin'] as const;
export type AdminUserAct = (typeof ADMIN_USER_ACTS)[number];
/** Answer to `reset`: a link `/recover#<token>` for 15 minutes; the others answer with the AdminUser. */
export interface ResetLink {
  readonly token: string;
  readonly expiresAt: number;
}
/** GET /api/admin/rooms?query=&after=<activeAt>.<id>: 50 at a time, newest activity first. DELETE /api/admin/rooms/:id. */
export interface AdminRoom {
  readonly id: string;
  readonly name: string;
  readonly kind: RoomKind;
  readonly members: number;
  readonly messages: number;
  readonly createdAt: number;
  /** Epoch ms. */
  readonly activeAt: number;
  readonly bytes: number;
}
/** GET and PATCH /api/admin/settings. */
export interface AdminSettings {
  readonly registration: Registration;
  readonly roomCreation: RoomCreation;
}
/**
 * GET /api/admin/reports?state=open|settled&before=<id>: out of rooms without moderators, 50 at a time, newest first.
 * POST /api/admin/reports/:id/settle: 204.
 */
export interface AdminReport {
  readonly id: string;
  readonly room: string;
  readonly kind: RoomKind;
  readonly entry: string;
  readonly by: string;
  /** Author of the entry. */
  readonly of: string;
  /** Epoch ms. */
  readonly at: number;
  readonly reason: string;
  /** As the reporter saw it; null once it is settled, or where it is not known. */
  readonly body: string | null;
  readonly settled: { readonly by: string; readonly at: number } | null;
}
/** GET /api/admin/storage. Bytes. */
export interface StorageUsed {
  readonly database: number;
  readonly avatars: number;
  readonly free: number;
  readonly rooms: number;
  readonly users: number;
  readonly messages: number;
}
/** GET /api/admin/audit?before=<id>: 50 at a time, newest first. */
export interface AuditLine {
  readonly id: string;
  /** Epoch ms. */
  readonly at: number;
  /** User id of who did it; 'command-line' for the host. */
  readonly by: string;
  /** "user.suspend", "room.delete", "settings.registration" … */
  readonly act: string;
  /** Id of what it was done to, or ''. */
  readonly target: string;
  /** What a person reads: a name at that time, an old and a new value. Never a secret. */
  readonly detail: string;
}
/** GET /api/admin/invitations: those that can be used, newest first. */
export interface AdminInvitation extends InvitationSummary {
  /** '' of a room that is gone. */
  readonly roomName: string;
}

export const API_ERROR_CODES = [
  'bad-request',
  'signed-out',
  'wrong-credentials',
  'forbidden',
  'not-found',
  'not-sealed',
  'room-removed',
  'room-banned',
  'room-deleted',
  'name-taken',
  'name-invalid',
  'password-weak',
  'suspended',
  'recovery-invalid',
  'ceremony-failed',
  'passkey-unknown',
  'last-credential',
  'last-administrator',
  'avatar-invalid',
  'device-invalid',
  'fresh-sign-in',
  'registration-closed',
  'invitation-invalid',
  'setup-invalid',
  'origin',
  'rate-limited',
  'too-large',
  'too-many',
  'storage',
  'internal'
] as const;
export type ApiErrorCode = (typeof API_ERROR_CODES)[number];

/** Body of every error answer. */
export interface Problem {
  readonly type: 'about:blank';
  readonly status: number;
  readonly title: string;
  readonly code: ApiErrorCode;
  readonly detail?: string;
  /** Of `signed-out`: why, to who still holds the secret of the session. */
  readonly ended?: SessionEnd;
}

/** GET /api/scheduled: one's own, soonest first. The entry is whole and signed; its `sentAt` is when it is to be sent. */
export interface ScheduledEntry {
  readonly room: string;
  readonly entry: Entry;
  /** Why it was not taken at its time; null: it waits. */
  readonly refused: RefusalCode | null;
}
/**
 * PUT /api/rooms/:id/scheduled, DELETE /api/rooms/:id/scheduled/:entry. `sent`: it stands in the room already.
 * PUT: `kept`, `refused`, `too-many` (SCHEDULED_MAX) or `sent`; DELETE: `removed`, `absent` or `sent`.
 */
export type ScheduledOutcome =
  | { readonly outcome: 'kept' | 'sent' | 'removed' | 'absent' | 'too-many' }
  | { readonly outcome: 'refused'; readonly code: RefusalCode };
