// Who is signed in on this device, and the ways in and out.

import type { Recovery } from '#protocol/api/account.ts';
import type { ServerInfo } from '#protocol/api/server.ts';
import type { PasskeySupport } from '../session/passkeys.ts';
import type { EndedSession } from '../storage/device-db.ts';
import type { PersonView } from './person-view.ts';
import type { Result } from './result.ts';

export interface SessionModel {
  /** `loading` only until IndexedDB has answered; a cold start offline goes to `signed-in` without the network. */
  readonly status: 'loading' | 'signed-out' | 'signed-in';
  readonly me: PersonView | null;
  readonly admin: boolean;
  /** null until the server was reached. */
  readonly server: ServerInfo | null;
  /** Who was signed out here without their doing, and how many of their entries wait on this device for them. */
  readonly ended: EndedSession | null;
  /** The person has read what `ended` says of a deleted account. */
  forgetEnded(): void;
  readonly passkeySupport: PasskeySupport;
  signIn(name: string, password: string): Promise<Result<void>>;
  signUp(name: string, password: string, invitation: string | null): Promise<Result<void>>;
  setUp(token: string, name: string, password: string): Promise<Result<void>>;
  setUpWithPasskey(token: string, name: string): Promise<Result<void>>;
  /** Signed in already: shows anew that it is this person. */
  signInWithPasskey(): Promise<Result<void>>;
  /**
   * Offers passkeys in the name field until one is taken or `stop` is called; null: stopped, or there are none.
   * Any other ceremony takes its place.
   */
  offerPasskeys(): { readonly done: Promise<Result<void> | null>; stop(): void };
  signUpWithPasskey(name: string, invitation: string | null): Promise<Result<void>>;
  /** Sets a new password by a recovery code or an administrator's link, and signs in. */
  recover(recovery: Recovery): Promise<Result<void>>;
  /** Entries that exist on this device only and would be lost by signing out. */
  unsentCount(): Promise<number>;
  /** Wipes this device's data. */
  signOut(): Promise<Result<void>>;
}
