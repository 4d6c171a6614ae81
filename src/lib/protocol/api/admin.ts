// Administration: by administrators alone. Every act is written to the audit log.

import type { RoomKind } from '#protocol/entry-fields.ts';
import type { InvitationSummary } from './invitation.ts';
import type { UserInfo } from './profile.ts';
import type { Registration, RoomCreation } from './server.ts';

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
  /** Files of messages, and uploads that are not finished. */
  readonly files: number;
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
