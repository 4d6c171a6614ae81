// Passkeys. `options` and `response` are the JSON forms of WebAuthn (Level 3), made by @simplewebauthn.

/**
 * POST /api/session/passkey/options (anybody) → CeremonyOptions; POST /api/session/passkey CeremonyResponse → Me.
 * POST /api/setup/passkey/options { token, name } → CeremonyOptions; POST /api/setup/passkey, with { token } → Me.
 * POST /api/accounts/passkey/options { name, invitation? } → CeremonyOptions; POST /api/accounts/passkey → Me.
 * POST /api/passkeys/options { password: null without one } → CeremonyOptions; POST /api/passkeys CeremonyResponse &
 * { name } → PasskeyInfo.
 */
export interface CeremonyOptions {
  /** Names the ceremony for a few minutes; used once. */
  readonly ceremony: string;
  readonly options: unknown;
}
export interface CeremonyResponse {
  readonly ceremony: string;
  readonly response: unknown;
}
/** GET /api/passkeys; DELETE /api/passkeys/:id. */
export interface PasskeyInfo {
  readonly id: string;
  /** As its owner calls it: "Ann's phone". */
  readonly name: string;
  /** Epoch ms. */
  readonly createdAt: number;
  readonly usedAt: number | null;
}
