// What the server's index knows of a message that is shown, so that its judgement can be told beforehand.

import type { TargetInfo } from '#protocol/refusal.ts';
import type { MessageItem } from './app-model.ts';

export const isThere = ({ state, redacted }: MessageItem): boolean =>
  redacted === null && state !== 'failed' && state !== 'not-saved';

/** The page makes no difference to who may. */
export const targetOf = ({ id, author, thread, poll, forwarded }: MessageItem): TargetInfo => ({
  id,
  author: author.id,
  type: 'message',
  page: 0,
  thread,
  fixed: poll !== null || forwarded !== null,
  ...(poll && { poll: { options: poll.options.length, multiple: poll.multiple, closed: poll.closedBy !== null } })
});
