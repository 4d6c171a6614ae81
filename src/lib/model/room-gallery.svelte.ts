// Looks through a room for its files, from its newest page back, page by page, wherever the conversation is read.
// Invariants: from the page it has come to there is no gap up to the newest; pages with files are held, so that what is
// erased or disappears on them leaves at once, and those without are let go of: nothing comes onto a sealed page.

import { isKnown } from '#protocol/entry.ts';
import type { OrderedEntry } from '#protocol/order.ts';
import type { PendingEntry } from '../sync/outbox.ts';
import type { OlderPage } from '../sync/older-page.ts';
import type { MessageItem } from './timeline-item.ts';
import { filesOfItems, type GalleryModel } from './room-gallery.ts';
import { messageItem, type Standing, type TimelineContext } from './timeline.ts';

/** The part of a room on this device that it looks at. */
export interface GallerySource {
  readonly head: {
    readonly ref: { readonly page: number };
    readonly arrived: readonly OrderedEntry[];
  };
  readonly read: readonly OlderPage[];
  readonly pending: readonly PendingEntry[];
  readonly unacknowledged: readonly OrderedEntry[];
  readonly forbidden: boolean;
  pin(page: number): Promise<boolean>;
  unpin(page: number): void;
}

export interface RoomGalleryOptions {
  /** One's own removals that can still be called back are gone from here already. */
  readonly isLeaving: (id: string) => boolean;
  readonly closed: (gallery: RoomGallery) => void;
}

export class RoomGallery implements GalleryModel {
  readonly #options: RoomGalleryOptions;
  #source: GallerySource | null = null;
  #context: TimelineContext | null = null;
  #items = $state.raw<readonly MessageItem[]>([]);
  #state = $state<'more' | 'loading' | 'unavailable-offline'>('more');
  /** The oldest page that was looked through; null: not even the newest. */
  #from = $state<number | null>(null);
  #forbidden = $state(false);
  #lookedBackTo = $state<number | null>(null);
  /** Pages with files, and those that have none. */
  readonly #held = new Set<number>();
  readonly #bare = new Set<number>();
  readonly #asked = new Set<number>();
  // Caches, not state.
  #made = new WeakMap<OrderedEntry | PendingEntry, MessageItem>();
  readonly #files = $derived.by(() => filesOfItems(this.#items, this.#options.isLeaving));

  constructor(options: RoomGalleryOptions) {
    this.#options = options;
  }

  get files() {
    return this.#files;
  }
  get history(): GalleryModel['history'] {
    if (this.#from === null) return 'loading';
    return this.#from === 0 || this.#forbidden ? 'start' : this.#state;
  }
  get lookedBackTo() {
    return this.#lookedBackTo;
  }

  /** What the device has of the room has changed, or is another copy of it. */
  update(source: GallerySource, context: TimelineContext): void {
    if (source !== this.#source) this.#takeOver(source);
    this.#context = context;
    this.#forbidden = source.forbidden;
    const head = source.head.ref.page;
    this.#from ??= head;
    // What was sealed meanwhile is to be held, too.
    for (let page = this.#from; page < head; page += 1)
      if (!this.#held.has(page) && !this.#bare.has(page)) void this.#hold(page);
    this.#read(source, context);
  }

  async loadOlder(): Promise<void> {
    const [source, from] = [this.#source, this.#from];
    if (!source || from === null || this.history !== 'more') return;
    this.#state = 'loading';
    const held = await this.#hold(from - 1);
    if (source !== this.#source) return;
    this.#state = held ? 'more' : 'unavailable-offline';
    if (!held) return;
    this.#from = from - 1;
    this.#read(source, this.#context!);
  }

  lineUp(): void {
    if (this.#state === 'unavailable-offline') this.#state = 'more';
  }

  /** Lets go of the room on this device; what is shown stays. */
  detach(): void {
    for (const page of this.#held) this.#source?.unpin(page);
    this.#held.clear();
    this.#asked.clear();
    this.#source = null;
    if (this.#state === 'loading') this.#state = 'more';
  }

  close(): void {
    this.detach();
    this.#options.closed(this);
  }

  #takeOver(source: GallerySource): void {
    this.detach();
    this.#source = source;
    this.#made = new WeakMap();
    this.#bare.clear();
  }

  /** @returns whether the page could be had */
  async #hold(page: number): Promise<boolean> {
    const source = this.#source;
    if (!source || this.#asked.has(page)) return false;
    this.#asked.add(page);
    const had = await source.pin(page);
    if (source !== this.#source) {
      if (had) source.unpin(page);
      return false;
    }
    this.#asked.delete(page);
    if (!had) return false;
    const body = source.read.find((one) => one.page === page);
    const at = body?.entries[0]?.arrival?.at;
    if (at !== undefined) this.#lookedBackTo = Math.min(at, this.#lookedBackTo ?? Infinity);
    if (body?.entries.some(hasFiles)) this.#held.add(page);
    else {
      this.#bare.add(page);
      source.unpin(page);
    }
    return true;
  }

  #read(source: GallerySource, context: TimelineContext): void {
    const pages = source.read.filter(({ page }) => page >= (this.#from ?? Infinity) && page < source.head.ref.page);
    const first = source.head.arrived[0]?.arrival?.at;
    if (this.#lookedBackTo === null && first !== undefined) this.#lookedBackTo = first;
    const arrived = [...pages.map(({ entries }) => entries), source.head.arrived, source.unacknowledged];
    const items: MessageItem[] = [];
    for (const entries of arrived)
      for (const ordered of entries) if (hasFiles(ordered)) items.push(this.#item(ordered, context));
    for (const pending of source.pending)
      if (pending.state !== 'failed' && hasFiles(pending)) items.push(this.#item(pending, context));
    items.reverse();
    if (items.length === this.#items.length && items.every((item, at) => item === this.#items[at])) return;
    this.#items = items;
  }

  #item(element: OrderedEntry | PendingEntry, context: TimelineContext): MessageItem {
    const known = this.#made.get(element);
    if (known) return known;
    const item = messageItem(element.entry, standingOf(element), context)!;
    this.#made.set(element, item);
    return item;
  }
}

const hasFiles = ({ entry }: OrderedEntry | PendingEntry): boolean =>
  isKnown(entry) && entry.type === 'message' && entry.attachments !== undefined;

function standingOf(element: OrderedEntry | PendingEntry): Standing {
  if ('state' in element) return { arrivedAt: null, n: null, state: element.state, failure: null };
  const { arrival } = element;
  return { arrivedAt: arrival?.at ?? null, n: arrival?.n ?? null, state: arrival ? 'arrived' : 'kept', failure: null };
}
