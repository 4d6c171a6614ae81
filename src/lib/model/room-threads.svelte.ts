// The threads of a room: what its messages show of theirs, those that are open, and which have something new for this
// person. Invariant: what is said of a thread is counted from what is loaded, so it is the same offline.

/* eslint-disable svelte/prefer-svelte-reactivity -- lookups, not state */

import { threadOf } from '#protocol/entry.ts';
import { messageEffects } from '#protocol/message-effects.ts';
import type { Place } from '../sync/message-finder.ts';
import type { MessageItem, PersonView, RoomModel } from './app-model.ts';
import type { DraftStore } from './room-draft.svelte.ts';
import { repliesOf, rootOf, standing, isPending, type ThreadElement, type ThreadSource } from './thread-elements.ts';
import type { RoomThreads, ThreadLine, ThreadModel, ThreadSummary } from './thread-model.ts';
import { ThreadView } from './thread.svelte.ts';
import { quoteOf, type TimelineContext } from './timeline.ts';

/** How far one has read each thread, kept beside the drafts. */
export interface ThreadMarks extends DraftStore {
  /** Epoch ms of the newest arrival that one has seen; null: nothing is kept. */
  threadSeen(root: string): number | null;
  setThreadSeen(room: string, root: string, at: number): void;
}

export interface ThreadsSource extends ThreadSource {
  readonly me: string;
  readonly context: TimelineContext;
  readonly marks: ThreadMarks;
  readonly roots: ReadonlySet<string>;
  readonly place: (id: string) => Promise<Place>;
  readonly pin: (page: number) => Promise<boolean>;
  readonly unpin: (page: number) => void;
}

export interface RoomThreadsOptions {
  readonly room: RoomModel;
  readonly person: (id: string) => PersonView;
  readonly draftSaved: () => void;
  /** Resolves with the id of what was written once it is on disk. */
  readonly send: (root: string, body: string, replyTo: string | null, written: (id: string) => void) => Promise<void>;
}

interface Opened {
  readonly view: ThreadView;
  holders: number;
  /** The page of its root, where that is held beside the window. */
  pinned: number | null;
  /** The search for it; another object each time. */
  seeking: object | null;
}

const FACES = 3;

export class Threads implements RoomThreads {
  readonly #options: RoomThreadsOptions;
  readonly #open = new Map<string, Opened>();
  /** Of the replica as it is now; `#changes` says when it is another. */
  #source: ThreadsSource | null = null;
  #changes = $state(0);

  constructor(options: RoomThreadsOptions) {
    this.#options = options;
  }

  of(root: string): ThreadSummary | null {
    void this.#changes;
    return this.#source && this.#summary(root, this.#source);
  }

  mayOpen(item: MessageItem): boolean {
    if (item.thread !== undefined || item.state === 'failed' || item.state === 'not-saved') return false;
    if (this.of(item.id)) return true;
    const { room } = this.#options;
    return room.status === 'ready' && room.cannotWrite === null && item.redacted === null;
  }

