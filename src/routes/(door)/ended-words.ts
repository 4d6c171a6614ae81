// What people read when they were signed out without their doing: why, and what to do.

import type { SessionEnd } from '#protocol/session-end.ts';

export interface EndedWords {
  readonly heading: string;
  readonly text: string;
}

/** 30 and 180 days: how long the server lets a browser's session live. */
const WORDS: Readonly<Record<Exclude<SessionEnd, 'signed-out'>, EndedWords>> = {
  revoked: {
    heading: 'Welcome back',
    text: 'This device was signed out from another one of yours. Sign in again to go on where you were.'
  },
  password: {
    heading: 'Welcome back',
    text: 'Your password was changed, and that signs out every other device. Sign in with the new one to go on where you were.'
  },
  recovered: {
    heading: 'Welcome back',
    text: 'Your account was opened with a recovery code or a link of an administrator, and got a new password. If that was not you, tell whoever runs this server.'
  },
  expired: {
    heading: 'Welcome back',
    text: 'You were signed out because this device was not used for 30 days, or signed in for 180. Sign in again to go on where you were.'
  },
  suspended: {
    heading: 'Your account is suspended',
    text: 'An administrator of this server has suspended it. Ask them why; when they let you back in, sign in here to go on where you were.'
  },
  deleted: {
    heading: 'Your account was deleted',
    text: 'It is gone from this server, and nothing of it is left on this device.'
  }
};

/** @param cause undefined: the server did not say */
export function endedWords(cause: SessionEnd | undefined): EndedWords {
  if (cause !== undefined && cause !== 'signed-out') return WORDS[cause];
  return {
    heading: 'Welcome back',
    text: 'You were signed out of this device. Sign in again to go on where you were.'
  };
}
