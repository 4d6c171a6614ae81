// What the settings see of one's own account: who one is to others, how one signs in, where one is signed in.
// Reading from the server and changing anything needs the network; what is `$state` here is there without it, too.

import type { AccountInfo } from '#protocol/api/account.ts';
import type { PasskeyInfo } from '#protocol/api/passkey.ts';
import type { ProfileChange, UserInfo } from '#protocol/api/profile.ts';
import type { SessionInfo } from '#protocol/api/session.ts';
import type { PasskeySupport } from '../session/passkeys.ts';
import type { Result } from './result.ts';

export interface AccountModel {
  /** What others see of oneself, as last heard; null until known. */
  readonly profile: UserInfo | null;
  /** The key with which this device signs; null until it is made. */
  readonly deviceKey: DeviceKeyView | null;
  readonly passkeySupport: PasskeySupport;

  /** Asks for the profile; what is known stays when there is no answer. */
  refreshProfile(): Promise<void>;
  changeProfile(change: ProfileChange): Promise<Result<void>>;
  /** @param picture WebP, square, within AVATAR_MAX_PX and AVATAR_MAX_BYTES */
  setAvatar(picture: Blob): Promise<Result<void>>;

  signInWays(): Promise<Result<AccountInfo>>;
  /** Ends all other sessions. @param current null: the account has no password yet */
  changePassword(current: string | null, password: string): Promise<Result<void>>;
  /** New codes; the old ones are void. @param password null: the account has none */
  makeRecoveryCodes(password: string | null): Promise<Result<readonly string[]>>;
  passkeys(): Promise<Result<readonly PasskeyInfo[]>>;
  /** @param password null: the account has none */
  addPasskey(name: string, password: string | null): Promise<Result<PasskeyInfo>>;
  removePasskey(id: string): Promise<Result<void>>;

  /** This one first, then the last used. */
  sessions(): Promise<Result<readonly SessionInfo[]>>;
  endSession(id: string): Promise<Result<void>>;
  endOtherSessions(): Promise<Result<void>>;

  /** For good; then this device is wiped. @param password null: the account has none */
  delete(password: string | null, messages: boolean): Promise<Result<void>>;
}

export interface DeviceKeyView {
  readonly id: string;
  /** Six groups of five digits, to compare. */
  readonly fingerprint: string;
  /** False where the page is no secure context: the key is then kept as data that scripts of this page could read. */
  readonly locked: boolean;
}