  readonly #own = $derived.by((): readonly ThreadLine[] => {
    void this.#changes;
    const source = this.#source;
    if (!source) return [];
    const lines: ThreadLine[] = [];
    const waiting = source.pending.flatMap(({ entry }) => threadOf(entry) ?? []);
    for (const root of new Set([...source.roots, ...waiting])) {
      const summary = this.#summary(root, source);
      if (!summary || seenOf(root, repliesOf(root, source), source) === null) continue;
      const { author, body } = quoteOf(root, source.context);
      lines.push({ root, author, body, ...summary });
    }
    return lines.sort((a, b) => Math.sign(b.unread) - Math.sign(a.unread) || b.at - a.at);
  });
  get own(): readonly ThreadLine[] {
    return this.#own;
  }
  get unread(): number {
    return this.#own.filter(({ unread }) => unread > 0).length;
  }

  open(root: string): ThreadModel {
    const known = this.#open.get(root);
    if (known) {
      known.holders += 1;
      return known.view;
    }
    const source = this.#source;
    const opened: Opened = {
      view: new ThreadView({
        ...{ root, room: this.#options.room, draftSaved: this.#options.draftSaved },
        quote: (id) => (this.#source ? quoteOf(id, this.#source.context) : { id, author: null, body: null }),
        send: (body, replyTo) => this.#options.send(root, body, replyTo, (id) => (opened.view.writtenId = id)),
        seen: (at) => this.#source?.marks.setThreadSeen(this.#options.room.id, root, at),
        seenAtOpen: source && seenOf(root, repliesOf(root, source), source),
        closed: () => this.#closed(root)
      }),
      ...{ holders: 1, pinned: null, seeking: null }
    };
    this.#open.set(root, opened);
    if (source) {
      opened.view.attach(source.marks);
      this.#update(opened, source);
    }
    return opened.view;
  }

  /** Another tab wrote in a thread's composer. */
  draftElsewhere(root: string, text: string): void {
    this.#open.get(root)?.view.draft.setElsewhere(text);
  }

  /** @param changed whether anything of a thread may be another */
  update(source: ThreadsSource, changed: boolean): void {
    const isNew = this.#source === null;
    this.#source = source;
    if (changed || isNew) this.#changes += 1;
    for (const opened of this.#open.values()) {
      if (isNew) opened.view.attach(source.marks);
      this.#update(opened, source);
    }
  }

  /** How far one has read was changed elsewhere. */
  marksChanged(): void {
    this.#changes += 1;
  }

  detach(): void {
    this.#source = null;
    for (const opened of this.#open.values()) {
      opened.seeking = null;
      opened.pinned = null;
      opened.view.detach();
    }
  }

  async flush(): Promise<void> {
    await Promise.all([...this.#open.values()].map(({ view }) => view.flush()));
  }

  #update(opened: Opened, source: ThreadsSource): void {
    opened.view.update(source, source.context);
    if (!rootOf(opened.view.root, source) && !opened.seeking) void this.#seek(opened, source);
  }

  /** The root lies on a page that is not loaded: that page comes to hand, with all that was said below it since. */
  async #seek(opened: Opened, source: ThreadsSource): Promise<void> {
    const seeking = {};
    opened.seeking = seeking;
    const { root } = opened.view;
    const place = await source.place(root);
    const found = place.kind === 'page' ? await source.pin(place.page) : false;
    if (opened.seeking !== seeking) {
      if (place.kind === 'page' && found) source.unpin(place.page);
      return;
    }
    if (place.kind === 'page' && found) opened.pinned = place.page;
    if (rootOf(root, this.#source ?? source)) opened.seeking = null;
    // A search in vain is not begun anew by whatever changes, but by `retry`; on the head, it comes with that.
    else if (!found) opened.view.found = place.kind === 'gone' ? 'absent' : 'offline';
  }

  /** There is a line again: what could not be had may be there. */
  retry(): void {
    const source = this.#source;
    if (!source) return;
    for (const opened of this.#open.values()) {
      if (opened.view.status !== 'unavailable-offline') continue;
      opened.seeking = null;
      opened.view.found = 'looking';
      this.#update(opened, source);
    }
  }

  #closed(root: string): void {
    const opened = this.#open.get(root);
    if (!opened || --opened.holders > 0) return;
    this.#open.delete(root);
    opened.seeking = null;
    opened.view.detach();
    if (opened.pinned !== null) this.#source?.unpin(opened.pinned);
  }

  #summary(root: string, source: ThreadsSource): ThreadSummary | null {
    const elements = repliesOf(root, source);
    const there = elements.length === 0 ? [] : standing(elements, source);
    if (there.length === 0) return null;
    const newest = there.at(-1)!;
    const authors = [...new Set(there.map(({ entry }) => entry.author).toReversed())].slice(0, FACES);
    const seen = seenOf(root, elements, source);
    const isNew = (element: ThreadElement) => {
      const at = isPending(element) ? null : (element.arrival?.at ?? null);
      return seen !== null && at !== null && at > seen && element.entry.author !== source.me;
    };
    return {
      replies: there.length,
      at: (isPending(newest) ? null : newest.arrival?.at) ?? newest.entry.sentAt,
      people: authors.map((id) => this.#options.person(id)),
      unread: there.filter(isNew).length
    };
  }
}

/**
 * How far one has read a thread; null: it is not one's own, so nothing of it is new. One's own are those one wrote in and
 * those on one's messages; what one wrote, one wrote having seen what stood before it.
 */
function seenOf(root: string, elements: readonly ThreadElement[], source: ThreadsSource): number | null {
  const own = elements.findLast(({ entry }) => entry.author === source.me);
  const marked = source.marks.threadSeen(root);
  const ofMine = isOfMine(root, elements, source);
  if (marked === null && !own && !ofMine) return null;
  const ownAt = own ? ((isPending(own) ? null : own.arrival?.at) ?? own.entry.sentAt) : 0;
  return Math.max(marked ?? 0, ownAt);
}

function isOfMine(root: string, elements: readonly ThreadElement[], source: ThreadsSource): boolean {
  const first = rootOf(root, source);
  const author = first ? (messageEffects('', source.effects(root)).redaction?.of ?? first.entry.author) : null;
  // Wherever the root lies, the arrival of a reply tells whose it is.
  return (
    author === source.me ||
    elements.some(
      (element) => !isPending(element) && element.arrival?.of === source.me && threadOf(element.entry) === root
    )
  );
}
