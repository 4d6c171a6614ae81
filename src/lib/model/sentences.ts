// Sentences about what happened in a room, for system lines and the preview in the room list. Pure.

import { isKnown, type Entry, type MembershipEntry, type RoomEntry, type RoomKind } from '#protocol/entry.ts';
import type { SystemItem } from './app-model.ts';

export interface Names {
  /** 'You' for oneself. */
  readonly subject: (id: string) => string;
  /** 'you' for oneself. */
  readonly object: (id: string) => string;
}

export interface Happening {
  readonly icon: SystemItem['icon'];
  readonly text: string;
}

/** null: nothing to show (messages and snapshots). */
export function happening(entry: Entry, names: Names): Happening | null {
  const who = names.subject(entry.author);
  if (!isKnown(entry)) return { icon: 'unknown', text: `${who} did something that needs a newer version of Roost` };
  switch (entry.type) {
    case 'message':
    case 'snapshot':
      return null;
    case 'edit':
    case 'reaction':
    case 'vote':
    case 'poll-close':
    case 'redaction':
      // The message that it changes shows it.
      return null;
    case 'pin':
      return entry.on ? { icon: 'pinned', text: `${who} pinned a message` } : null;
    case 'room':
      return roomHappening(entry, who);
    case 'membership':
      return membershipHappening(entry, who, names);
  }
}

/** What its author meant to do: also of what shows as nothing by itself once it is done. */
export function attempt(entry: Entry, names: Names): Happening | null {
  if (isKnown(entry)) {
    const who = names.subject(entry.author);
    if (entry.type === 'redaction') return { icon: 'deleted', text: `${who} removed a message` };
    if (entry.type === 'edit') return { icon: 'edited', text: `${who} edited a message: ${entry.body}` };
    if (entry.type === 'vote')
      return { icon: 'poll', text: `${who} ${entry.options.length > 0 ? 'voted' : 'took a vote back'}` };
    if (entry.type === 'poll-close') return { icon: 'poll', text: `${who} closed a poll` };
    if (entry.type === 'pin' && !entry.on) return { icon: 'pinned', text: `${who} unpinned a message` };
    if (entry.type === 'reaction')
      return {
        icon: 'reaction',
        text: `${who} ${entry.on ? `reacted with ${entry.emoji}` : `took ${entry.emoji} back`}`
      };
  }
  return happening(entry, names);
}

function roomHappening(entry: RoomEntry, who: string): Happening {
  switch (entry.action) {
    case 'created':
      return {
        icon: 'created',
        text:
          entry.kind === 'direct' || entry.kind === 'group' ? `${who} began this conversation` : `${who} made this room`
      };
    case 'renamed':
      return { icon: 'renamed', text: `${who} named the room “${entry.name}”` };
    case 'topic':
      return {
        icon: 'topic',
        text: entry.topic === '' ? `${who} cleared the topic` : `${who} set the topic: ${entry.topic}`
      };
    case 'avatar':
      return {
        icon: 'avatar',
        text: entry.avatar === null ? `${who} took the room’s picture away` : `${who} changed the room’s picture`
      };
    case 'kind':
      return {
        icon: 'kind',
        text: entry.kind === 'public' ? `${who} made the room public` : `${who} made the room private`
      };
    case 'slow':
      return {
        icon: 'slow',
        text:
          entry.seconds === 0
            ? `${who} ended slow mode`
            : `${who} set slow mode: a message every ${durationWords(entry.seconds)}`
      };
    case 'disappearing':
      return {
        icon: 'disappearing',
        text:
          entry.after === 0
            ? `${who} turned disappearing messages off`
            : `${who} lets messages disappear ${lifeWords(entry.after)} after they arrive`
      };
    case 'deleted':
      return { icon: 'deleted', text: `${who} deleted the room` };
  }
}

function membershipHappening(entry: MembershipEntry, who: string, names: Names): Happening {
  switch (entry.action) {
    case 'joined':
      if (entry.invitedBy === undefined) return { icon: 'joined', text: `${who} joined` };
      return { icon: 'joined', text: `${who} joined by ${possessive(names.object(entry.invitedBy))} invitation` };
    case 'left':
      return { icon: 'left', text: `${who} left` };
    case 'invited':
      return { icon: 'invited', text: `${who} invited ${names.object(entry.user)}` };
    case 'removed':
      return { icon: 'removed', text: `${who} removed ${names.object(entry.user)}` };
    case 'banned':
      return { icon: 'banned', text: `${who} banned ${names.object(entry.user)}` };
    case 'unbanned':
      return { icon: 'invited', text: `${who} lifted the ban on ${names.object(entry.user)}` };
    case 'role':
      return { icon: 'role', text: `${who} made ${names.object(entry.user)} ${ROLE_WORDS[entry.role]}` };
  }
}

const ROLE_WORDS = { owner: 'an owner', moderator: 'a moderator', member: 'a member' } as const;

function durationWords(seconds: number): string {
  if (seconds < 60) return seconds === 1 ? 'second' : `${seconds} seconds`;
  const minutes = Math.round(seconds / 60);
  return minutes === 1 ? 'minute' : `${minutes} minutes`;
}

/** How long messages stay: "30 seconds", "8 hours", "7 days". @param seconds above 0 */
export function lifeWords(seconds: number): string {
  const units = [
    [86_400, 'day'],
    [3_600, 'hour'],
    [60, 'minute'],
    [1, 'second']
  ] as const;
  const [length, unit] = units.find(([length]) => seconds % length === 0)!;
  const count = seconds / length;
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

/** The room list knows an entry by `<type>.<action>` alone. '' where that says nothing. */
export function previewOf(type: string, who: string, kind: RoomKind): string {
  switch (type) {
    case 'room.created':
      return kind === 'direct' || kind === 'group' ? `${who} began this conversation` : `${who} made this room`;
    case 'room.renamed':
      return `${who} renamed the room`;
    case 'room.topic':
      return `${who} changed the topic`;
    case 'membership.joined':
      return `${who} joined`;
    case 'membership.left':
      return `${who} left`;
    case 'membership.invited':
      return `${who} invited somebody`;
    case 'membership.removed':
      return `${who} removed somebody`;
    case 'membership.banned':
      return `${who} banned somebody`;
    case 'membership.unbanned':
      return `${who} lifted a ban`;
    case 'membership.role':
      return `${who} changed a role`;
    case 'room.avatar':
      return `${who} changed the room’s picture`;
    case 'room.kind':
      return `${who} changed who may find the room`;
    case 'room.slow':
      return `${who} changed slow mode`;
    case 'room.disappearing':
      return `${who} changed how long messages stay`;
    case 'room.deleted':
      return `${who} deleted the room`;
    case 'disappeared':
      return 'A message disappeared';
    case 'pin':
      return `${who} pinned a message`;
    case 'redaction':
      // By whom is not in the list: its author is not always who took it away.
      return 'A message was removed';
    default:
      return '';
  }
}

const possessive = (name: string): string => (name === 'you' ? 'your' : `${name}’s`);
