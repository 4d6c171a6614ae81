// An answer or an edit in a composer.

import type { MessageItem, ReplyQuote } from './timeline-item.ts';

/** What the composer is for besides a plain message; kept over a reload, as the draft is. */
export interface Composition {
  /** The message that is answered; null: none. */
  readonly replyTo: ReplyQuote | null;
  /** A message of one's own that gets other words; null: none. The draft waits meanwhile. */
  readonly edit: {
    readonly id: string;
    /** As it stands in the timeline now; null: not among what is loaded. */
    readonly item: MessageItem | null;
    readonly text: string;
    /** The message says something else by now than when this was begun, and than these words. */
    readonly changed: boolean;
  } | null;
  /** An edit that is open is put aside. */
  reply(item: MessageItem): void;
  endReply(): void;
  /** With the words that were put aside, if there are. */
  beginEdit(item: MessageItem): void;
  setEdit(text: string): void;
  /** The words stay, whatever the message says by now. */
  keepEdit(): void;
  /** It is done. */
  endEdit(): void;
  /** It is left; words that are other than those it was begun with are there again when the message is edited again. */
  putEditAside(): void;
  /** Whether there are such words. Reactive. */
  isAside(id: string): boolean;
}
