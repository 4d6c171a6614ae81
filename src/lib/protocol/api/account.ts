// One's own account: how one signs in to it, coming back into it, and its end.

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

/** DELETE /api/account: one's own, for good. 204. */
export interface AccountDeletion {
  /** null: the account has none; then the sign-in must be fresh (5 minutes). */
  readonly password: string | null;
  /** Erase all that one wrote, too. */
  readonly messages: boolean;
}
