// A room that is open, and what is done in it.

import type { Role, RoomKind } from '#protocol/entry-fields.ts';
import type { RefusalCode } from '#protocol/refusal-codes.ts';
import type { Composition } from './composition.ts';
import type { LinkPreview } from './link-preview.ts';
import type { MemberView } from './member-view.ts';
import type { MessageActs } from './message-acts.ts';
import type { ReceiptsModel } from './receipts-model.ts';
import type { Result } from './result.ts';
import type { RoomAbout, RoomActs } from './room-acts.ts';
import type { RoomFiles } from './room-files.ts';
import type { GalleryModel } from './room-gallery.ts';
import type { RoomSchedule } from './room-schedule.ts';
import type { RoomThreads } from './thread-model.ts';
import type { MessageItem, TimelineItem } from './timeline-item.ts';

export interface RoomModel {
  readonly id: string;
  /** `loading` until this device's copy is read; `absent`: closed to this person or not there. */
  readonly status: 'loading' | 'ready' | 'absent';
  /**
   * Why nothing more of the room is to be had; null: it is open to this person. `removed`, `banned`: by somebody;
   * `deleted`: it is over for all;
   * `not-any-more`: they were in it, and this device does not know why they are not; `not-here`: closed, or not there.
   * What they wrote in vain is still shown: then the status is `ready`.
   */
  readonly closed: 'removed' | 'banned' | 'deleted' | 'not-any-more' | 'not-here' | null;
  readonly name: string;
  readonly topic: string;
  readonly kind: RoomKind;
  readonly role: Role | null;
  readonly members: readonly MemberView[];
  readonly memberCount: number;
  /** Present people, oneself included; null while offline. */
  readonly hereCount: number | null;
  /** Names of others who are typing. */
  readonly typing: readonly string[];
  /**
   * Oldest first, system lines included; no date or New separators (the timeline component makes those). A window on
   * the room: pages come at the end that is read and go at the other. The same array while nothing in it changes.
   */
  readonly timeline: readonly TimelineItem[];
  readonly history: 'more' | 'loading' | 'start' | 'unavailable-offline';
  /** What comes after the last item; `none`: it is the newest, and own pending messages stand there. */
  readonly newer: 'none' | 'more' | 'loading' | 'unavailable-offline';
  /** Id of the first message that was unread when the room was opened; fixed until `close`. */
  readonly firstUnreadId: string | null;
  /** The first unread message is further back than what is loaded, and was not looked for yet: see `toFirstUnread`. */
  readonly unreadBefore: boolean;
  readonly unread: number;
  /** The message that was written here last since the room was opened: wherever one reads, it is shown. */
  readonly writtenId: string | null;
  /** Why this person cannot write here now, or null. */
  readonly cannotWrite: RefusalCode | null;
  readonly about: RoomAbout;
  readonly acts: RoomActs;
  readonly messages: MessageActs;
  readonly receipts: ReceiptsModel;
  readonly threads: RoomThreads;
  readonly files: RoomFiles;
  /** Entries of this room on this device only. */
  readonly unsent: number;

  readonly draft: string;
  setDraft(text: string): void;
  setTyping(typing: boolean): void;
  readonly composition: Composition;
  readonly schedule: RoomSchedule;
  readonly preview: LinkPreview;
  /**
   * Resolves when the entry is on disk (or is shown as failed with `not-saved`); never throws. What stands in the composer
   * goes: its files along, also without words, its draft once the entry is on disk.
   * @param replyTo id of the message that it answers
   * @param withFiles false: what stands in the composer stays there
   */
  send(body: string, replyTo?: string | null, withFiles?: boolean): Promise<void>;
  retry(id: string): Promise<void>;
  /** Words and files of a message that failed stand in the composer again, before what stands there; it goes. */
  takeUp(id: string): Promise<void>;
  /** What waits or failed goes, with one's own edits of it and reactions to it. */
  discard(id: string): Promise<void>;
  /** The person has seen everything up to this item. */
  markRead(upTo: TimelineItem): void;
  /** From this message on it is unread again, until the room is opened anew. */
  markUnread(item: MessageItem): void;
  /** Loads the page before; resolves when the timeline holds it or it cannot be had. */
  loadOlder(): Promise<void>;
  /** The same for the page after. */
  loadNewer(): Promise<void>;
  /** The timeline ends with the newest again; what is far before it goes. */
  toLatest(): Promise<void>;
  /** Takes the timeline back to the first unread message; leaves it as it is if that cannot be had or is not wanted. */
  toFirstUnread(signal: AbortSignal): Promise<void>;
  /**
   * Shows a message, wherever in the room it is, of a reply in a thread the root. `gone`: it is not in the room (any
   * more); `offline`: it is not on this device. Then the timeline stays as it is.
   */
  toMessage(id: string): Promise<'shown' | 'gone' | 'offline'>;
  /** The page that a message in the timeline is on, or null. */
  pageOf(id: string): number | null;
  /** The message that `toMessage` has shown last; another object each time. */
  readonly shownMessage: { readonly id: string } | null;
  /** Looks through the room for its files until it is closed. */
  openGallery(): GalleryModel;
  /** The reader stays at the newest, or does not: so it is known which end of the timeline may go. */
  setFollowing(following: boolean): void;
  join(): Promise<Result<void>>;
  close(): void;
}
