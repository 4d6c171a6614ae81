// What channel 0 carries: JSON text as `data` messages, and the JSON of `open` and `opened` frames.
// Reading never throws: what does not fit is null, and the connection ends with CLOSE.malformed.

import * as v from 'valibot';
import { ATTACHMENT_KINDS } from './attachment.ts';
import { roomKind, role } from './entry-fields.ts';
import { isEntryId, isRoomId, isUserId } from './ids.ts';
import { PEOPLE_WATCHED_MAX, RECEIPT_ROOMS_MAX, STORED_MAX_ROOMS } from './limits.ts';
import { REFUSAL_CODES } from './refusal-codes.ts';
import { SESSION_ENDS } from './session-end.ts';

const room = v.pipe(
  v.string(),
  v.check((value) => isRoomId(value))
);
const entryId = v.pipe(
  v.string(),
  v.check((value) => isEntryId(value))
);
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const epochMs = v.pipe(v.number(), v.integer());
const userId = v.pipe(
  v.string(),
  v.check((value) => isUserId(value))
);
/** A Yjs client id: an unsigned integer of at most 53 bits. */
const clientId = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER));

/** Asks for a page. */
const openPageRequest = v.strictObject({
  room,
  page: count,
  /** The Yjs client id this page will write under; it is bound to the session's user. */
  clientId,
  /**
   * The room may be one the server has never seen; for a room of two, the other of them: a third person is told the same
   * whether the two have one or not.
   */
  create: v.optional(v.union([v.literal(true), userId]))
});
export type OpenPageRequest = v.InferOutput<typeof openPageRequest>;

/** Asks for the person's own document (personal.ts). Whose it is, the session says: another's cannot be named. */
const openPersonalRequest = v.strictObject({ personal: v.literal(true), clientId });

/** Payload of FRAME.open. */
const openRequest = v.union([openPageRequest, openPersonalRequest]);
export type OpenRequest = v.InferOutput<typeof openRequest>;

/** Payload of FRAME.opened. */
const openedReply = v.strictObject({
  /**
   * The id this connection's presence goes under on this page; set it as `awareness.clientID`. A person's own document
   * has no presence, and the id of the request comes back.
   */
  awarenessId: clientId
});
export type OpenedReply = v.InferOutput<typeof openedReply>;

/** What the rooms column needs of a room, without opening it. */
const roomSummary = v.object({
  id: room,
  name: v.string(),
  topic: v.string(),
  kind: roomKind,
  /** The newest page. */
  head: count,
  /** Messages so far, as in Arrival.n. */
  n: count,
  /** The n up to which this person has read. */
  read: count,
  /** Messages of others above `read`. */
  unread: count,
  /** The places (as in Arrival.n) of unread messages that mention this person, rising; the newest MENTIONS_LISTED_MAX. */
  mentions: v.optional(v.array(count)),
  members: count,
  /** This person's role; null: not a member (a public room that one looks at, or one that one is invited to). */
  role: v.nullable(role),
  /** Who has invited this person, who is not a member yet; null: nobody. */
  invitedBy: v.nullable(v.string()),
  /** Of a direct room or a group: all of it; else []. */
  people: v.array(v.string()),
  avatar: v.nullable(v.string()),
  slowSeconds: count,
  /** Replies in threads so far: they move nothing else of this. */
  replies: v.optional(count, 0),
  /** Messages edited or taken away so far, by people or with their accounts; missing: none, or it is not told. */
  changes: v.optional(count),
  /** The newest entry worth a line of preview; null in a room without one. */
  last: v.nullable(
    v.object({
      id: v.string(),
      author: v.string(),
      /** The type of the entry; for room and membership entries `<type>.<action>`. */
      type: v.string(),
      /** The first 140 characters of a message; '' for other types. */
      body: v.string(),
      /** Of a message with attachments: what the first one is, how many there are, and of a voice message alone its ms. */
      files: v.optional(v.object({ kind: v.picklist(ATTACHMENT_KINDS), count, duration: v.optional(count) })),
      /** When it arrived, epoch ms. For imported entries: when it was written. */
      at: epochMs,
      /** When it disappears; missing: never. */
      until: v.optional(epochMs)
    })
  ),
  /** Created at, epoch ms. */
  createdAt: epochMs
});
export type RoomSummary = v.InferOutput<typeof roomSummary>;

