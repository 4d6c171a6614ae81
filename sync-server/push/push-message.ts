// What a push says: JSON that a worker reads, and in the same words the declarative form, which Safari shows without one.
// Invariant: nothing that was said, and nobody's name, is in it unless the device asked for that.

import type { EntryId, RoomId } from '#protocol/ids.ts';
import { plainMarkdown } from '#protocol/markdown/markdown.ts';
import { PUSHED_TEXT_MAX_CHARS, pushTagOf, type PushedData } from '#protocol/push.ts';

export interface Pushed {
  readonly kind: 'message' | 'invitation';
  readonly room: RoomId;
  /** The newest; null of an invitation. */
  readonly id: EntryId | null;
  readonly thread: EntryId | null;
  /** Arrival.n of the newest; null of an invitation, and in a thread. */
  readonly n: number | null;
  /** Unread in the room, or new in the thread. */
  readonly count: number;
  /** Unread over all rooms. */
  readonly badge: number;
  /** One of them calls the person. */
  readonly mention: boolean;
  readonly author: string;
  readonly text: string;
  /** Rooms and threads that were pushed, and have been read since. */
  readonly read: readonly string[];
}

export interface PushWish {
  readonly content: boolean;
  readonly origin: string;
  readonly serverName: string;
}

/** What a push service takes (RFC 8030 §7.2: 4,096 bytes), without what encrypting adds: head, tag and padding mark (RFC 8188). */
const PAYLOAD_MAX_BYTES = 4_096 - 86 - 16 - 1;
const TEXT_MIN_CHARS = 25;
/** Marks and addresses that nobody sees are among them. */
const READ_MAX_CHARS = 5 * PUSHED_TEXT_MAX_CHARS;

/** As much of the words, and of what was read, as a push service takes. */
export function pushPayload(pushed: Pushed, wish: PushWish): string {
  let chars = PUSHED_TEXT_MAX_CHARS;
  let { read } = pushed;
  // As the app shows the beginning of a message; more of it than that is not read, however long it is.
  const text = wish.content ? plainMarkdown(firstOf(pushed.text, READ_MAX_CHARS)) : '';
  for (;;) {
    const payload = payloadOf({ ...pushed, text: firstOf(text, chars), read }, wish);
    if (Buffer.byteLength(payload) <= PAYLOAD_MAX_BYTES) return payload;
    if (chars > TEXT_MIN_CHARS) chars = Math.floor(chars / 2);
    else if (read.length > 0) read = read.slice(Math.ceil(read.length / 2));
    else return payload;
  }
}

function payloadOf(pushed: Pushed, { content, origin, serverName }: PushWish): string {
  const { kind, room, id, thread, n, count, badge, mention, author, text, read } = pushed;
  const said = content ? { author, text } : {};
  const data: PushedData = {
    ...{ kind, room, id, thread, n, count, badge, mention, read: [...read] },
    ...said
  };
  const path = pathOf(pushed);
  const declared = content
    ? { title: author, body: kind === 'invitation' ? 'Invites you to a room' : data.text || 'New message' }
    : { title: serverName, body: bodyOf(pushed) };
  return JSON.stringify({
    web_push: 8030,
    notification: {
      ...declared,
      // The only language that the app has so far: no account says another.
      lang: 'en',
      dir: 'auto',
      navigate: `${origin}${path}`,
      tag: pushTagOf(room, thread),
      data,
      // As WebKit has it; the standard has it outside.
      app_badge: String(badge)
    },
    app_badge: badge,
    // The worker knows the names of rooms.
    mutable: true
  });
}

function pathOf({ kind, room, id, thread }: Pushed): string {
  if (kind === 'invitation' || id === null) return `/room/${room}`;
  return thread === null ? `/room/${room}/m/${id}` : `/room/${room}/thread/${thread}`;
}

function bodyOf({ kind, count, mention }: Pushed): string {
  if (kind === 'invitation') return 'You are invited to a room';
  if (mention) return 'You are mentioned';
  return count > 1 ? `${count} new messages` : 'New message';
}

/** Cut between characters, not within one. */
function firstOf(text: string, chars: number): string {
  if (text.length <= chars) return text;
  return `${text.slice(0, chars).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
