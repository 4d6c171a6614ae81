// Threads as the screens see them: what a message shows of its thread, and a thread that is open.

import type { PersonView } from './person-view.ts';
import type { RoomModel } from './room-model.ts';
import type { MessageItem } from './timeline-item.ts';

export interface RoomThreads {
  /** What a message shows of its thread; null: it has none. Reactive. */
  of(root: string): ThreadSummary | null;
  /** Whether one may begin or go on with the thread of a message here. */
  mayOpen(item: MessageItem): boolean;
  /** Opened until `close`; opened twice it is the same one. */
  open(root: string): ThreadModel;
  /** The root of the thread that a loaded message stands in; null: it stands in none, or is not loaded. */
  rootOf(id: string): string | null;
  /** The thread, open or to be opened next, shows this reply as soon as it has it. */
  point(root: string, id: string): void;
  /** Threads of this room that one wrote in, was mentioned in or that are on one's messages, as far as they are loaded; unread ones first. */
  readonly own: readonly ThreadLine[];
  /** Threads among `own` with something new. */
  readonly unread: number;
}

export interface ThreadSummary {
  /** Replies that are there, one's own that wait among them. */
  readonly replies: number;
  /** Epoch ms of the newest. */
  readonly at: number;
  /** Who wrote, the last one first, at most three. */
  readonly people: readonly PersonView[];
  /** Replies of others that one has not seen, of a thread that is one's own; else 0. */
  readonly unread: number;
  /** Among `unread` those that mention this person. */
  readonly mentions: number;
}

export interface ThreadLine extends ThreadSummary {
  readonly root: string;
  /** Who began it and how; null where that is on a page that is not loaded. */
  readonly author: PersonView | null;
  readonly body: string | null;
}

export interface ThreadModel {
  readonly root: string;
  /** `unavailable-offline`: what is answered is not on this device; `absent`: there is no such message. */
  readonly status: 'loading' | 'ready' | 'unavailable-offline' | 'absent';
  readonly replies: number;
  /** The thread as a conversation: its timeline begins with the root; what is written goes into the thread. */
  readonly room: RoomModel;
  close(): void;
}
