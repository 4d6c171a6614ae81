// A message that somebody wants to see, wherever in the room's history it stands: a link, a quote or a pin leads to it.
// Invariant: who looks for another one meanwhile is shown that one alone.

import { threadOf, type Entry } from '#protocol/entry.ts';
import type { RoomReplica } from '../sync/room-replica.ts';
import type { SyncClient } from '../sync/sync-client.ts';
import type { TimelineItem } from './timeline-item.ts';
import type { LoadedEntries } from './loaded-entries.ts';

interface At {
  readonly client: SyncClient;
  readonly replica: RoomReplica;
}

export interface MessageSeekingOptions {
  readonly room: string;
  /** Resolves with the client that has the room. */
  readonly attached: () => Promise<At>;
  readonly loaded: Pick<LoadedEntries, 'get'>;
  readonly timeline: () => readonly TimelineItem[];
  /** Takes over what was loaded. */
  readonly refresh: () => void;
}

const threadRoot = (entry: Entry | null): string | null => (entry ? threadOf(entry) : null);

export class MessageSeeking {
  readonly #options: MessageSeekingOptions;
  /** Under way. */
  #seeking: AbortController | null = null;
  #shown = $state.raw<{ readonly id: string } | null>(null);

  constructor(options: MessageSeekingOptions) {
    this.#options = options;
  }

  /** The last one that was found: another object each time. */
  get shown() {
    return this.#shown;
  }

  async show(id: string): Promise<'shown' | 'gone' | 'offline'> {
    const at = await this.#options.attached();
    this.#seeking?.abort();
    const seeking = (this.#seeking = new AbortController());
    const root = threadRoot(this.#options.loaded.get(id)) ?? id;
    if (!this.#isInTimeline(root)) {
      const failed = await this.#goTo(at, root, seeking.signal);
      if (failed) return failed;
    }
    if (!seeking.signal.aborted) this.#shown = { id: threadRoot(this.#options.loaded.get(root)) ?? root };
    return 'shown';
  }

  /** @returns why it cannot be shown; null: the timeline holds it */
  async #goTo(at: At, id: string, signal: AbortSignal): Promise<'gone' | 'offline' | null> {
    const { client, replica } = at;
    const place = await client.finder.place(this.#options.room, id);
    if (place.kind !== 'page') return place.kind;
    // Nothing of what is shown may go for what is read now.
    replica.follow(false);
    const reached = await replica.goTo(place.page, signal);
    this.#options.refresh();
    if (signal.aborted) return null;
    if (!reached) return 'offline';
    const thread = threadRoot(this.#options.loaded.get(id));
    if (thread !== null && !this.#isInTimeline(thread)) return this.#goTo(at, thread, signal);
    return this.#isInTimeline(thread ?? id) ? null : 'gone';
  }

  #isInTimeline(id: string): boolean {
    return this.#options.timeline().some((item) => item.id === id);
  }

  close(): void {
    this.#seeking?.abort();
  }
}
