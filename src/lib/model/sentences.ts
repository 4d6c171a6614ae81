// Sentences about what happened in a room, for system lines and the preview in the room list. Pure.

import { isKnown, type Entry } from '#protocol/entry.ts';
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
  if (entry.type === 'message' || entry.type === 'snapshot') return null;
  if (entry.type === 'room') {
    switch (entry.action) {
      case 'created':
        return { icon: 'created', text: `${who} made this room` };
      case 'renamed':
        return { icon: 'renamed', text: `${who} named the room “${entry.name}”` };
      case 'topic':
        return {
          icon: 'topic',
          text: entry.topic === '' ? `${who} cleared the topic` : `${who} set the topic: ${entry.topic}`
        };
    }
  }
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
  }
}

/** The room list knows an entry by `<type>.<action>` alone. '' where that says nothing. */
export function previewOf(type: string, who: string): string {
  switch (type) {
    case 'room.created':
      return `${who} made this room`;
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
    default:
      return '';
  }
}

const possessive = (name: string): string => (name === 'you' ? 'your' : `${name}’s`);
