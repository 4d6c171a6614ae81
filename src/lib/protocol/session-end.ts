// Why a session has ended. Told to whoever holds its secret, and to nobody else: over the line (`revoked`, the reason of
// CLOSE.signedOut) and in the problem `signed-out`.

export const SESSION_ENDS = [
  'signed-out', // here, by the person's own act in this browser
  'revoked', // from another device of the account
  'password', // the password was changed
  'recovered', // somebody came back in by a recovery code or an administrator's link
  'expired', // not used for long, or as old as a session gets
  'suspended', // the account, by an administrator
  'deleted' // the account
] as const;
export type SessionEnd = (typeof SESSION_ENDS)[number];

export const isSessionEnd = (value: unknown): value is SessionEnd => SESSION_ENDS.some((end) => end === value);
