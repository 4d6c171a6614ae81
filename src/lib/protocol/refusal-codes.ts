// Why an entry was not taken. Codes are stable; the words for people are the interface's.

export const REFUSAL_CODES = [
  'schema', // the entry breaks its type's schema, or has unknown keys
  'too-large', // beyond ENTRY_MAX_BYTES, a field's limit or INVITED_MAX
  'author', // `author` is not the session's user
  'id-taken', // another entry of this room has the id
  'clock', // sentAt is too far ahead of the server's clock
  'no-room', // the first entry of a room must create it
  'room-exists', // the room is created already
  'not-member', // closed to people who are not in the room
  'banned', // the person may not come back before a moderator lets them
  'deleted', // the room is over for all
  'unsigned', // a person's entry must be signed by one of their devices
  'signature', // it does not fit the entry, or the device is not the author's or was revoked
  'slow', // the room's slow mode: the same entry is taken later
  'not-allowed', // the person's role does not allow it
  'no-target', // the person or entry it speaks of is not there
  'no-change', // it is so already
  'attachment', // a file that it names is not here as it says, or not its author's to send: upload it, then the same entry is taken
  'poll-closed', // the poll takes no more votes
  'reserved', // a type that only the server writes
  'sealed' // the page is full: append to the head page, same id
] as const;

export type RefusalCode = (typeof REFUSAL_CODES)[number];
