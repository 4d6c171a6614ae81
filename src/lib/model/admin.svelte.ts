// Administration over the JSON API. It keeps nothing but how many reports wait: who administers wants to see what is, not
// what was.

import type {
  AdminInvitation,
  AdminReport,
  AdminRoom,
  AdminSettings,
  AdminUser,
  AdminUserAct,
  AuditLine,
  ResetLink,
  StorageUsed
} from '#protocol/api/admin.ts';
import type { ApiClient } from '../session/api-client.ts';
import type { AdminModel, RecoveryLink } from './admin-model.ts';
import type { Result } from './result.ts';

export class Admin implements AdminModel {
  readonly #api: ApiClient;
  readonly #publicOrigin: () => string;
  #openReports = $state(0);

  /** @param publicOrigin where people open this server */
  constructor(api: ApiClient, publicOrigin: () => string) {
    this.#api = api;
    this.#publicOrigin = publicOrigin;
  }

  users(query: string, after: AdminUser | null): Promise<Result<readonly AdminUser[]>> {
    return this.#api.get(`/api/admin/users${listing(query, after && after.id)}`);
  }
  actOn(user: string, act: Exclude<AdminUserAct, 'reset'>): Promise<Result<AdminUser>> {
    return this.#api.post(`/api/admin/users/${user}/${act}`, {});
  }
  async resetLink(user: string): Promise<Result<RecoveryLink>> {
    const made = await this.#api.post<ResetLink>(`/api/admin/users/${user}/reset`, {});
    if (!made.ok) return made;
    const { token, expiresAt } = made.value;
    return { ok: true, value: { url: `${this.#publicOrigin()}/recover#${token}`, expiresAt } };
  }
  deleteUser(user: string, messages: boolean): Promise<Result<void>> {
    return this.#api.delete(`/api/admin/users/${user}`, { messages });
  }
  rooms(query: string, after: AdminRoom | null): Promise<Result<readonly AdminRoom[]>> {
    return this.#api.get(`/api/admin/rooms${listing(query, after && `${after.activeAt}.${after.id}`)}`);
  }
  deleteRoom(room: string): Promise<Result<void>> {
    return this.#api.delete(`/api/admin/rooms/${room}`);
  }
  invitations(): Promise<Result<readonly AdminInvitation[]>> {
    return this.#api.get('/api/admin/invitations');
  }
  revokeInvitation(id: string): Promise<Result<void>> {
    return this.#api.delete(`/api/invitations/${id}`);
  }
  get openReports() {
    return this.#openReports;
  }
  async lookForReports(): Promise<void> {
    await this.reports('open', null);
  }
  async reports(state: 'open' | 'settled', after: AdminReport | null): Promise<Result<readonly AdminReport[]>> {
    const before = after ? `&before=${after.id}` : '';
    const answer = await this.#api.get<readonly AdminReport[]>(`/api/admin/reports?state=${state}${before}`);
    if (answer.ok && state === 'open' && !after) this.#openReports = answer.value.length;
    return answer;
  }
  async settleReport(id: string): Promise<Result<void>> {
    const settled = await this.#api.post<void>(`/api/admin/reports/${id}/settle`, {});
    if (settled.ok || settled.code === 'not-found') void this.lookForReports();
    return settled;
  }
  settings(): Promise<Result<AdminSettings>> {
    return this.#api.get('/api/admin/settings');
  }
  changeSettings(change: Partial<AdminSettings>): Promise<Result<AdminSettings>> {
    return this.#api.patch('/api/admin/settings', change);
  }
  storage(): Promise<Result<StorageUsed>> {
    return this.#api.get('/api/admin/storage');
  }
  audit(before: AuditLine | null): Promise<Result<readonly AuditLine[]>> {
    return this.#api.get(`/api/admin/audit${before ? `?before=${before.id}` : ''}`);
  }
}

function listing(query: string, after: string | null): string {
  const asked = { ...(query.trim() !== '' && { query: query.trim() }), ...(after !== null && { after }) };
  const text = new URLSearchParams(asked).toString();
  return text === '' ? '' : `?${text}`;
}
