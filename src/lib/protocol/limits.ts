// Every bound that both sides must agree on, in one place. Bytes are UTF-8 or wire bytes, times are milliseconds.

/** A page is sealed at whichever of these comes first. */
export const PAGE_MAX_ENTRIES = 1_000;
export const PAGE_MAX_BYTES = 512 * 1024;
export const PAGE_MAX_CLIENT_IDS = 250;

/** A client shows the page before the head too while the head has fewer entries than this. */
export const TIMELINE_MIN_ENTRIES = 200;

/** One entry, as the canonical JSON of `canonical.ts`. */
export const ENTRY_MAX_BYTES = 48 * 1024;
/** `message.body`, in UTF-16 code units. */
export const BODY_MAX_CHARS = 16_000;
export const ROOM_NAME_MAX_CHARS = 80;
export const TOPIC_MAX_CHARS = 500;
export const USER_NAME_MAX_CHARS = 40;
export const PASSWORD_MIN_CHARS = 8;
export const PASSWORD_MAX_CHARS = 256;
/** People whom one message mentions by name. */
export const MENTIONS_MAX = 50;
/** Unread mentions of one person in one room that a summary names: the newest. */
export const MENTIONS_LISTED_MAX = 100;
/** Edits of one message: each is kept, so that what was written before can be read. */
export const EDITS_MAX = 100;
/** Messages that a room keeps pinned. */
export const PINS_MAX = 100;
/** What a poll lets people choose from. */
export const POLL_MIN_OPTIONS = 2;
export const POLL_MAX_OPTIONS = 10;
export const POLL_OPTION_MAX_CHARS = 100;
/** Of a poll's question; the message could be longer. */
export const POLL_QUESTION_MAX_CHARS = 300;
/** One emoji with all its joiners and modifiers, in UTF-16 code units. */
export const EMOJI_MAX_CHARS = 32;
/** How deep the JSON of an entry of unknown type may nest. */
export const ENTRY_MAX_DEPTH = 6;
/** Invitations of a room that nobody has taken yet; whoever is invited need not exist, so somebody must bound them. */
export const INVITED_MAX = 500;
/** Invitation links of one person that can still be used. */
export const INVITATION_LINKS_MAX = 50;
/** How long a link may live, how many people it may let in, and what it is where nothing is said. */
export const INVITATION_LIFE_MAX_MS = 90 * 24 * 3_600_000;
export const INVITATION_LIFE_MIN_MS = 60_000;
export const INVITATION_LIFE_MS = 7 * 24 * 3_600_000;
export const INVITATION_USES_MAX = 1_000;
export const INVITATION_USES = 20;
/** Reports of one person that nobody has settled yet. */
export const REPORTS_MAX = 50;
/** People who are banned from a room. */
export const BANNED_MAX = 500;
/** People of a group without a name, oneself included. */
export const GROUP_MAX_PEOPLE = 12;
/** The slowest slow mode: an hour between a member's messages. */
export const SLOW_MAX_SECONDS = 3_600;
/** Messages of one person that are to be sent later, and how far ahead that may be. */
export const SCHEDULED_MAX = 100;
export const SCHEDULED_AHEAD_MAX_MS = 366 * 24 * 3_600_000;
/** How long messages of a room may stand before they disappear: ten seconds to a year. */
export const DISAPPEAR_MIN_SECONDS = 10;
export const DISAPPEAR_MAX_SECONDS = 365 * 24 * 3_600;
/** A profile: the name that others read, and the status text. */
export const DISPLAY_NAME_MAX_CHARS = 40;
export const STATUS_MAX_CHARS = 120;
/** An avatar is a square WebP of at most so many pixels a side and bytes. */
export const AVATAR_MAX_PX = 256;
export const AVATAR_MAX_BYTES = 64 * 1024;
/** Files of one message, a file's name in UTF-16 code units, and the loudness of a voice message in so many values. */
export const ATTACHMENTS_MAX = 10;
export const FILE_NAME_MAX_CHARS = 200;
export const WAVEFORM_MAX = 64;
/** Of a picture, by what its header says: a bomb of a few kilobytes can claim more than a device has memory. */
export const PICTURE_MAX_PIXELS = 100_000_000;
/** A colour profile in a picture: as browsers write them, not as one to hide things in. */
export const COLOUR_PROFILE_MAX_BYTES = 4 * 1024;
/** A web address that is previewed, and what a preview says of its page. */
export const LINK_MAX_CHARS = 2_000;
export const PREVIEW_TITLE_MAX_CHARS = 200;
export const PREVIEW_TEXT_MAX_CHARS = 300;
export const PREVIEW_SITE_MAX_CHARS = 100;
/** Its picture, which is in the message: the longest side, and all of it in base64. */
export const PREVIEW_PICTURE_MAX_PX = 240;
export const PREVIEW_PICTURE_MAX_CHARS = 16 * 1024;
/** An upload that nobody goes on with, and a file that no message names, are kept so long. */
export const UPLOAD_KEPT_MS = 24 * 3_600_000;
/** Uploads of one person that are not finished. */
export const UPLOADS_MAX = 100;
/** Of a report, its reason. */
export const REASON_MAX_CHARS = 500;
/** People that one has blocked. */
export const BLOCKED_MAX = 1_000;
/** Members that a snapshot carries; beyond it `membersElided` counts the rest. */
export const SNAPSHOT_MAX_MEMBERS = 500;

