// What is kept of a room to list it without loading it, and to know where it goes on.

import * as v from 'valibot';
import { ATTACHMENT_KINDS, kindOfAll } from '#protocol/attachment.ts';
import type { RoomSummary } from '#protocol/control.ts';
import { role, roomKind, type Role } from '#protocol/entry-fields.ts';
import { effectTarget, isKnown, type Entry } from '#protocol/entry.ts';
import type { MessageEntry } from '#protocol/message-entries.ts';
import { isImportedAuthor, isUserId, type RoomId, type UserId } from '#protocol/ids.ts';
import { isAmongPeople, type RoomState } from '#protocol/room-state.ts';
import { gonePlacesSchema } from './gone-places.ts';
import { unreadOf, type ReadMarker } from './read-marker.ts';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));

export const roomMetaSchema = v.strictObject({
  name: v.string(),
  topic: v.string(),
  kind: roomKind,
  /** Epoch ms. */
  createdAt: v.number(),
  members: count,
  /** Of a direct room or a group: its people; else []. */
  people: v.array(v.string()),
  avatar: v.nullable(v.string()),
  slowSeconds: count,
  /** Over for all: what is left keeps the id from being taken again. */
  deleted: v.optional(v.boolean(), false),
  /** The newest page. */
  head: count,
  /** Messages by people of this server, as in Arrival.n. */
  n: count,
  /** Which of them have disappeared. Rooms of before do not know. */
  gone: v.optional(gonePlacesSchema, []),
  /** Replies in threads. Rooms of before have none. */
  replies: v.optional(count, 0),
  /** Edits, and messages taken away by people or with their accounts. Rooms of before count from now on. */
  changes: v.optional(count, 0),
  /** Entries that an import wrote. */
  imported: count,
  /** Something stands here that was neither imported nor says who and what the room is. */
  chatted: v.boolean(),
  last: v.nullable(
    v.strictObject({
      id: v.string(),
      author: v.string(),
      type: v.string(),
      body: v.string(),
      files: v.optional(v.strictObject({ kind: v.picklist(ATTACHMENT_KINDS), count, duration: v.optional(count) })),
      at: v.number(),
      until: v.optional(v.number())
    })
  )
});
export type RoomMeta = v.InferOutput<typeof roomMetaSchema>;

/** Value of member/<user>/<room>. */
export const membershipSchema = v.strictObject({ role });
/** Value of invited/<user>/<room>. */
export const invitationSchema = v.strictObject({ by: v.string() });

const PREVIEW_CHARS = 140;

/** The first characters of a message, never half of one. */
export const preview = (body: string): string => [...body.slice(0, 2 * PREVIEW_CHARS)].slice(0, PREVIEW_CHARS).join('');

/** Messages by people of this server count; imported ones, replies in threads and other types do not. */
export const isCounted = (entry: Entry): boolean =>
  entry.type === 'message' && isUserId(entry.author) && effectTarget(entry) === null;

/** A poll is known by its sign, in every language. */
const previewOf = ({ body, poll }: MessageEntry): string => preview(poll ? `📊 ${body}` : body);

/** What they are is said in the reader's language. */
function filesOf({ attachments }: MessageEntry): Pick<NonNullable<RoomMeta['last']>, 'files'> {
  if (!attachments) return {};
  const [{ voice, duration } = {}, ...others] = attachments;
  const alone = others.length === 0 && voice && duration !== undefined;
  return { files: { kind: kindOfAll(attachments), count: attachments.length, ...(alone && { duration }) } };
}

/** Whether an entry leaves a room open to an import. */
export const isBeforeChat = (entry: Entry): boolean =>
  isImportedAuthor(entry.author) || entry.type === 'room' || entry.type === 'membership' || entry.type === 'snapshot';

/** The line of preview that an entry makes, or null when it makes none. */
export function lastLine(entry: Entry, at: number): RoomMeta['last'] {
  if (!isKnown(entry) || entry.type === 'snapshot') return null;
  const { id, author } = entry;
  // What is said in a thread stands there alone.
  if (entry.type === 'message' && entry.thread !== undefined) return null;
  if (entry.type === 'message') return { id, author, type: 'message', body: previewOf(entry), ...filesOf(entry), at };
  if (entry.type === 'pin') return entry.on ? { id, author, type: 'pin', body: '', at } : null;
  // What changes an earlier line moves no room up in the list: the commit makes that line anew.
  if (entry.type !== 'room' && entry.type !== 'membership') return null;
  return { id, author, type: `${entry.type}.${entry.action}`, body: '', at };
}

/** The part of the projection that follows from the folded state. */
export const metaOfState = (
  state: RoomState
): Pick<
  RoomMeta,
  'name' | 'topic' | 'kind' | 'createdAt' | 'members' | 'people' | 'avatar' | 'slowSeconds' | 'deleted'
> => ({
  name: state.name,
  topic: state.topic,
  kind: state.kind,
  createdAt: state.createdAt,
  members: Object.keys(state.members).length,
  people: isAmongPeople(state) ? Object.keys(state.members) : [],
  avatar: state.avatar,
  slowSeconds: state.slowSeconds,
  deleted: state.deleted
});

/** What a room is to one person. */
export interface Standing {
  readonly role: Role | null;
  /** Who has invited them; null: nobody, or they are in. */
  readonly invitedBy: UserId | null;
  /** null: they have none, so nothing is unread. */
  readonly marker: ReadMarker | null;
  /** Unread messages that mention them, as Arrival.n. */
  readonly mentions: readonly number[];
}

export function summaryOf(id: RoomId, meta: RoomMeta, { role, invitedBy, marker, mentions }: Standing): RoomSummary {
  const { name, topic, kind, createdAt, members, people, avatar, slowSeconds, head, n, replies, changes, last } = meta;
  const read = role ? (marker ?? { n: 0, ownAbove: 0 }) : { n, ownAbove: 0 };
  return {
    ...{ id, name, topic, kind, head, n, replies, changes },
    ...{ members, people, avatar, slowSeconds, role, last, createdAt },
    invitedBy,
    read: read.n,
    unread: unreadOf(read, meta),
    mentions: role ? [...mentions] : []
  };
}

/** Newest activity first; ties by id so that lists stand still. */
export const byActivity = (a: RoomSummary, b: RoomSummary): number =>
  (b.last?.at ?? b.createdAt) - (a.last?.at ?? a.createdAt) || (a.id < b.id ? -1 : 1);
