// What people read when an entry of theirs was not taken: the reason and what to do, in one or two plain sentences.

import { threadOf, type Entry } from '#protocol/entry.ts';
import { parseEntry } from '#protocol/parse-entry.ts';
import type { RefusalCode } from '#protocol/refusal-codes.ts';
import type { FailureCode } from '../storage/user-db.ts';
import { m } from '../words/generated/messages.js';

const WORDS: Record<FailureCode, () => string> = {
  schema: m.refused_schema,
  'too-large': m.refused_too_large,
  author: m.refused_author,
  'id-taken': m.refused_id_taken,
  clock: m.refused_clock,
  'no-room': m.refused_no_room,
  'room-exists': m.refused_room_exists,
  'not-member': m.refused_not_member,
  banned: m.refused_banned,
  deleted: m.refused_deleted,
  unsigned: m.refused_unsigned,
  signature: m.refused_signature,
  slow: m.refused_slow,
  'not-allowed': m.refused_not_allowed,
  'no-target': m.refused_no_target,
  'no-change': m.refused_no_change,
  attachment: m.refused_attachment,
  'poll-closed': m.refused_poll_closed,
  reserved: m.refused_reserved,
  sealed: m.refused_sealed,
  'upload-lost': m.refused_upload_lost,
  'upload-too-large': m.refused_upload_too_large,
  'upload-quota': m.api_quota,
  'upload-disk-full': m.api_disk_full,
  'upload-file-differs': m.api_file_differs,
  'upload-file-type': m.api_file_type,
  'upload-file-broken': m.api_file_broken,
  'upload-file-pixels': m.api_file_pixels,
  'upload-file-metadata': m.api_file_metadata,
  closed: m.refused_closed
};

/** What is no message: nothing was to be delivered, and there is no text to copy. */
const ACT_WORDS: Partial<Record<FailureCode, () => string>> = {
  schema: m.refused_act_schema,
  'too-large': m.refused_act_too_large,
  'not-member': m.refused_act_not_member,
  banned: m.refused_act_banned,
  deleted: m.refused_act_deleted,
  'no-target': m.refused_act_no_target,
  slow: m.refused_act_slow,
  closed: m.refused_act_closed
};

/** @param type of the entry */
export const failureWords = (code: FailureCode, type = 'message'): string =>
  ((type === 'message' ? undefined : ACT_WORDS[code]) ?? WORDS[code])();

/** A reply that is not too long itself was too much for its thread. */
export const failureOf = (code: FailureCode, entry: Entry): string =>
  code === 'too-large' && entry.type === 'message' && threadOf(entry) !== null && parseEntry(entry).ok
    ? m.refused_thread_full()
    : failureWords(code, entry.type);

/** A Result that says no with a refusal's words. */
export const refused = (
  code: RefusalCode
): { readonly ok: false; readonly code: string; readonly message: string } => ({
  ok: false,
  code,
  message: failureWords(code, 'act')
});
