// The words for states that several screens show: the connection, who is typing, who is here, a message's state.

import type { RoomKind } from '#protocol/entry.ts';
import type { RefusalCode } from '#protocol/refusal-codes.ts';
import type { ConnectionView, MessageState, RoomModel } from '../model/app-model.ts';

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
        ? { icon: 'alert', text: `Connected · ${failed} not sent` }
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

export const kindWords = (kind: RoomKind): string => (kind === 'private' ? 'Private room' : 'Public room');

export function peopleWords(kind: RoomKind, memberCount: number, hereCount: number | null): string {
  if (memberCount <= 1) return `${kindWords(kind)}, only you`;
  const members = `${memberCount.toLocaleString()} members`;
  return hereCount === null ? members : `${members}, ${hereCount.toLocaleString()} here now`;
}

/** In place of who is in a room, where that is not told any more. */
export const closedWords = (why: NonNullable<RoomModel['closed']>): string =>
  ({
    removed: 'You were removed from it',
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
