// What people read when an entry of theirs was not taken: the reason and what to do, in one or two plain sentences.

import { parseEntry, threadOf, type Entry } from '#protocol/entry.ts';
import type { RefusalCode } from '#protocol/refusal-codes.ts';
import type { FailureCode } from '../storage/user-db.ts';

const WORDS: Record<FailureCode, string> = {
  schema: 'The server could not read this. Copy the text, reload the page and send it again.',
  'too-large': 'This is too long. Copy it and send it in parts.',
  author: 'This was written under another account. Copy it and send it as yourself.',
  'id-taken': 'Something went wrong while sending. Try again.',
  clock: 'The clock of this device is wrong. Set it right, then try again.',
  'no-room': 'This room does not exist on the server.',
  'room-exists': 'This room exists already.',
  'not-member': 'You are not in this room, so this was not delivered.',
  banned: 'You were banned from this room, so this was not delivered.',
  deleted: 'This room was deleted, so this was not delivered. Copy it if you want to keep it.',
  unsigned: 'This device’s key was missing. Try again.',
  signature: 'The server could not check that this is yours. Try again.',
  slow: 'This room is in slow mode. Try again in a while.',
  'not-allowed': 'Your role in this room does not allow this.',
  'no-target': 'What this speaks of is not there any more.',
  'no-change': 'It is so already.',
  'poll-closed': 'This poll was closed before your vote arrived, so it does not count.',
  reserved: 'Only the server may write this.',
  sealed: 'This part of the room is full. Try again.',
  closed: 'The room is closed to you, so this was not delivered. Copy it if you want to keep it.'
};

/** What is no message: nothing was to be delivered, and there is no text to copy. */
const ACT_WORDS: Partial<Record<FailureCode, string>> = {
  schema: 'The server could not read this. Reload the page and try again.',
  'too-large': 'This is too long, or there are too many of them already.',
  'not-member': 'You are not in this room, so this was not done.',
  banned: 'This was not done, because of a ban in this room.',
  deleted: 'This room was deleted, so this was not done.',
  'no-target': 'The person or message is not there any more, so there was nothing to do.',
  'not-allowed': 'Your role in this room does not allow this.',
  slow: 'Too many of these in a short time. Try again in a while.',
  closed: 'The room is closed to you, so this was not done.'
};

/** @param type of the entry */
export const failureWords = (code: FailureCode, type = 'message'): string =>
  (type === 'message' ? undefined : ACT_WORDS[code]) ?? WORDS[code];

const THREAD_FULL =
  'This thread is full and takes no more replies. Copy this, and go on in the room or in a new thread.';

/** A reply that is not too long itself was too much for its thread. */
export const failureOf = (code: FailureCode, entry: Entry): string =>
  code === 'too-large' && entry.type === 'message' && threadOf(entry) !== null && parseEntry(entry).ok
    ? THREAD_FULL
    : failureWords(code, entry.type);

export const NOT_SAVED_WORDS =
  'Not saved on this device: it is sent when there is a network, but lost if you close this.';

/** A Result that says no with a refusal's words. */
export const refused = (
  code: RefusalCode
): { readonly ok: false; readonly code: string; readonly message: string } => ({
  ok: false,
  code,
  message: failureWords(code, 'act')
});
