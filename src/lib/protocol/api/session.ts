// Signing in and out, and the sessions of an account.

/**
 * GET /api/me; also the answer to signing in (POST /api/session, `name` and `password`; DELETE signs out), signing up
 * (POST /api/accounts: the same, and the secret of an invitation link when registration is by invitation) and setting up
 * (POST /api/setup, of the first account, an administrator's: the same, and the token of the set-up link `/setup#<token>`).
 */
export interface Me {
  readonly id: string;
  readonly name: string;
  readonly admin: boolean;
  /** The store's generation: part of the names of local databases. */
  readonly generation: string;
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
