// What people read when they were signed out without their doing: why, and what to do.

import type { SessionEnd } from '#protocol/session-end.ts';
import { m } from '#lib/words/generated/messages.js';

export interface EndedWords {
  readonly heading: string;
  readonly text: string;
}

/** @param cause undefined: the server did not say */
export function endedWords(cause: SessionEnd | undefined): EndedWords {
  switch (cause) {
    case 'suspended':
      return { heading: m.ended_suspended_heading(), text: m.ended_suspended() };
    case 'deleted':
      return { heading: m.ended_deleted_heading(), text: m.ended_deleted() };
    default:
      return { heading: m.ended_welcome(), text: whyOut(cause) };
  }
}

function whyOut(cause: Exclude<SessionEnd, 'suspended' | 'deleted'> | undefined): string {
  switch (cause) {
    case 'revoked':
      return m.ended_revoked();
    case 'password':
      return m.ended_password();
    case 'recovered':
      return m.ended_recovered();
    case 'expired':
      // 30 and 180 days: how long the server lets a browser's session live.
      return m.ended_expired();
    case 'signed-out':
    case undefined:
      return m.ended_unsaid();
  }
}