/** A person's own document, as the one Yjs update that holds all of it; and one key and value of it, as canonical JSON. */
export const PERSONAL_MAX_BYTES = 1024 * 1024;
export const PERSONAL_VALUE_MAX_BYTES = 32 * 1024;
export const PERSONAL_KEY_MAX_CHARS = 128;
/** Words that a person wants to hear of, and the length of each. */
export const KEYWORDS_MAX = 50;
export const KEYWORD_MAX_CHARS = 40;

/** `sentAt` may be at most this far ahead of the server's clock. */
export const CLOCK_AHEAD_MAX_MS = 5 * 60_000;
/** An entry that arrived this much after it was written is shown as late. */
export const LATE_AFTER_MS = 5 * 60_000;

/** One WebSocket frame on `/sync`; longer messages are split (frames.ts). */
export const FRAME_MAX_BYTES = 60 * 1024;
/** One reassembled message of a channel, either way. */
export const MESSAGE_MAX_BYTES = 4 * 1024 * 1024;
/** One control message on channel 0, either way. */
export const CONTROL_MAX_BYTES = 1024 * 1024;
/** Channels that one connection may have open. */
export const CHANNELS_MAX = 64;

/** The server sends a ping frame this often; a client that hears nothing for LINE_DEAD_MS gives the line up. */
export const PING_EVERY_MS = 10_000;
export const LINE_DEAD_MS = 25_000;
/** So long the removal of a message can be called back: it waits on the device, and is not sent before. */
export const CALL_BACK_MS = 5_000;
/** An entry of ours without arrival this long after sync starts a rebuild of its page. */
export const ARRIVAL_OVERDUE_MS = 10_000;

/** One awareness state, as JSON. */
export const PRESENCE_MAX_BYTES = 1_024;
/** Rooms in one report of what a device has stored, and how far apart a device's reports lie at least. */
export const STORED_MAX_ROOMS = 200;
export const STORED_EVERY_MS = 10_000;
/** Rooms whose receipts one connection hears of. */
export const RECEIPT_ROOMS_MAX = 8;
/** People whose presence one connection hears of. */
export const PEOPLE_WATCHED_MAX = 100;
/** In a room of more members than this, receipts are counts. */
export const RECEIPTS_MAX_LISTED = 50;
/** Above this many present, a page's presence is counts and typists alone. */
export const PRESENCE_MAX_LISTED = 50;
