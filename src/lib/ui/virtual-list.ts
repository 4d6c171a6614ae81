// Sizes, scroll offset and measuring of a long list, by virtua's core, which comes without types: they are stated here,
// as of the version that package.json pins, and nowhere else.

import {
  ACTION_ITEMS_LENGTH_CHANGE,
  UPDATE_SCROLL_EVENT,
  UPDATE_SIZE_EVENT,
  UPDATE_VIRTUAL_STATE,
  createContainerDriver,
  createListLayout,
  createVirtualStore,
  relayout
} from 'virtua/unstable_core';
import { heldPlace } from './held-place.ts';

interface Keyed {
  readonly key: string;
}

export interface ScrollTarget {
  readonly align: 'start' | 'center' | 'end' | 'nearest';
  /** Px beside it. */
  readonly offset?: number;
}

export interface VirtualListEvents {
  /** What is to be drawn, or where, has changed. */
  changed(): void;
  scrolled(offset: number): void;
  resized(): void;
}

interface Layout {
  $getLength(): number;
  $setLength(length: number, atStart: boolean): void;
  $getItemOffset(index: number): number;
  $getTotalSize(): number;
  $findIndex(offset: number): number;
  /** Without a size: whether the row was not measured yet. */
  $isSizeEqual(index: number, size?: number): boolean;
}
interface Store {
  $dispose(): void;
  $getRange(bufferPx: number): [number, number];
  $getItemOffset(index: number): number;
  $getScrollOffset(): number;
  $getViewportSize(): number;
  $isScrolling(): boolean;
  $subscribe(target: number, listener: () => void): () => void;
  $update(action: number, length: number, atStart?: boolean): void;
}
interface Driver {
  $observe(container: HTMLElement, scroller: HTMLElement): void;
  $observeItem(element: HTMLElement, index: number): () => void;
  $scroll(index: number, target: ScrollTarget): void;
  $effect(): void;
  $dispose(): void;
}
type Relayout = (store: Store, layout: Pick<Layout, '$getItemOffset'> & { $relayout(): boolean }) => void;

const LENGTH = ACTION_ITEMS_LENGTH_CHANGE as number;

export class VirtualList<Row extends Keyed> {
  readonly #layout: Layout;
  readonly #store: Store;
  readonly #driver: Driver;
  readonly #holds: (row: Row) => boolean;
  #rows: readonly Row[];
  #epoch = 0;

  /**
   * @param rowPx what a row is taken to measure before it was drawn
   * @param holds whether a row may stand for what is being read
   */
  constructor(rows: readonly Row[], rowPx: number, holds: (row: Row) => boolean, events: VirtualListEvents) {
    this.#rows = rows;
    this.#holds = holds;
    this.#layout = (createListLayout as (length: number, rowPx: number) => Layout)(rows.length, rowPx);
    this.#store = (createVirtualStore as (layout: Layout) => Store)(this.#layout);
    this.#driver = (createContainerDriver as (store: Store, layout: Layout, horizontal: boolean) => Driver)(
      this.#store,
      this.#layout,
      false
    );
    this.#store.$subscribe(UPDATE_VIRTUAL_STATE as number, () => events.changed());
    this.#store.$subscribe(UPDATE_SCROLL_EVENT as number, () => events.scrolled(this.scrollOffset));
    this.#store.$subscribe(UPDATE_SIZE_EVENT as number, () => events.resized());
  }

  get length(): number {
    return this.#layout.$getLength();
  }
  get totalPx(): number {
    return this.#layout.$getTotalSize();
  }
  get scrollOffset(): number {
    return this.#store.$getScrollOffset();
  }
  get viewportPx(): number {
    return this.#store.$getViewportSize();
  }
  get scrolling(): boolean {
    return this.#store.$isScrolling();
  }
  /** Grows when other rows took the place of all: then none may be taken for one that was measured. */
  get epoch(): number {
    return this.#epoch;
  }

  /** First and last row to be drawn. */
  range(bufferPx: number): readonly [number, number] {
    return this.#store.$getRange(bufferPx);
  }
  topOf(index: number): number {
    return this.#store.$getItemOffset(index);
  }
  isMeasured(index: number): boolean {
    return !this.#layout.$isSizeEqual(index);
  }
  findIndex(offset: number): number {
    return this.#layout.$findIndex(offset);
  }

  observe(container: HTMLElement, scroller: HTMLElement): void {
    this.#driver.$observe(container, scroller);
  }
  /** @returns ends it */
  observeRow(element: HTMLElement, index: number): () => void {
    return this.#driver.$observeItem(element, index);
  }
  scrollToIndex(index: number, target: ScrollTarget): void {
    this.#driver.$scroll(index, target);
  }
  /** What has changed is drawn: scrolls by what it moved. */
  drawn(): void {
    this.#driver.$effect();
  }

  /** Other rows from now on. What can be seen stays where it is, if any of it is left. */
  take(next: readonly Row[]): void {
    if (next === this.#rows) return;
    const rows = this.#rows;
    const top = this.scrollOffset;
    const seen = { from: this.findIndex(top), to: this.findIndex(top + this.viewportPx) };
    const change = heldPlace(rows, next, seen, this.#holds);
    this.#rows = next;
    if (change) {
      this.#store.$update(LENGTH, next.length - change.before);
      if (change.before > 0) this.#store.$update(LENGTH, next.length, true);
      else if (change.before < 0) this.#letGoBefore(next.length);
    } else if (rows.some(this.#holds)) {
      this.#epoch += 1;
      this.#store.$update(LENGTH, 0);
      this.#store.$update(LENGTH, next.length);
    } else this.#store.$update(LENGTH, next.length);
  }

  dispose(): void {
    this.#store.$dispose();
    this.#driver.$dispose();
  }

  /**
   * Moves what is left by what went, and no more. A change of length "at the start" would keep the distance to the end
   * until scrolling stops, so that every row measured below would move what is read.
   */
  #letGoBefore(length: number): void {
    const layout = this.#layout;
    let went = 0;
    (relayout as Relayout)(this.#store, {
      $relayout() {
        went = layout.$getLength() - length;
        layout.$setLength(length, true);
        return true;
      },
      // Asked about one row, by the same index before and after.
      $getItemOffset: (index) => layout.$getItemOffset(index - went)
    });
  }
}
