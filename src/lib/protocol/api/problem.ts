// The JSON API under /api: errors are application/problem+json (RFC 9457) with a stable `code`, all other bodies JSON.
// Authenticated by the session cookie or `Authorization: Bearer <token>`. State-changing calls check Origin.

import type { SessionEnd } from '#protocol/session-end.ts';

export const API_ERROR_CODES = [
  'bad-request',
  'signed-out',
  'wrong-credentials',
  'forbidden',
  'not-found',
  'not-sealed',
  'room-removed',
  'room-banned',
  'room-deleted',
  'name-taken',
  'name-invalid',
  'password-weak',
  'suspended',
  'recovery-invalid',
  'ceremony-failed',
  'passkey-unknown',
  'last-credential',
  'last-administrator',
  'avatar-invalid',
  'device-invalid',
  'push-endpoint',
  'previews-off',
  'fresh-sign-in',
  'registration-closed',
  'invitation-invalid',
  'setup-invalid',
  'origin',
  'rate-limited',
  'too-large',
  'too-many',
  'quota',
  'disk-full',
  'upload-offset',
  'upload-checksum',
  'file-differs',
  'file-type',
  'file-broken',
  'file-pixels',
  'file-metadata',
  'storage',
  'internal'
] as const;
export type ApiErrorCode = (typeof API_ERROR_CODES)[number];

/** Body of every error answer. */
export interface Problem {
  readonly type: 'about:blank';
  readonly status: number;
  readonly title: string;
  readonly code: ApiErrorCode;
  readonly detail?: string;
  /** Of `signed-out`: why, to who still holds the secret of the session. */
  readonly ended?: SessionEnd;
}
