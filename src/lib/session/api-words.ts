// What people read when the server says no: what happened and what to do, one plain sentence or two.

import type { ApiErrorCode } from '#protocol/api.ts';

const WORDS: Record<ApiErrorCode | 'offline', string> = {
  offline: 'The server cannot be reached. Check the network, then try again.',
  'bad-request': 'The server did not understand this. Reload the page, then try again.',
  'signed-out': 'You are signed out. Sign in again to go on.',
  'wrong-credentials': 'The name or the password is wrong.',
  forbidden: 'You may not do this.',
  'not-found': 'This is not there, or it is closed to you.',
  'not-sealed': 'This part of the history is not ready yet.',
  'room-removed': 'You were removed from this room. Somebody who is in it can invite you again.',
  'room-banned':
    'You were banned from this room. No invitation lets you in before one of its moderators lifts the ban.',
  'room-deleted': 'This room was deleted, for everybody.',
  'name-taken': 'Somebody has this name already. Choose another one.',
  'name-invalid': 'This name cannot be used. Take 1 to 40 letters, digits or spaces.',
  suspended: 'This account is suspended. Ask the person who runs this server.',
  'recovery-invalid': 'This code or link is wrong, used up or has expired.',
  'ceremony-failed': 'The passkey could not be checked. Try again.',
  'passkey-unknown': 'This server does not know this passkey. Sign in another way, then add it.',
  'last-credential': 'This is your only way to sign in. Add another one first.',
  'last-administrator': 'Somebody must run this server: make another person an administrator first.',
  'avatar-invalid': 'This picture cannot be used. Take another one.',
  'device-invalid': 'The key of this device cannot be used. Sign out and in again.',
  'fresh-sign-in': 'Sign in again first, to show that it is you.',
  'password-weak':
    'This password is too short or one of the most common ones. Take at least 8 characters that nobody would guess.',
  'registration-closed': 'This server takes no new accounts. Ask the person who runs it.',
  'invitation-invalid': 'This invitation is used up or has expired. Ask for a new one.',
  'setup-invalid': 'This set-up link is not valid any more. The server prints the current one when it starts.',
  origin: 'The server does not know this address. Open Roost at the address that the server prints.',
  'rate-limited': 'Too many tries. Wait a minute, then try again.',
  'too-large': 'This is too large for the server.',
  'too-many': 'You have as many of these as one person may have. Remove one, then try again.',
  storage: 'The server cannot save anything right now. Nothing is lost; try again in a while.',
  internal: 'Something went wrong on the server. Try again.'
};

export const apiWords = (code: ApiErrorCode | 'offline'): string => WORDS[code];
