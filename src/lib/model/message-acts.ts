// What people do with messages besides saying, editing and taking them away: polls and pins. As in room-acts.ts, each is
// an entry that works offline and says why where it is refused.

import type { Attachment } from '#protocol/attachment.ts';
import type { PersonView } from './person-view.ts';
import type { Result } from './result.ts';
import type { MessageItem } from './timeline-item.ts';

export interface NewPoll {
  readonly question: string;
  readonly options: readonly string[];
  readonly multiple: boolean;
  /** It is not shown who voted. */
  readonly anonymous: boolean;
}

export interface PollView {
  readonly multiple: boolean;
  readonly anonymous: boolean;
  readonly options: readonly PollOptionView[];
  /** People who have voted. */
  readonly voters: number;
  /** Whether this person has. */
  readonly voted: boolean;
  /** Who ended it; null: it is open. */
  readonly closedBy: PersonView | null;
}

export interface PollOptionView {
  readonly text: string;
  readonly votes: number;
  /** Of all who voted, 0 to 1. */
  readonly share: number;
  /** Chosen by this person. */
  readonly own: boolean;
  /** Who voted so; [] where it is not shown. */
  readonly people: readonly PersonView[];
}

export interface PinView {
  readonly id: string;
  readonly by: PersonView;
  /** Epoch ms. */
  readonly at: number;
}

/** A message that is known by its id alone, as far as it can be had. */
export type SoughtMessage =
  | {
      readonly kind: 'there';
      readonly author: PersonView;
      readonly body: string;
      readonly sentAt: number;
      /** What goes with it. */
      readonly attachments?: readonly Attachment[];
    }
  | { readonly kind: 'gone' | 'offline' };

export interface MessageActs {
  mayVote(item: MessageItem): boolean;
  /** Chooses an option, or takes it back. @param option its place */
  vote(item: MessageItem, option: number): Promise<Result<void>>;
  mayClosePoll(item: MessageItem): boolean;
  closePoll(item: MessageItem): Promise<Result<void>>;
  /** Asks; resolves once it is on disk. */
  ask(poll: NewPoll): Promise<void>;

  /** The newest first. */
  readonly pins: readonly PinView[];
  isPinned(id: string): boolean;
  /** Whether one may pin the message, or take it off where it is pinned. */
  mayPin(item: MessageItem): boolean;
  /** Whether one may take off what is pinned, whatever became of it. */
  mayUnpin(id: string): boolean;
  pin(item: MessageItem): Promise<Result<void>>;
  unpin(id: string): Promise<Result<void>>;
  /** What is pinned, from whatever page. */
  read(id: string): Promise<SoughtMessage>;
}
