// The words for states of rooms and people that several screens show: who is typing, who is here, what may be written.

import type { Role, RoomKind } from '#protocol/entry-fields.ts';
import type { RefusalCode } from '#protocol/refusal-codes.ts';
import type { MemberView } from '../model/member-view.ts';
import type { RoomModel } from '../model/room-model.ts';
import { m } from '../words/generated/messages.js';

export function typingWords(names: readonly string[]): string {
  const [first, second] = names;
  if (first === undefined) return '';
  if (second === undefined) return m.typing_one({ first });
  return names.length === 2 ? m.typing_two({ first, second }) : m.typing_several();
}

export const kindWords = (kind: RoomKind): string => m.room_kind({ kind });

export const roleWords = (role: Role): string => m.role_word({ role });

/** '' : not known, or gone. */
export const presenceWords = (presence: MemberView['presence']): string =>
  presence === 'here' ? m.presence_here() : presence === 'away' ? m.presence_away() : '';

/** Where somebody is, or when they were here last: "online", "away", "last seen Fri"; '': not known, or not told. */
export function whereaboutsWords(
  presence: MemberView['presence'],
  seenAt: number | null,
  recent: (at: number) => string
): string {
  if (presence === 'here' || presence === 'away' || seenAt === null) return presenceWords(presence);
  const when = recent(seenAt);
  return when === m.date_now() ? m.presence_seen_now() : m.presence_seen({ when });
}

/** How long slow mode makes a person wait: "0:23", "4:05". @param ms above 0 */
export function waitWords(ms: number): string {
  const seconds = Math.ceil(ms / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** @param member whether the reader is one of them, and not only invited or looking in */
export function peopleWords(kind: RoomKind, memberCount: number, hereCount: number | null, member = true): string {
  if (kind === 'direct') return kindWords(kind);
  if (member && memberCount <= 1) return m.room_only_you({ kind });
  const members = { n: memberCount, count: memberCount.toLocaleString() };
  return hereCount === null
    ? m.room_members(members)
    : m.room_members_here({ ...members, here: hereCount.toLocaleString() });
}

/** In place of who is in a room, where that is not told any more. */
export const closedWords = (why: NonNullable<RoomModel['closed']>): string => m.room_closed({ why });

/** Why nothing can be written here now. */
export function cannotWriteWords(code: RefusalCode, kind: RoomKind): string {
  switch (code) {
    case 'not-member':
      return kind === 'public' ? m.write_outside_public() : m.write_outside();
    case 'banned':
      return m.write_banned();
    case 'deleted':
      return m.write_deleted();
    case 'not-allowed':
      return m.write_not_allowed();
    case 'no-room':
      return m.write_no_room();
    case 'clock':
      return m.write_clock();
    default:
      return m.write_not_now();
  }
}
