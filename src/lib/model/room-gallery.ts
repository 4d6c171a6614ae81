// What the gallery of a room shows: files of its messages, by what they are. Pure.

import { attachmentKind, type Attachment } from '#protocol/attachment.ts';
import { isShown } from '#protocol/media/media-type.ts';
import type { MessageItem } from './timeline-item.ts';

export type GalleryShelf = 'views' | 'files' | 'sound';

export interface GalleryFile {
  /** Of this file in this message; the same as long as it is there. */
  readonly key: string;
  readonly item: MessageItem;
  readonly of: Attachment;
}

export interface GalleryModel {
  /** All of what was looked through, newest first. Reactive. */
  readonly files: readonly GalleryFile[];
  readonly history: 'more' | 'loading' | 'start' | 'unavailable-offline';
  /** Epoch ms of the oldest message that was looked at; null: none was. */
  readonly lookedBackTo: number | null;
  /** Looks through the page before; resolves when that is done or cannot be had. */
  loadOlder(): Promise<void>;
  /** There is a line again. */
  lineUp(): void;
  close(): void;
}

export const shelfOf = (of: Attachment): GalleryShelf => {
  const kind = attachmentKind(of);
  if (kind === 'voice' || kind === 'audio') return 'sound';
  // As in the conversation: what the browser cannot show in its place, or whose shape nobody knows, is a row.
  return of.width !== undefined && isShown(of.type) && (kind === 'image' || kind === 'video') ? 'views' : 'files';
};

/** @param items newest first */
export const filesOfItems = (items: readonly MessageItem[], isLeaving: (id: string) => boolean): GalleryFile[] =>
  items
    .filter(({ id }) => !isLeaving(id))
    .flatMap((item) => item.attachments.map((of) => ({ key: `${item.id} ${of.hash}`, item, of })));

/** When it was said, as the conversation has it. */
export const shownAt = ({ item }: Pick<GalleryFile, 'item'>): number =>
  item.late ? (item.arrivedAt ?? item.sentAt) : item.sentAt;
