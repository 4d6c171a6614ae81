// Opens a picture or a film over the whole window; the room shows it, so that it stays when its message scrolls away.

import { createContext } from 'svelte';
import type { RoomModel } from '#lib/model/room-model.ts';
import type { MessageItem } from '#lib/model/timeline-item.ts';
import type { GalleryFile } from '#lib/model/room-gallery.ts';

export interface Viewed {
  /** Whose files they are: a thread's messages are not among the room's. */
  readonly room: RoomModel;
  readonly item: MessageItem;
  readonly hash: string;
  /** What else is gone through; left out: the pictures and films of this message. */
  readonly among?: ViewedAmong;
}

export interface ViewedAmong {
  /** Reactive: what is not there any more is not shown either. */
  readonly views: readonly GalleryFile[];
  /** Its end is near. */
  more(): void;
  /** Where it was said. */
  show(file: GalleryFile): void;
}

export const [getViewer, setViewer] = createContext<(viewed: Viewed) => void>();
