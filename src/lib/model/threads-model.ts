// The list of one's own threads over all rooms, as the screens see it.

import type { SoughtMessage } from './message-acts.ts';

export interface ThreadsModel {
  /** Those with something new first, then by their newest reply. The same array while nothing in it changes. */
  readonly all: readonly OwnThread[];
  /** Threads with something new; in muted rooms and those put away with a mention alone. */
  readonly unread: number;
  /** Among `unread` those where a reply mentions this person. */
  readonly mentioned: number;
  /** What is new in the threads of a room; null: nothing. */
  newIn(room: string): { readonly threads: number; readonly mention: boolean } | null;
  /** What its root and its newest reply say now. Works offline, as far as this device has them. */
  words(thread: OwnThread): Promise<ThreadWords>;
}

export interface OwnThread {
  readonly room: string;
  readonly root: string;
  /** null: not all of it was read on this device. */
  readonly replies: number | null;
  /** Epoch ms of the newest reply. */
  readonly at: number;
  /** Id of the newest reply. */
  readonly last: string;
  /** Replies of others that one has not seen. */
  readonly unread: number;
  /** Among `unread` those that mention this person. */
  readonly mentions: number;
}

export interface ThreadWords {
  readonly root: SoughtMessage;
  readonly last: SoughtMessage;
}
