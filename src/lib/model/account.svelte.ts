// One's own account, over the JSON API. Invariant: nothing here is kept as changed before the server said so, except
// on this device's copy of one's profile, which is a copy of the server's word.

import type { AccountDeletion, AccountInfo, PasswordChange, RecoveryCodes } from '#protocol/api/account.ts';
import type { CeremonyOptions, PasskeyInfo } from '#protocol/api/passkey.ts';
import type { AvatarStored, ProfileChange, UserInfo } from '#protocol/api/profile.ts';
import type { SessionInfo } from '#protocol/api/session.ts';
import type { ApiClient } from '../session/api-client.ts';
import type { PasskeyBrowser, PasskeySupport } from '../session/passkeys.ts';
import type { AccountModel, DeviceKeyView } from './account-model.ts';
import type { Result } from './result.ts';

/** Where the copy of one's profile lies on this device. */
export interface ProfileCopy {
  read(): Promise<UserInfo | undefined>;
  write(profile: UserInfo): Promise<unknown>;
}

export interface AccountEvents {
  /** The server told what others see of a person now. */
  readonly learned: (profile: UserInfo) => void;
  /** Ends the session by the person's own act; when it succeeds, their data on this device go. */
  readonly leave: (act: () => Promise<Result<void>>) => Promise<Result<void>>;
}

const DONE: Result<void> = { ok: true, value: undefined };

export class Account implements AccountModel {
  readonly #api: ApiClient;
  readonly #passkeys: PasskeyBrowser;
  readonly #events: AccountEvents;
  #user: string | null = null;
  #copy: ProfileCopy | null = null;
  #profile = $state.raw<UserInfo | null>(null);
  #deviceKey = $state.raw<DeviceKeyView | null>(null);

  constructor(api: ApiClient, passkeys: PasskeyBrowser, events: AccountEvents) {
    this.#api = api;
    this.#passkeys = passkeys;
    this.#events = events;
  }

  get profile() {
    return this.#profile;
  }
  get deviceKey() {
    return this.#deviceKey;
  }
  get passkeySupport(): PasskeySupport {
    return this.#passkeys.support;
  }

  /** Somebody is signed in: takes up the copy of their profile. @param copy null: this device keeps nothing */
  async begin(user: string, copy: ProfileCopy | null): Promise<void> {
    if (this.#user !== user) this.#profile = null;
    this.#user = user;
    this.#copy = copy;
    const kept = await copy?.read().catch(() => undefined);
    if (kept && this.#user === user && this.#profile === null) this.#profile = kept;
  }

  end(): void {
    this.#user = null;
    this.#copy = null;
    this.#profile = null;
    this.#deviceKey = null;
  }

  setDeviceKey(key: DeviceKeyView | null): void {
    this.#deviceKey = key;
  }

  /** The server told of people, perhaps of oneself: changed on another device. */
  learn(people: readonly UserInfo[]): void {
    const own = people.find(({ id }) => id === this.#user);
    if (!own) return;
    this.#profile = own;
    // A copy that cannot be written is asked for again at the next start.
    void this.#copy?.write(own).catch(() => undefined);
  }

  async refreshProfile(): Promise<void> {
    const user = this.#user;
    if (user === null) return;
    const answer = await this.#api.get<UserInfo[]>(`/api/users?ids=${encodeURIComponent(user)}`);
    if (answer.ok) this.#learned(answer.value);
  }

  async changeProfile(change: ProfileChange): Promise<Result<void>> {
    const answer = await this.#api.patch<UserInfo>('/api/profile', change);
    if (!answer.ok) return answer;
    this.#learned([answer.value]);
    return DONE;
  }

  async setAvatar(picture: Blob): Promise<Result<void>> {
    const stored = await this.#api.upload<AvatarStored>('/api/avatars', picture);
    return stored.ok ? this.changeProfile({ avatar: stored.value.id }) : stored;
  }

  signInWays(): Promise<Result<AccountInfo>> {
    return this.#api.get('/api/account');
  }

  changePassword(current: string | null, password: string): Promise<Result<void>> {
    const change: PasswordChange = { current, password };
    return this.#api.post('/api/password', change);
  }

  async makeRecoveryCodes(password: string | null): Promise<Result<readonly string[]>> {
    const answer = await this.#api.post<RecoveryCodes>('/api/recovery-codes', { password });
    return answer.ok ? { ok: true, value: answer.value.codes } : answer;
  }

  passkeys(): Promise<Result<readonly PasskeyInfo[]>> {
    return this.#api.get('/api/passkeys');
  }

  async addPasskey(name: string, password: string | null): Promise<Result<PasskeyInfo>> {
    const asked = await this.#api.post<CeremonyOptions>('/api/passkeys/options', { password });
    if (!asked.ok) return asked;
    const { ceremony, options } = asked.value;
    const made = await this.#passkeys.create(options);
    return made.ok ? this.#api.post('/api/passkeys', { ceremony, response: made.value, name }) : made;
  }

  removePasskey(id: string): Promise<Result<void>> {
    return this.#api.delete(`/api/passkeys/${encodeURIComponent(id)}`);
  }

  async sessions(): Promise<Result<readonly SessionInfo[]>> {
    const answer = await this.#api.get<SessionInfo[]>('/api/sessions');
    if (!answer.ok) return answer;
    const sorted = [...answer.value].sort((a, b) => Number(b.current) - Number(a.current) || b.usedAt - a.usedAt);
    return { ok: true, value: sorted };
  }

  endSession(id: string): Promise<Result<void>> {
    return this.#api.delete(`/api/sessions/${encodeURIComponent(id)}`);
  }

  endOtherSessions(): Promise<Result<void>> {
    return this.#api.delete('/api/sessions');
  }

  delete(password: string | null, messages: boolean): Promise<Result<void>> {
    const body: AccountDeletion = { password, messages };
    return this.#events.leave(() => this.#api.delete<void>('/api/account', body));
  }

  #learned(people: readonly UserInfo[]): void {
    this.learn(people);
    for (const person of people) this.#events.learned(person);
  }
}
