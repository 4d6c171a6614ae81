// Where rooms lie in the key-value store. Numbers in keys are padded, so that key order is their order.
//
//   room/<room>                  RoomMeta: what a list shows of the room, its head page, its counts
//   room-state/<room>            the folded RoomState; written when it changes
//   gate/<room>/<page>           PageGateState without the room's state
//   base/<room>/<page>           merged Yjs bytes of the page up to a log position; of a sealed page, all of it
//   id/<room>/<entry>            StoredEntry: author, type, page, hash, arrival
//   vote/<room>/<poll>/<entry>   nothing: a vote that goes with its poll
//   thread-of/<room>/<root>/<user> nothing: the person wrote in the thread
//   sealed/<room>/<page>         arrived entries of a sealed page as JSON, ready to be served
//   late/<room>/<page>/<seq>     entry of a later page that concerns one of this page; seq counts from 1
//   revision/<room>/<page>       how many of them there are, and where the page stands in the list of changes
//   erased/<room>/<page>         ids and arrivals of the page's entries whose content was erased
//   erasure/<room>/<position>    a commit has erased something: old bytes are to leave the disk
//   erase-person/<user>          all that they wrote is to be erased
//   expiry/<until>/<room>/<entry> nothing: the entry disappears then, epoch ms
//   change/<seq>                 pages by their latest change, over all rooms; what a client's cursor points into
//   member/<user>/<room>         role, for the list of a person's rooms
//   invited/<user>/<room>        who has invited them, while they are not in it
//   banned/<user>/<room>         nothing: that it is so
//   left/<user>/<room>           nothing: they could open it once, and are to be told why they cannot any more
//   public/<room>                the directory of public rooms
//   read/<room>/<user>           ReadMarker
//   receipt/<room>/<user>        Receipt: how far others may know that a member has come
//   said/<room>/<user>           when they wrote last, epoch ms, while the room was in slow mode
//   own/<room>/<user>/<n>        a message of the person's own above their read marker
//   mention/<room>/<user>/<n>    a message that mentions the person, above their read marker
//   call/<room>/<n>              author of a message that mentions all who are in the room
//
// The log's own records are at log/… and log-head/… (store/key-value-room-log.ts).

import type { EntryId, PageRef, RoomId, UserId } from '#protocol/ids.ts';

const padded = (number: number): string => String(number).padStart(12, '0');

/** The first key after all that begin with a prefix ending in `/`. */
const after = (prefix: string): string => `${prefix.slice(0, -1)}0`;
const within = (prefix: string): { gte: string; lt: string } => ({ gte: prefix, lt: after(prefix) });
const lastPart = (key: string): string => key.slice(key.lastIndexOf('/') + 1);

export const roomKey = (room: RoomId): string => `room/${room}`;
export const ALL_ROOMS = within('room/');
export const roomStateKey = (room: RoomId): string => `room-state/${room}`;

export const gateKey = ({ room, page }: PageRef): string => `gate/${room}/${padded(page)}`;
export const baseKey = ({ room, page }: PageRef): string => `base/${room}/${padded(page)}`;
export const entryKey = (room: RoomId, id: EntryId): string => `id/${room}/${id}`;

export const voteKey = (room: RoomId, poll: EntryId, vote: EntryId): string => `vote/${room}/${poll}/${vote}`;
export const votesOf = (room: RoomId, poll: EntryId): { gte: string; lt: string } => within(`vote/${room}/${poll}/`);
/** The entry of a key that ends with one. */
export const voteOfKey = (key: string): EntryId => lastPart(key);

/** Who wrote in a thread, and so hears of it. */
export const threadOfKey = (room: RoomId, root: EntryId, user: UserId): string => `thread-of/${room}/${root}/${user}`;

export const sealedKey = ({ room, page }: PageRef): string => `sealed/${room}/${padded(page)}`;
export const lateKey = ({ room, page }: PageRef, seq: number): string => `late/${room}/${padded(page)}/${padded(seq)}`;
export const lateOf = ({ room, page }: PageRef): { gte: string; lt: string } => within(`late/${room}/${padded(page)}/`);
export const revisionKey = ({ room, page }: PageRef): string => `revision/${room}/${padded(page)}`;

export const expiryKey = (until: number, room: RoomId, id: EntryId): string => `expiry/${until16(until)}/${room}/${id}`;
/** Epoch ms that last for some thousand years. */
const until16 = (until: number): string => String(until).padStart(16, '0');
export const ALL_EXPIRIES = within('expiry/');
/** @param at epoch ms, itself included */
export const expiriesUpTo = (at: number): { gte: string; lt: string } => ({
  gte: ALL_EXPIRIES.gte,
  lt: `expiry/${until16(at + 1)}/`
});
export const untilOfExpiry = (key: string): number => Number(key.split('/')[1]);
export function entryOfExpiry(key: string): [RoomId, EntryId] {
  const [, , room, id] = key.split('/');
  return [room!, id!];
}

