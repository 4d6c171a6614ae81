// What a person hears of at once: a message that has just come, by what the server's summaries say before and after. Pure.
// Invariant: nothing of one's own, nothing imported, and nothing that came by the dozen, as after somebody's absence.

import type { RoomSummary } from '#protocol/control.ts';
import { isUserId, type RoomId, type UserId } from '#protocol/ids.ts';

/** More at a time are somebody's outbox, or a room that one need not be told of line by line. */
const AT_ONCE_MAX = 4;

export interface News {
  readonly room: RoomId;
  /** Arrival.n of the newest. */
  readonly n: number;
  readonly author: UserId;
  /** As it was written, with its marks. */
  readonly body: string;
  /** What goes with it. */
  readonly files?: NonNullable<RoomSummary['last']>['files'];
  /** It mentions this person, or one of those that came with it does. */
  readonly mentioned: boolean;
  /** It stands in this thread, where it arrived at this time, epoch ms; `n` says nothing then. */
  readonly thread?: { readonly root: string; readonly at: number };
}

export function newsOf(before: RoomSummary | null, after: RoomSummary, me: UserId): News | null {
  const { last, n } = after;
  if (!before || !last || after.role === null || last.type !== 'message' || last.id === before.last?.id) return null;
  if (last.author === me || !isUserId(last.author)) return null;
  const came = n - before.n;
  if (came < 1 || came > AT_ONCE_MAX || after.unread === 0) return null;
  const mentioned = (after.mentions ?? []).some((place) => place > before.n);
  return {
    room: after.id,
    n,
    author: last.author,
    body: last.body,
    ...(last.files && { files: last.files }),
    mentioned
  };
}
