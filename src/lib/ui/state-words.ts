// The words for states that several screens show: the connection, who is typing, who is here, a message's state.

import type { Role, RoomKind } from '#protocol/entry.ts';
import type { RefusalCode } from '#protocol/refusal-codes.ts';
import type { ConnectionView, MemberView, MessageState, RoomModel } from '../model/app-model.ts';

export interface ConnectionWords {
  readonly icon: 'check' | 'clock' | 'syncing' | 'offline' | 'alert';
  readonly text: string;
}

export function connectionWords(view: Pick<ConnectionView, 'status' | 'waiting' | 'failed'>): ConnectionWords {
  const { status, waiting, failed } = view;
  switch (status) {
    case 'connected':
      if (waiting > 0) return { icon: 'clock', text: `Connected · sending ${waiting}` };
      return failed > 0
        ? { icon: 'alert', text: `${failed} not sent` }
        : { icon: 'check', text: 'Connected · all sent' };
    case 'syncing':
      return { icon: 'syncing', text: 'Syncing…' };
    case 'connecting':
      return { icon: 'syncing', text: waiting === 0 ? 'Connecting…' : `Connecting… · ${waiting} waiting` };
    case 'offline':
      return { icon: 'offline', text: waiting === 0 ? 'Offline' : `Offline · ${waiting} waiting` };
  }
}

export function typingWords(names: readonly string[]): string {
  const [first, second] = names;
  if (first === undefined) return '';
  if (second === undefined) return `${first} is typing…`;
  if (names.length === 2) return `${first} and ${second} are typing…`;
  return 'Several people are typing…';
}

const KIND_WORDS: Readonly<Record<RoomKind, string>> = {
  public: 'Public room',
  private: 'Private room',
  direct: 'Direct message',
  group: 'Group'
};
export const kindWords = (kind: RoomKind): string => KIND_WORDS[kind];

const ROLE_WORDS: Readonly<Record<Role, string>> = { owner: 'Owner', moderator: 'Moderator', member: 'Member' };
export const roleWords = (role: Role): string => ROLE_WORDS[role];

/** '' : not known, or gone. */
export const presenceWords = (presence: MemberView['presence']): string =>
  presence === 'here' ? 'online' : presence === 'away' ? 'away' : '';

/** Where somebody is, or when they were here last: "online", "away", "last seen Fri"; '': not known, or not told. */
export function whereaboutsWords(
  presence: MemberView['presence'],
  seenAt: number | null,
  recent: (at: number) => string
): string {
  if (presence === 'here' || presence === 'away' || seenAt === null) return presenceWords(presence);
  const when = recent(seenAt);
  return `last seen ${when === 'now' ? 'just now' : when}`;
}

/** How far apart messages must lie: "30 seconds", "5 minutes", "1 hour". @param seconds above 0 */
export function slowWords(seconds: number): string {
  const [count, unit] =
    seconds % 3_600 === 0
      ? [seconds / 3_600, 'hour']
      : seconds % 60 === 0
        ? [seconds / 60, 'minute']
        : [seconds, 'second'];
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

/** How long slow mode makes a person wait: "0:23", "4:05". @param ms above 0 */
export function waitWords(ms: number): string {
  const seconds = Math.ceil(ms / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** @param member whether the reader is one of them, and not only invited or looking in */
export function peopleWords(kind: RoomKind, memberCount: number, hereCount: number | null, member = true): string {
  if (kind === 'direct') return kindWords(kind);
  if (member && memberCount <= 1) return `${kindWords(kind)}, only you`;
  const members = memberCount === 1 ? '1 member' : `${memberCount.toLocaleString()} members`;
  return hereCount === null ? members : `${members}, ${hereCount.toLocaleString()} here now`;
}

/** In place of who is in a room, where that is not told any more. */
export const closedWords = (why: NonNullable<RoomModel['closed']>): string =>
  ({
    removed: 'You were removed from it',
    banned: 'You were banned from it',
    deleted: 'It was deleted',
    'not-any-more': 'You are not in it any more',
    'not-here': 'You are not in it'
  })[why];

export const stateWords: Readonly<Record<MessageState, string>> = {
  saving: 'being saved on this device',
  kept: 'kept on this device, waiting to be sent',
  arrived: 'on the server',
  failed: 'not sent',
  'not-saved': 'not saved'
};

/** Why nothing can be written here now. */
export function cannotWriteWords(code: RefusalCode, kind: RoomKind): string {
  switch (code) {
    case 'not-member':
      return kind === 'public'
        ? 'You are not in this room. Join it to write.'
        : 'You are not in this room any more. Ask for an invitation to write.';
    case 'banned':
      return 'You are banned from this room. Only its moderators can change that.';
    case 'deleted':
      return 'This room was deleted. What you had not sent is still here to copy.';
    case 'not-allowed':
      return 'Your role in this room does not allow writing.';
    case 'no-room':
      return 'This room is not there any more.';
    case 'clock':
      return 'This device’s clock is too far ahead. Set it right to write.';
    default:
      return 'Nothing can be written here right now.';
  }
}
