// What stands in a timeline: messages with all that goes with them, and lines about the room.

import type { Attachment } from '#protocol/attachment.ts';
import type { Preview } from '#protocol/preview.ts';
import type { PollView } from './message-acts.ts';
import type { PersonView } from './person-view.ts';

/**
 * kept: on this device's disk, waiting. arrived: synced to the server's disk. failed: refused, see `failure`.
 * not-saved: this device could not keep it; it is in memory alone. saving: not on disk yet.
 */
export type MessageState = 'saving' | 'kept' | 'arrived' | 'failed' | 'not-saved';

export type TimelineItem = MessageItem | SystemItem;

export interface MessageItem {
  readonly kind: 'message';
  readonly id: string;
  readonly author: PersonView;
  readonly own: boolean;
  readonly body: string;
  /** "/me". */
  readonly action: boolean;
  /** When it was written, epoch ms. */
  readonly sentAt: number;
  /** When it arrived, or null. */
  readonly arrivedAt: number | null;
  /** Arrived so long after it was written that both times are shown. */
  readonly late: boolean;
  readonly state: MessageState;
  /** Words for `failed` and `not-saved`: the reason in a sentence, else null. */
  readonly failure: string | null;
  readonly replyTo: ReplyQuote | null;
  /**
   * Taken away: the body is '' then. null: it is there. `withAccount`: not by anybody's act on this message, but with the
   * account of its author, of whom nothing is left.
   */
  readonly redacted: { readonly by: PersonView; readonly own: boolean; readonly withAccount: boolean } | null;
  /** What it said over time, the first words first; [] where it was never edited. */
  readonly versions: readonly { readonly body: string; readonly at: number }[];
  readonly reactions: readonly ReactionView[];
  /** What goes with it; the body is the caption then, and may be ''. [] : nothing, or taken away. */
  readonly attachments: readonly Attachment[];
  /** What people choose from; the body is the question then. */
  readonly poll: PollView | null;
  /** Of a page that it links to; null: none, or its words link there no more. */
  readonly preview: Preview | null;
  /** Who wrote it, by the word of who sent it, and where, as far as they say. */
  readonly forwarded: { readonly author: PersonView; readonly room: string | null; readonly id: string | null } | null;
  /** Whom its words mention; null: nobody. */
  readonly mentions: MentionsView | null;
  /** Whether it is shown who wrote it. `bot`: unsigned, as programs may write; `none`: imported, or by the server. */
  readonly proof: 'signed' | 'pending' | 'failed' | 'bot' | 'none';
  /** Arrival.n, in a thread its place there; null while pending. */
  readonly n: number | null;
  /** The root of the thread that it stands in; left out: in none. */
  readonly thread?: string | undefined;
}

export interface MentionsView {
  /** By name. */
  readonly people: readonly PersonView[];
  /** All who are in the room. */
  readonly room: boolean;
  /** Id of the person at this device. */
  readonly me: string;
  /** They have written it themselves. */
  readonly own: boolean;
}

export interface ReactionView {
  readonly emoji: string;
  /** The first one first; never empty. */
  readonly people: readonly PersonView[];
  readonly own: boolean;
}

export interface ReplyQuote {
  readonly id: string;
  /** null when the message is on a page that is not loaded. */
  readonly author: PersonView | null;
  readonly body: string | null;
  /** What goes with it. */
  readonly attachments?: readonly Attachment[];
  /** It was removed or has disappeared: `body` says so. */
  readonly gone?: true;
}

export interface SystemItem {
  readonly kind: 'system';
  readonly id: string;
  readonly icon:
    | 'created'
    | 'joined'
    | 'left'
    | 'invited'
    | 'removed'
    | 'banned'
    | 'role'
    | 'renamed'
    | 'topic'
    | 'avatar'
    | 'kind'
    | 'slow'
    | 'disappearing'
    | 'deleted'
    | 'edited'
    | 'reaction'
    | 'pinned'
    | 'poll'
    | 'unknown';
  /** A whole sentence: "Ann joined by Nora's invitation". */
  readonly text: string;
  /** What its author typed, to be copied where it was refused; null: nothing. */
  readonly words: string | null;
  readonly sentAt: number;
  readonly arrivedAt: number | null;
  readonly state: MessageState;
  readonly failure: string | null;
  readonly own: boolean;
  readonly n: number | null;
}
