// What people read when the server says no: what happened and what to do, one plain sentence or two.

import type { ApiErrorCode } from '#protocol/api/problem.ts';
import { m } from '../words/generated/messages.js';

const WORDS: Record<ApiErrorCode | 'offline', () => string> = {
  offline: m.api_offline,
  'bad-request': m.api_bad_request,
  'signed-out': m.api_signed_out,
  'wrong-credentials': m.api_wrong_credentials,
  forbidden: m.api_forbidden,
  'not-found': m.api_not_found,
  'not-sealed': m.api_not_sealed,
  'room-removed': m.api_room_removed,
  'room-banned': m.api_room_banned,
  'room-deleted': m.api_room_deleted,
  'name-taken': m.api_name_taken,
  'name-invalid': m.api_name_invalid,
  suspended: m.api_suspended,
  'recovery-invalid': m.api_recovery_invalid,
  'ceremony-failed': m.api_ceremony_failed,
  'passkey-unknown': m.api_passkey_unknown,
  'last-credential': m.api_last_credential,
  'last-administrator': m.api_last_administrator,
  'avatar-invalid': m.api_avatar_invalid,
  'device-invalid': m.api_device_invalid,
  'push-endpoint': m.api_push_endpoint,
  'previews-off': m.api_previews_off,
  'fresh-sign-in': m.api_fresh_sign_in,
  'password-weak': m.api_password_weak,
  'registration-closed': m.api_registration_closed,
  'invitation-invalid': m.api_invitation_invalid,
  'setup-invalid': m.api_setup_invalid,
  origin: m.api_origin,
  'rate-limited': m.api_rate_limited,
  'too-large': m.api_too_large,
  'too-many': m.api_too_many,
  quota: m.api_quota,
  'disk-full': m.api_disk_full,
  'upload-offset': m.api_upload_offset,
  'upload-checksum': m.api_upload_checksum,
  'file-differs': m.api_file_differs,
  'file-type': m.api_file_type,
  'file-broken': m.api_file_broken,
  'file-pixels': m.api_file_pixels,
  'file-metadata': m.api_file_metadata,
  storage: m.api_storage,
  internal: m.api_internal
};

export const apiWords = (code: ApiErrorCode | 'offline'): string => WORDS[code]();
