// What people say, and what is made of it: messages, edits, reactions, pins, polls and their votes, redactions.

import * as v from 'valibot';
import { attachments } from './attachment.ts';
import { author, entryId, envelope, isBlank, mentioning, nonBlank, text } from './entry-fields.ts';
import { isRoomId } from './ids.ts';
import {
  BODY_MAX_CHARS,
  EMOJI_MAX_CHARS,
  POLL_MAX_OPTIONS,
  POLL_MIN_OPTIONS,
  POLL_OPTION_MAX_CHARS
} from './limits.ts';
import { isPreviewOf, preview } from './preview.ts';

/** What people choose from; the body of the message is the question. Votes name an option by its place. */
const poll = v.strictObject({
  options: v.pipe(
    v.array(nonBlank(POLL_OPTION_MAX_CHARS)),
    v.minLength(POLL_MIN_OPTIONS),
    v.maxLength(POLL_MAX_OPTIONS, 'too-large'),
    v.check((options) => new Set(options).size === options.length, 'options differ')
  ),
  /** Several may be chosen; left out: one. */
  multiple: v.optional(v.literal(true)),
  /** It is not shown who voted. The votes are entries like all others: whoever reads the bytes can tell. */
  anonymous: v.optional(v.literal(true))
});

/** Says that the words are another's, by the word of who forwards them. */
const forwarded = v.strictObject({
  author,
  /** Where they were written, and as which message: left out where not everybody who reads this may open that room. */
  room: v.optional(
    v.pipe(
      v.string(),
      v.check((value) => isRoomId(value), 'not a room id')
    )
  ),
  id: v.optional(entryId)
});

export const messageEntry = v.pipe(
  v.strictObject({
    ...envelope,
    type: v.literal('message'),
    /** The caption where there are attachments, and may be blank then. */
    body: text(BODY_MAX_CHARS),
    attachments: v.optional(attachments),
    /** True: "/me", said of the author rather than by them. */
    action: v.optional(v.literal(true)),
    replyTo: v.optional(entryId),
    /** The message whose thread it stands in: a root, which is in no thread itself. */
    thread: v.optional(entryId),
    ...mentioning,
    poll: v.optional(poll),
    forwarded: v.optional(forwarded),
    /** Of a page that the words link to; an edit after which they do not is shown without it. */
    preview: v.optional(preview)
  }),
  v.forward(
    v.check((entry) => entry.attachments !== undefined || !isBlank(entry.body), 'blank'),
    ['body']
  ),
  v.check((entry) => entry.attachments === undefined || entry.poll === undefined, 'a poll has no attachments'),
  v.check(
    (entry) => entry.preview === undefined || (entry.attachments === undefined && entry.poll === undefined),
    'a preview stands with words alone'
  ),
  v.check((entry) => entry.preview === undefined || isPreviewOf(entry.preview, entry.body), 'a preview of no link')
);

/** Other words for a message of one's own. All are kept; what arrived last is what it says. */
export const editEntry = v.strictObject({
  ...envelope,
  type: v.literal('edit'),
  target: entryId,
  /** Blank only where files stand for themselves. */
  body: text(BODY_MAX_CHARS),
  /** Shown as such; they call nobody again. */
  ...mentioning
});

/**
 * Nothing but what emoji are made of, and something of it to see. Which sequences are emoji changes with every version
 * of Unicode, and replicas must agree.
 */
const EMOJI =
  /^(?=.*[\p{Extended_Pictographic}\p{Regional_Indicator}\u20e3])[\p{Extended_Pictographic}\p{Emoji_Component}]+$/u;
export const isEmoji = (value: string): boolean => value.length <= EMOJI_MAX_CHARS && EMOJI.test(value);

/** A person's emoji on a message, put there or taken back; of the same emoji what arrived last counts. */
export const reactionEntry = v.strictObject({
  ...envelope,
  type: v.literal('reaction'),
  target: entryId,
  emoji: v.pipe(
    v.string(),
    v.check((value) => isEmoji(value), 'not an emoji')
  ),
  on: v.boolean()
});

/** Puts a message among those that the room keeps at hand, or takes it from there; of one message what arrived last counts. */
export const pinEntry = v.strictObject({ ...envelope, type: v.literal('pin'), target: entryId, on: v.boolean() });

/** What a person chooses in a poll, all of it: what arrived last counts, and [] takes it back. */
export const voteEntry = v.strictObject({
  ...envelope,
  type: v.literal('vote'),
  target: entryId,
  options: v.pipe(
    v.array(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(POLL_MAX_OPTIONS - 1))),
    v.check(
      (options) => options.every((one, at) => at === 0 || options[at - 1]! < one),
      'options are sorted, each once'
    )
  )
});
/** The poll takes no more votes. */
export const pollCloseEntry = v.strictObject({ ...envelope, type: v.literal('poll-close'), target: entryId });

/** Takes a message away from everybody: the server erases its content, the entry that says so stays. */
export const redactionEntry = v.strictObject({
  ...envelope,
  type: v.literal('redaction'),
  target: entryId,
  /** The target's author, and the thread that it stood in: what is erased cannot say it any more. */
  of: author,
  thread: v.optional(entryId)
});

export type MessageEntry = v.InferOutput<typeof messageEntry>;
export type EditEntry = v.InferOutput<typeof editEntry>;
export type ReactionEntry = v.InferOutput<typeof reactionEntry>;
export type PinEntry = v.InferOutput<typeof pinEntry>;
export type VoteEntry = v.InferOutput<typeof voteEntry>;
export type PollCloseEntry = v.InferOutput<typeof pollCloseEntry>;
export type RedactionEntry = v.InferOutput<typeof redactionEntry>;
