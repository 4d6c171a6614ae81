// The JSON API under /api. Bodies are JSON; errors are application/problem+json (RFC 9457) with a stable `code`.
// Authenticated by the session cookie or `Authorization: Bearer <token>`. State-changing calls check Origin.

import type { Entry, RoomKind, Role } from './entry.ts';
import type { RoomSummary } from './control.ts';

/** How people may sign up (ROOST_REGISTRATION). */
export type Registration = 'open' | 'invitation' | 'closed';

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
/** POST /api/accounts (sign up). */
export interface SignUp extends Credentials {
  /** Secret of an invitation link, when registration is by invitation. */
  readonly invitation?: string;
}
/** POST /api/setup (the first account, an administrator). */
export interface SetUp extends Credentials {
  /** From the fragment of the set-up link `/setup#<token>`. */
  readonly token: string;
}

/** GET /api/users?ids=a,b,c (at most 100): those that exist. */
export interface UserInfo {
  readonly id: string;
  readonly name: string;
}

/** GET /api/rooms: joined rooms; GET /api/rooms?scope=public: all public rooms, joined or not. GET /api/rooms/:id one. */
export type RoomInfo = RoomSummary;

/** GET /api/rooms/:id/members */
export interface MemberInfo extends UserInfo {
  readonly role: Role;
  /** Epoch ms. */
  readonly since: number;
}

/** GET /api/rooms/:id/present: who has the room open now. */
export interface PresentUsers {
  readonly users: readonly string[];
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
  /** Later entries that concern entries of this page, in arrival order. */
  readonly late: readonly ArrivedEntry[];
}
export interface ArrivedEntry {
  readonly entry: Entry;
  /** Epoch ms. */
  readonly at: number;
  readonly n: number;
}

/** POST /api/rooms/:id/invitations, by a member. The link is `<origin>/i#<secret>`. */
export interface Invitation {
  readonly secret: string;
  /** Epoch ms. */
  readonly expiresAt: number;
  readonly usesLeft: number;
}
/** POST /api/invitations/lookup { secret }, public: what the link leads to. */
export interface InvitationInfo {
  readonly room: { readonly id: string; readonly name: string; readonly kind: RoomKind };
  readonly invitedBy: string;
  readonly expiresAt: number;
}
/** POST /api/invitations/accept { secret }: the server writes the `joined` entry. */
export interface InvitationAccepted {
  readonly room: string;
}

export const API_ERROR_CODES = [
  'bad-request',
  'signed-out',
  'wrong-credentials',
  'forbidden',
  'not-found',
  'not-sealed',
  'name-taken',
  'name-invalid',
  'password-weak',
  'registration-closed',
  'invitation-invalid',
  'setup-invalid',
  'origin',
  'rate-limited',
  'too-large',
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
}
