// Sentences about what happened in a room, for system lines and the preview in the room list. Pure.

import type { RoomKind } from '#protocol/entry-fields.ts';
import { isKnown, type Entry } from '#protocol/entry.ts';
import type { MembershipEntry, RoomEntry } from '#protocol/room-entries.ts';
import { m } from '../words/generated/messages.js';
import type { SystemItem } from './timeline-item.ts';
import { spanWords } from './span-words.ts';

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
  if (!isKnown(entry)) return { icon: 'unknown', text: m.happening_newer({ who }) };
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
      return entry.on ? { icon: 'pinned', text: m.happening_pinned({ who }) } : null;
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
    if (entry.type === 'redaction') return { icon: 'deleted', text: m.happening_removed_message({ who }) };
    if (entry.type === 'edit') return { icon: 'edited', text: m.happening_edited({ who, words: entry.body }) };
    if (entry.type === 'vote')
      return {
        icon: 'poll',
        text: entry.options.length > 0 ? m.happening_voted({ who }) : m.happening_unvoted({ who })
      };
    if (entry.type === 'poll-close') return { icon: 'poll', text: m.happening_poll_closed({ who }) };
    if (entry.type === 'pin' && !entry.on) return { icon: 'pinned', text: m.happening_unpinned({ who }) };
    if (entry.type === 'reaction')
      return {
        icon: 'reaction',
        text: entry.on
          ? m.happening_reacted({ who, emoji: entry.emoji })
          : m.happening_unreacted({ who, emoji: entry.emoji })
      };
  }
  return happening(entry, names);
}

function roomHappening(entry: RoomEntry, who: string): Happening {
  switch (entry.action) {
    case 'created':
      return {
        icon: 'created',
        text: entry.kind === 'direct' || entry.kind === 'group' ? m.happening_began({ who }) : m.happening_made({ who })
      };
    case 'renamed':
      return { icon: 'renamed', text: m.happening_named({ who, name: entry.name }) };
    case 'topic':
      return {
        icon: 'topic',
        text: entry.topic === '' ? m.happening_topic_cleared({ who }) : m.happening_topic({ who, topic: entry.topic })
      };
    case 'avatar':
      return {
        icon: 'avatar',
        text: entry.avatar === null ? m.happening_picture_gone({ who }) : m.happening_picture({ who })
      };
    case 'kind':
      return {
        icon: 'kind',
        text: entry.kind === 'public' ? m.happening_public({ who }) : m.happening_private({ who })
      };
    case 'slow':
      return {
        icon: 'slow',
        text: slowHappening(entry.seconds, who)
      };
    case 'disappearing':
      return {
        icon: 'disappearing',
        text:
          entry.after === 0 ? m.happening_stay({ who }) : m.happening_disappear({ who, span: spanWords(entry.after) })
      };
    case 'deleted':
      return { icon: 'deleted', text: m.happening_deleted({ who }) };
  }
}

function membershipHappening(entry: MembershipEntry, who: string, names: Names): Happening {
  switch (entry.action) {
    case 'joined': {
      const by = entry.invitedBy === undefined ? null : names.object(entry.invitedBy);
      if (by === null) return { icon: 'joined', text: m.happening_joined({ who }) };
      const text = by === m.happening_you() ? m.happening_joined_by_you({ who }) : m.happening_joined_by({ who, by });
      return { icon: 'joined', text };
    }
    case 'left':
      return { icon: 'left', text: m.happening_left({ who }) };
    case 'invited':
      return { icon: 'invited', text: m.happening_invited({ who, whom: names.object(entry.user) }) };
    case 'removed':
      return { icon: 'removed', text: m.happening_removed({ who, whom: names.object(entry.user) }) };
    case 'banned':
      return { icon: 'banned', text: m.happening_banned({ who, whom: names.object(entry.user) }) };
    case 'unbanned':
      return { icon: 'invited', text: m.happening_unbanned({ who, whom: names.object(entry.user) }) };
    case 'role':
      return { icon: 'role', text: m.happening_role({ role: entry.role, who, whom: names.object(entry.user) }) };
  }
}

function slowHappening(seconds: number, who: string): string {
  if (seconds === 0) return m.happening_slow_ended({ who });
  return seconds < 60
    ? m.happening_slow_seconds({ n: seconds, who })
    : m.happening_slow_minutes({ n: Math.round(seconds / 60), who });
}

/** The room list knows an entry by `<type>.<action>` alone. '' where that says nothing. */
export function previewOf(type: string, who: string, kind: RoomKind): string {
  switch (type) {
    case 'room.created':
      return kind === 'direct' || kind === 'group' ? m.happening_began({ who }) : m.happening_made({ who });
    case 'room.renamed':
      return m.preview_named({ who });
    case 'room.topic':
      return m.preview_topic({ who });
    case 'membership.joined':
      return m.happening_joined({ who });
    case 'membership.left':
      return m.happening_left({ who });
    case 'membership.invited':
      return m.preview_invited({ who });
    case 'membership.removed':
      return m.preview_removed({ who });
    case 'membership.banned':
      return m.preview_banned({ who });
    case 'membership.unbanned':
      return m.preview_unbanned({ who });
    case 'membership.role':
      return m.preview_role({ who });
    case 'room.avatar':
      return m.happening_picture({ who });
    case 'room.kind':
      return m.preview_kind({ who });
    case 'room.slow':
      return m.preview_slow({ who });
    case 'room.disappearing':
      return m.preview_disappearing({ who });
    case 'room.deleted':
      return m.happening_deleted({ who });
    case 'disappeared':
      return m.preview_disappeared();
    case 'pin':
      return m.happening_pinned({ who });
    case 'redaction':
      // By whom is not in the list: its author is not always who took it away.
      return m.preview_removed_message();
    default:
      return '';
  }
}
