// What of a room is loaded, as its timeline: a window on it, with what changes each message and what each one quotes.
// Invariant: the same array while nothing in it changes; quotes are looked up anew whenever pages come or go.

import type { Entry } from '#protocol/entry.ts';
import { isErased } from '../sync/erased-entry.ts';
import type { RoomReplica } from '../sync/room-replica.ts';
import { LoadedEntries, NO_EFFECTS, pendingEffects } from './loaded-entries.ts';
import type { PersonView } from './person-view.ts';
import type { Proof } from './proofs.ts';
import type { RoomModel } from './room-model.ts';
import type { MessageItem, ReplyQuote, TimelineItem } from './timeline-item.ts';
import type { LookedUp } from './sought-message.ts';
import { quoteOf, Timeline, type TimelineContext } from './timeline.ts';

export interface RoomTimelineOptions {
  readonly person: (id: string) => PersonView;
  readonly proof: (entry: Entry) => Proof;
}

export class RoomTimeline {
  /** A lookup, not state: `#version` tells when it changes. */
  readonly loaded = new LoadedEntries();
  readonly #options: RoomTimelineOptions;
  #replica: RoomReplica | null = null;
  #context: TimelineContext | null = null;
  #builder: Timeline | null = null;
  #items = $state.raw<readonly TimelineItem[]>([]);
  #history = $state<RoomModel['history']>('loading');
  #newer = $state<RoomModel['newer']>('none');
  /** One's own that wait: what they change shows at once. */
  #pendingEffects = $state.raw(NO_EFFECTS);
  #version = $state(0);

  constructor(options: RoomTimelineOptions) {
    this.#options = options;
  }

  get items() {
    return this.#items;
  }
  get history() {
    return this.#history;
  }
  get newer() {
    return this.#newer;
  }
  /** Grows whenever pages come or go, or something has an effect. */
  get version() {
    return this.#version;
  }
  /** null: nothing was attached yet. */
  get context() {
    return this.#context;
  }

  attach(replica: RoomReplica, me: string): void {
    this.#replica = replica;
    this.#context = {
      me,
      person: this.#options.person,
      loaded: (id) => {
        void this.#version;
        return this.loaded.get(id) ?? this.#replica?.pending.find((one) => one.id === id)?.entry ?? null;
      },
      effects: (id) => {
        void this.#version;
        const waiting = this.#pendingEffects.get(id);
        return waiting ? [...this.loaded.effects(id), ...waiting] : this.loaded.effects(id);
      },
      proof: this.#options.proof
    };
    this.#builder = new Timeline(this.#context);
  }

  /** What is shown stays. */
  detach(): void {
    this.#replica = null;
  }

  /** Takes over what is loaded, for whatever looks it up. @returns by what that is shown */
  read(replica: RoomReplica): TimelineContext {
    this.#pendingEffects = pendingEffects(replica.pending);
    if (this.loaded.update(replica.read, replica.head.arrived)) this.#version += 1;
    return this.#context!;
  }

  /** Makes the items of what was read. */
  build({ head, history, newer, older, pending, reachesHead, unacknowledged }: RoomReplica): void {
    this.#items = reachesHead
      ? this.#builder!.build(older, head.arrived, unacknowledged, pending)
      : this.#builder!.build(older, [], [], []);
    this.#history = history;
    this.#newer = newer;
  }

  message(id: string): MessageItem | null {
    return this.#items.findLast((item): item is MessageItem => item.kind === 'message' && item.id === id) ?? null;
  }

  /** null: it is not on the loaded pages, or its words are not. */
  found(id: string): LookedUp | null {
    const entry = this.loaded.get(id);
    if (!entry || isErased(entry)) return null;
    return { kind: 'found', entry, effects: this.#context?.effects(id) ?? [] };
  }

  /** A message on the loaded pages, or one's own that waits. */
  quote(id: string): ReplyQuote {
    // A head that only grows does not tell; what is answered may be in what is read from the disk just now.
    void this.#items;
    return this.#context ? quoteOf(id, this.#context) : { id, author: null, body: null };
  }
}
