// What a push looks like: the words of its notification, and where a press on it leads. Pure.

import { pushTagOf, type PushedData } from '../lib/protocol/push.ts';
import { m } from '../lib/words/generated/messages.js';
import type { KnownRoom } from './known-rooms.ts';

/** As browsers have it: the types of the DOM know fewer. */
export interface ShownOptions extends NotificationOptions {
  readonly tag?: string;
  readonly renotify?: boolean;
  readonly actions?: readonly {
    readonly action: string;
    readonly title: string;
    readonly type?: string;
    readonly placeholder?: string;
  }[];
  readonly data?: PushedData | null;
}
export interface Shown {
  readonly title: string;
  readonly options: ShownOptions;
}

const LOOK = { icon: '/icon-192.png', badge: '/icon-monochrome-512.png' };

/** Of what cannot be read: something came, and the app knows what. */
export const shownUnknown = (): Shown => ({
  title: m.push_app(),
  options: { ...LOOK, body: m.push_new({ count: 1 }), data: null, tag: 'unknown' }
});

/**
 * @param room as far as this device knows it
 * @param replies whether the browser takes a text in a notification
 */
export function shownPush(data: PushedData, room: KnownRoom | null, replies: boolean): Shown {
  const { kind, thread, mention, author, text } = data;
  const isInvitation = kind === 'invitation';
  return {
    title: titleOf(data, room),
    options: {
      ...LOOK,
      body: isInvitation ? invitationOf(author) : text === undefined ? countOf(data) : text || m.push_new({ count: 1 }),
      tag: pushTagOf(data.room, thread),
      // A busy room takes the place of its own notification without a sound; a mention is worth one.
      renotify: mention,
      data,
      ...(!isInvitation && { actions: actionsOf(data, replies) })
    }
  };
}

function titleOf({ kind, author }: PushedData, room: KnownRoom | null): string {
  if (kind === 'invitation') return room?.name || m.push_app();
  if (author === undefined) return room?.name || m.push_app();
  return room && !room.isDirect && room.name ? m.push_author_in({ author, room: room.name }) : author;
}

const invitationOf = (author: string | undefined): string =>
  author === undefined ? m.push_invited() : m.push_invited_by({ author });

function countOf({ count, mention, thread }: PushedData): string {
  const text = mention ? m.push_mentioned_of({ count: Math.max(1, count) }) : m.push_new({ count: Math.max(1, count) });
  return thread === null ? text : m.push_in_thread({ text });
}

function actionsOf({ n }: PushedData, replies: boolean): NonNullable<ShownOptions['actions']> {
  const reply = { action: 'reply', title: m.push_reply() };
  const read = { action: 'read', title: m.push_read() };
  return [
    replies ? { ...reply, type: 'text', placeholder: m.push_reply_placeholder() } : reply,
    // How far a thread is read stands in one's own document, which the app alone writes.
    ...(n === null ? [] : [read])
  ];
}

/** Where a press leads. */
export function pathOf({ kind, room, id, thread }: PushedData): string {
  if (kind === 'invitation' || id === null) return `/room/${room}`;
  return thread === null ? `/room/${room}/m/${id}` : `/room/${room}/thread/${thread}`;
}

/** The composer, with what was written in the notification. In the fragment: it is never sent to a server. */
export function replyPathOf({ room, thread }: PushedData, text: string): string {
  const path = thread === null ? `/room/${room}` : `/room/${room}/thread/${thread}`;
  // Half a character, as a keyboard may leave one, has no form in an address.
  return `${path}#write=${encodeURIComponent(text.toWellFormed())}`;
}
