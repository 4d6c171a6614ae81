// What the server and the app say to each other of Web Push: the API, and what a push carries for the worker.

import * as v from 'valibot';
import { isEntryId, isRoomId } from './ids.ts';

/** Of what was written, where a device asked for it. */
export const PUSHED_TEXT_MAX_CHARS = 200;

/**
 * GET /api/push: whether this session is pushed to. PUT and DELETE /api/push/subscription answer the same; PUT takes what
 * `PushSubscription.toJSON` has, and `content`, whether to show who wrote, and what; left out: as before, at first not.
 * Problems: `push-endpoint`, `too-many`.
 */
export interface PushState {
  /** The server's VAPID key, base64url: `applicationServerKey`. */
  readonly publicKey: string;
  readonly subscription: { readonly endpoint: string; readonly content: boolean } | null;
}

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const room = v.pipe(
  v.string(),
  v.check((value) => isRoomId(value))
);
const entry = v.nullable(
  v.pipe(
    v.string(),
    v.check((value) => isEntryId(value))
  )
);
const pushedData = v.object({
  kind: v.picklist(['message', 'invitation']),
  room,
  /** The newest; null of an invitation. */
  id: entry,
  /** The root of the thread that it stands in. */
  thread: entry,
  /** Arrival.n of the newest; null of an invitation, and in a thread. */
  n: v.nullable(count),
  /** Unread in the room, or new in the thread. */
  count,
  /** Unread over all rooms. */
  badge: count,
  mention: v.boolean(),
  /** Tags of notifications that were read since. */
  read: v.array(v.string()),
  author: v.optional(v.string()),
  text: v.optional(v.string())
});
export type PushedData = v.InferOutput<typeof pushedData>;

const pushMessage = v.object({ notification: v.object({ data: pushedData }) });

/** Never throws. null: not of this server, or of a newer one. */
export function readPush(text: string): PushedData | null {
  try {
    const result = v.safeParse(pushMessage, JSON.parse(text));
    return result.success ? result.output.notification.data : null;
  } catch {
    return null;
  }
}

export function readPushedData(value: unknown): PushedData | null {
  const result = v.safeParse(pushedData, value);
  return result.success ? result.output : null;
}

/** Under one name, so that the newer takes the place of the older. */
export const pushTagOf = (room: string, thread: string | null): string =>
  thread === null ? room : `${room}/${thread}`;
