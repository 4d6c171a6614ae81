// What the server's index knows of a message that is shown, so that its judgement can be told beforehand.

import type { TargetInfo } from '#protocol/refusal.ts';
import type { MessageItem } from './timeline-item.ts';

export const isThere = ({ state, redacted }: MessageItem): boolean =>
  redacted === null && state !== 'failed' && state !== 'not-saved';

/** One's own that waits to be sent. What is done to it is judged by the server alone where the room's page is not here yet. */
export const waitsToGo = ({ own, n, redacted, state }: MessageItem): boolean =>
  own && n === null && redacted === null && (state === 'saving' || state === 'kept');

/** The page makes no difference to who may. */
export const targetOf = ({ id, author, thread, poll, forwarded, attachments }: MessageItem): TargetInfo => ({
  id,
  author: author.id,
  type: 'message',
  page: 0,
  thread,
  attached: attachments.length > 0,
  fixed: poll !== null || forwarded !== null,
  ...(poll && { poll: { options: poll.options.length, multiple: poll.multiple, closed: poll.closedBy !== null } })
});