export const changeKey = (seq: number): string => `change/${padded(seq)}`;
export const ALL_CHANGES = within('change/');
export const changeSeqOf = (key: string): number => Number(lastPart(key));

export const memberKey = (user: UserId, room: RoomId): string => `member/${user}/${room}`;
export const roomsOf = (user: UserId): { gte: string; lt: string } => within(`member/${user}/`);
export const invitedKey = (user: UserId, room: RoomId): string => `invited/${user}/${room}`;
export const invitationsOf = (user: UserId): { gte: string; lt: string } => within(`invited/${user}/`);
export const bannedKey = (user: UserId, room: RoomId): string => `banned/${user}/${room}`;
export const bansOf = (user: UserId): { gte: string; lt: string } => within(`banned/${user}/`);
export const leftKey = (user: UserId, room: RoomId): string => `left/${user}/${room}`;
export const leftBy = (user: UserId): { gte: string; lt: string } => within(`left/${user}/`);
export const publicKey = (room: RoomId): string => `public/${room}`;
export const ALL_PUBLIC = within('public/');
/** The room of a key that ends with one. */
export const roomOfKey = (key: string): RoomId => lastPart(key);

export const readKey = (room: RoomId, user: UserId): string => `read/${room}/${user}`;
export const ownKey = (room: RoomId, user: UserId, n: number): string => `own/${room}/${user}/${padded(n)}`;

export const receiptKey = (room: RoomId, user: UserId): string => `receipt/${room}/${user}`;
export const mentionKey = (room: RoomId, user: UserId, n: number): string => `mention/${room}/${user}/${padded(n)}`;
export const mentionsOf = (room: RoomId, user: UserId, above: number): { gt: string; lt: string } => ({
  gt: mentionKey(room, user, above),
  lt: after(`mention/${room}/${user}/`)
});
export const callKey = (room: RoomId, n: number): string => `call/${room}/${padded(n)}`;
export const callsOf = (room: RoomId, above: number): { gt: string; lt: string } => ({
  gt: callKey(room, above),
  lt: after(`call/${room}/`)
});
/** What is kept of messages above a person's marker. */
export const unreadOfPerson = (room: RoomId, user: UserId): { gte: string; lt: string }[] =>
  ['own', 'mention'].map((name) => within(`${name}/${room}/${user}/`));
/** The number of a key that ends with one. */
export const numberOfKey = (key: string): number => Number(lastPart(key));

export const saidKey = (room: RoomId, user: UserId): string => `said/${room}/${user}`;
export const saidIn = (room: RoomId): { gte: string; lt: string } => within(`said/${room}/`);
/** The user of a key that ends with one. */
export const userOfKey = (key: string): UserId => lastPart(key);

export const erasedKey = ({ room, page }: PageRef): string => `erased/${room}/${padded(page)}`;
export const erasureKey = (room: RoomId, position: number): string => `erasure/${room}/${padded(position)}`;
export const erasuresOf = (room: RoomId): { gte: string; lt: string } => within(`erasure/${room}/`);
export const ALL_ERASURES = within('erasure/');
/** The room of a key of erasures. */
export const roomOfErasure = (key: string): RoomId => key.split('/')[1]!;
export const erasePersonKey = (user: UserId): string => `erase-person/${user}`;
export const ALL_ERASED_PEOPLE = within('erase-person/');

/** What a redaction takes content out of. */
export const contentOf = (room: RoomId): { gte: string; lt: string }[] =>
  ['base', 'sealed', 'late'].map((name) => within(`${name}/${room}/`));
/** All that a room's pages and people have left, but for the room's own two records. */
export const remainsOf = (room: RoomId): { gte: string; lt: string }[] =>
  [
    'base',
    'sealed',
    'late',
    'revision',
    'erased',
    'gate',
    'id',
    'vote',
    'thread-of',
    'read',
    'own',
    'receipt',
    'said',
    'mention',
    'call'
  ].map((name) => within(`${name}/${room}/`));
export const revisionsOf = (room: RoomId): { gte: string; lt: string } => within(`revision/${room}/`);
export const ALL_ENTRIES = within('id/');
export const isEntryKey = (key: string): boolean => key.startsWith(ALL_ENTRIES.gte);
/** Room and id of a key of the id index. */
export function entryOfKey(key: string): [RoomId, EntryId] {
  const [, room, id] = key.split('/');
  return [room!, id!];
}
