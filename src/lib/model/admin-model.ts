// What the screens of administration see of the server: people, rooms, invitations, settings, storage and the log.
// All of it is the server's word of this moment, so everything here needs the network.

import type {
  AdminInvitation,
  AdminReport,
  AdminRoom,
  AdminSettings,
  AdminUser,
  AdminUserAct,
  AuditLine,
  StorageUsed
} from '#protocol/api/admin.ts';
import type { Result } from './result.ts';

/** Lists come in pages of ADMIN_PAGE at most; a shorter one is the last. */
export const ADMIN_PAGE = 50;

export interface AdminModel {
  /** By name. @param after the last one of the page before; null starts */
  users(query: string, after: AdminUser | null): Promise<Result<readonly AdminUser[]>>;
  actOn(user: string, act: Exclude<AdminUserAct, 'reset'>): Promise<Result<AdminUser>>;
  /** A link that sets a new password and signs in, once. */
  resetLink(user: string): Promise<Result<RecoveryLink>>;
  /** @param messages erases what they wrote, too */
  deleteUser(user: string, messages: boolean): Promise<Result<void>>;
  /** Newest activity first. */
  rooms(query: string, after: AdminRoom | null): Promise<Result<readonly AdminRoom[]>>;
  deleteRoom(room: string): Promise<Result<void>>;
  /** All that can be used, newest first. */
  invitations(): Promise<Result<readonly AdminInvitation[]>>;
  revokeInvitation(id: string): Promise<Result<void>>;
  /** Out of rooms without moderators, newest first. @param after the last one of the page before; null starts */
  reports(state: 'open' | 'settled', after: AdminReport | null): Promise<Result<readonly AdminReport[]>>;
  /** Reports that nobody has settled, as they were when they were last asked for; at most ADMIN_PAGE. Reactive. */
  readonly openReports: number;
  /** Asks anew; without a network what is known stays. */
  lookForReports(): Promise<void>;
  /** Erases the words that came with it. */
  settleReport(id: string): Promise<Result<void>>;
  settings(): Promise<Result<AdminSettings>>;
  changeSettings(change: Partial<AdminSettings>): Promise<Result<AdminSettings>>;
  storage(): Promise<Result<StorageUsed>>;
  /** Newest first. */
  audit(before: AuditLine | null): Promise<Result<readonly AuditLine[]>>;
}

export interface RecoveryLink {
  readonly url: string;
  /** Epoch ms. */
  readonly expiresAt: number;
}
