// The looks through a room for its files that are open.

import type { GalleryModel } from './room-gallery.ts';
import { RoomGallery, type GallerySource } from './room-gallery.svelte.ts';
import type { TimelineContext } from './timeline.ts';

export class RoomGalleries {
  readonly #isLeaving: (id: string) => boolean;
  readonly #open = new Set<RoomGallery>();
  #at: { readonly source: GallerySource; readonly context: TimelineContext } | null = null;

  /** @param isLeaving whether this message is removed, though that can still be called back */
  constructor(isLeaving: (id: string) => boolean) {
    this.#isLeaving = isLeaving;
  }

  open(): GalleryModel {
    const gallery = new RoomGallery({
      isLeaving: this.#isLeaving,
      closed: (closed) => this.#open.delete(closed)
    });
    this.#open.add(gallery);
    if (this.#at) gallery.update(this.#at.source, this.#at.context);
    return gallery;
  }

  update(source: GallerySource, context: TimelineContext): void {
    this.#at = { source, context };
    for (const gallery of this.#open) gallery.update(source, context);
  }

  lineUp(): void {
    for (const gallery of this.#open) gallery.lineUp();
  }

  detach(): void {
    this.#at = null;
    for (const gallery of this.#open) gallery.detach();
  }
}