const clientMessage = v.variant('type', [
  /** First message of a connection. The server answers with its own hello, or closes with CLOSE.protocol. */
  v.strictObject({
    type: v.literal('hello'),
    protocol: count,
    /** The generation of the device's copies; null on a fresh device. */
    generation: v.nullable(v.string()),
    /** `cursor` of the last hello or pages message; null on a fresh device. */
    cursor: v.nullable(count)
  }),
  /** The person has read the room up to n. Lower than before: ignored. */
  v.strictObject({
    type: v.literal('read'),
    room,
    n: count,
    /** Others are not to learn of it, whatever the server knows of this person's wishes by now. */
    quiet: v.optional(v.literal(true))
  }),
  /** This device has all of each room up to n on its disk. Lower than before: ignored. */
  v.strictObject({
    type: v.literal('stored'),
    rooms: v.pipe(v.array(v.strictObject({ room, n: count })), v.maxLength(STORED_MAX_ROOMS))
  }),
  /** Whether its person is at this device; said anew with each line. */
  v.strictObject({ type: v.literal('present'), status: v.picklist(['here', 'away']) }),
  /** The people whose presence this connection hears of from now on, and of no others. */
  v.strictObject({ type: v.literal('watch'), users: v.pipe(v.array(userId), v.maxLength(PEOPLE_WATCHED_MAX)) }),
  /** The rooms whose receipts this connection hears of from now on; those that it named before and not now, no more. */
  v.strictObject({ type: v.literal('receipts'), rooms: v.pipe(v.array(room), v.maxLength(RECEIPT_ROOMS_MAX)) })
]);
export type ClientMessage = v.InferOutput<typeof clientMessage>;

/** UserInfo of api.ts. */
const userInfo = v.object({
  id: v.string(),
  name: v.string(),
  displayName: v.string(),
  avatar: v.nullable(v.string()),
  status: v.string(),
  colour: v.nullable(v.number()),
  deleted: v.boolean()
});

const changedPage = v.object({ room, page: count, revision: count });

/** How far a member has come: see receipt.ts. */
const memberReceipt = v.object({ user: v.string(), from: count, read: v.nullable(count), stored: count });
export type MemberReceipt = v.InferOutput<typeof memberReceipt>;

/** Newest n first: how many stand right there. Those far behind are left out. */
const standings = v.array(v.tuple([count, count]));

const serverMessage = v.variant('type', [
  v.object({
    type: v.literal('hello'),
    protocol: count,
    generation: v.string(),
    serverTimeMs: epochMs,
    user: v.object({ id: v.string(), name: v.string(), admin: v.boolean() }),
    /** All rooms this person is a member of or invited to. */
    rooms: v.array(roomSummary),
    /** Sealed pages whose revision changed since the client's cursor. */
    changedPages: v.array(changedPage),
    cursor: count
  }),
  /** Rooms that are new or changed (activity in pages not open, too), and rooms this person is no longer in. */
  v.object({ type: v.literal('rooms'), changed: v.array(roomSummary), gone: v.array(room) }),
  /** Sealed pages changed now. */
  v.object({ type: v.literal('pages'), changed: v.array(changedPage), cursor: count }),
  /** Another device of this person has read the room up to n. */
  v.object({ type: v.literal('read'), room, n: count, unread: count }),
  /**
   * How far other members have come, in a room that this connection asked for.
   * `whole`: these are all others in the room; else those that have changed, and those that are gone.
   */
  v.object({
    type: v.literal('receipts'),
    room,
    whole: v.boolean(),
    people: v.array(memberReceipt),
    gone: v.array(v.string())
  }),
  /** The same where there are too many to name. `read` null: this person does not share theirs. */
  v.object({
    type: v.literal('receipt-counts'),
    room,
    /** Others in the room. */
    others: count,
    read: v.nullable(standings),
    stored: standings
  }),
  /** An entry of this connection was not taken. Unless the code is `sealed`, a tombstone stands in its place. */
  v.object({
    type: v.literal('refused'),
    room,
    page: count,
    id: entryId,
    code: v.picklist(REFUSAL_CODES),
    /** For logs and developers, in English; the interface words the code. */
    detail: v.string()
  }),
  /** Messages of this person that are to be sent later are others than before: sent, refused, or changed elsewhere. */
  v.object({ type: v.literal('scheduled') }),
  /**
   * Of people that this connection watches: whether they are here, on any device. Who does not show to this person is gone.
   * `seenAt`: when somebody who is gone was here last, epoch ms; null: not known, or not told.
   */
  v.object({
    type: v.literal('presence'),
    people: v.array(
      v.object({
        user: v.string(),
        status: v.picklist(['here', 'away', 'gone']),
        seenAt: v.nullable(epochMs)
      })
    )
  }),
  /** What others see of people has changed. */
  v.object({ type: v.literal('people'), changed: v.array(userInfo) }),
  /** The session has ended; a close with CLOSE.signedOut follows, with the cause for its reason. */
  v.object({ type: v.literal('revoked'), cause: v.optional(v.picklist(SESSION_ENDS)) })
]);
export type ServerMessage = v.InferOutput<typeof serverMessage>;

const encoder = new TextEncoder();

export const encodeControl = (message: ClientMessage | ServerMessage | OpenRequest | OpenedReply): Uint8Array =>
  encoder.encode(JSON.stringify(message));

function reader<Output>(schema: v.GenericSchema<unknown, Output>): (bytes: Uint8Array) => Output | null {
  return (bytes) => {
    try {
      const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
      const result = v.safeParse(schema, JSON.parse(text));
      return result.success ? result.output : null;
    } catch {
      return null;
    }
  };
}

export const readOpenRequest = reader(openRequest);
export const readOpenedReply = reader(openedReply);
export const readClientMessage = reader(clientMessage);
export const readServerMessage = reader(serverMessage);
