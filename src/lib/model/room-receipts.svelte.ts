// The receipts of an open room, reactive. Invariant: a message's own standing is worked out when it is asked for, so what
// is not drawn costs nothing.

import type { Receipts, RoomReceipts } from '../sync/receipts.ts';
import type { PersonView } from './person-view.ts';
import type { MessageItem, TimelineItem } from './timeline-item.ts';
import { deliveryOf, facesOf } from './delivery.ts';
import type { Delivery, ReceiptsModel } from './receipts-model.ts';

const NO_FACES: readonly PersonView[] = [];

export class RoomReceiptsView implements ReceiptsModel {
  readonly #room: string;
  readonly #person: (id: string) => PersonView;
  readonly #timeline: () => readonly TimelineItem[];
  #receipts = $state.raw<RoomReceipts | null>(null);
  readonly #faces = $derived.by(() => this.#receipts && facesOf(this.#receipts, this.#timeline()));

  constructor(room: string, person: (id: string) => PersonView, timeline: () => readonly TimelineItem[]) {
    this.#room = room;
    this.#person = person;
    this.#timeline = timeline;
  }

  /** @returns the way to look away again; what was known stays */
  attach(receipts: Receipts): () => void {
    const stopListening = receipts.listen((room) => {
      if (room === this.#room) this.#receipts = receipts.of(room);
    });
    const stopWatching = receipts.watch(this.#room);
    this.#receipts = receipts.of(this.#room) ?? this.#receipts;
    return () => {
      stopListening();
      stopWatching();
    };
  }

  of({ n, author, state }: MessageItem): Delivery | null {
    if (!this.#receipts || n === null || state !== 'arrived') return null;
    return deliveryOf(this.#receipts, n, author.id, this.#person);
  }

  facesAt(id: string): readonly PersonView[] {
    return this.#faces?.get(id)?.map(this.#person) ?? NO_FACES;
  }
}
