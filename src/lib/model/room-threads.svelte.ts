// The threads of a room: what its messages show of theirs, those that are open, and which have something new for this
// person. Invariant: what is said of a thread is counted from what is loaded, so it is the same offline.

import { threadOf } from '#protocol/entry.ts';
import type { Place } from '../sync/message-finder.ts';
import type { PersonView } from './person-view.ts';
import type { RoomModel } from './room-model.ts';
import type { MessageItem } from './timeline-item.ts';
import type { Composer, Said } from './composer.ts';
import type { LinkPreviewing } from './link-previewing.svelte.ts';
import type { DraftStore } from './room-draft.svelte.ts';
import type { FilesClient, FilesOfRoom } from './room-files.svelte.ts';
import { arrivedAt, isOwnThread, newsOf, seenOf } from './own-thread.ts';
import { repliesOf, rootOf, standing } from './thread-elements.ts';
import type { RoomThreads, ThreadLine, ThreadModel, ThreadSummary } from './thread-model.ts';
import type { ThreadRowsSource } from './thread-rows.ts';
import { ThreadView } from './thread.svelte.ts';
import { quoteOf, type TimelineContext } from './timeline.ts';

/** How far one has read each thread, kept beside the drafts. */
export interface ThreadMarks extends DraftStore, FilesClient {
  setThreadSeen(room: string, root: string, at: number): void;
}

export interface ThreadsSource extends ThreadRowsSource {
  readonly context: TimelineContext;
  readonly marks: ThreadMarks;
  /** Another number whenever other pages are loaded, or something has an effect. */
  readonly version: number;
  /** What this device has of the newest page is read. */
  readonly loaded: boolean;
  /** All that was said so far is here. */
  readonly inStep: boolean;
  readonly place: (id: string) => Promise<Place>;
  readonly pin: (page: number) => Promise<boolean>;
  readonly unpin: (page: number) => void;
}

export interface RoomThreadsOptions {
  readonly room: RoomModel;
  readonly person: (id: string) => PersonView;
  readonly draftSaved: () => void;
  /** Of a composer. */
  readonly preview: (of: string) => LinkPreviewing;
  /** Something of them is another than before: to be kept for the list over all rooms. */
  readonly changed: (source: ThreadRowsSource) => void;
  /** Resolves once the reply is on disk. @param written told of its id before */
  readonly say: (root: string, said: Said, written: (id: string) => void) => Promise<void>;
  /** Those of a thread's composer. */
  readonly files: (of: string) => FilesOfRoom;
  readonly takeUp: (id: string, into: Composer) => Promise<void>;
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
  /** The reply that is to be shown in its thread. */
  #wanted: { readonly root: string; readonly id: string } | null = null;
  #changes = $state(0);
  /** What `#source` was when it was read last. */
  #readAs = '';

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
      if (!summary || !isOwnThread(root, repliesOf(root, source), source)) continue;
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
        ...{ root, room: this.#options.room, draftSaved: this.#options.draftSaved, preview: this.#options.preview },
        quote: (id) => (this.#source ? quoteOf(id, this.#source.context) : { id, author: null, body: null }),
        say: (said) => this.#options.say(root, said, (id) => (opened.view.writtenId = id)),
        ...{ files: this.#options.files, takeUp: this.#options.takeUp },
        seen: (at) => this.#markSeen(root, at),
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
    this.#open.get(root)?.view.composer.draft.setElsewhere(text);
  }

  update(source: ThreadsSource): void {
    const isNew = this.#source === null;
    const changed = this.#hasChanged(source);
    const isLoaded = source.loaded && !this.#source?.loaded;
    this.#source = source;
    if (changed || isNew) this.#changes += 1;
    if (source.loaded && (changed || isLoaded)) this.#options.changed(source);
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
    this.#readAs = '';
    for (const opened of this.#open.values()) {
      opened.seeking = null;
      opened.pinned = null;
      opened.view.detach();
    }
  }

  /** Of a thread of it something is still on its way to the disk. */
  get isSending(): boolean {
    return [...this.#open.values()].some(({ view }) => view.composer.files.isSending);
  }
  async settled(): Promise<void> {
    await Promise.all([...this.#open.values()].map(({ view }) => view.composer.files.settled()));
  }

  async flush(): Promise<void> {
    await Promise.all([...this.#open.values()].map(({ view }) => view.composer.flush()));
  }

  /** Own replies that wait, and what is loaded: what is shown of threads depends on that. */
  #hasChanged({ pending, unacknowledged, version }: ThreadsSource): boolean {
    const waiting = [...pending, ...unacknowledged].filter(({ entry }) => threadOf(entry) !== null);
    const states = waiting.map((one) => `${one.entry.id} ${'state' in one ? one.state : ''}`).join();
    const before = this.#readAs;
    this.#readAs = `${version} ${states}`;
    return this.#readAs !== before;
  }

  #update(opened: Opened, source: ThreadsSource): void {
    opened.view.update(source, source.context, source.inStep);
    this.#point(opened);
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

  /** What one only looked at does not become one's own by that. */
  #markSeen(root: string, at: number): void {
    const source = this.#source;
    if (!source || !isOwnThread(root, repliesOf(root, source), source)) return;
    source.marks.setThreadSeen(this.#options.room.id, root, at);
  }

  rootOf(id: string): string | null {
    const entry = this.#source?.ordered(id)?.entry ?? this.#source?.pending.find((one) => one.id === id)?.entry;
    return entry ? threadOf(entry) : null;
  }

  point(root: string, id: string): void {
    this.#wanted = { root, id };
    const opened = this.#open.get(root);
    if (opened) this.#point(opened);
  }

  /** Once it is there; somebody who was led to it and left does not come to it later. */
  #point({ view }: Opened): void {
    if (this.#wanted?.root === view.root && view.show(this.#wanted.id)) this.#wanted = null;
  }

  #closed(root: string): void {
    const opened = this.#open.get(root);
    if (!opened || opened.holders > 1) {
      if (opened) opened.holders -= 1;
      return;
    }
    const { files } = opened.view.composer;
    if (files.isSending) return void files.settled().then(() => this.#closed(root));
    this.#open.delete(root);
    if (this.#wanted?.root === root) this.#wanted = null;
    opened.seeking = null;
    opened.view.end();
    if (opened.pinned !== null) this.#source?.unpin(opened.pinned);
  }

  #summary(root: string, source: ThreadsSource): ThreadSummary | null {
    const elements = repliesOf(root, source);
    const there = elements.length === 0 ? [] : standing(elements, source);
    if (there.length === 0) return null;
    const newest = there.at(-1)!;
    const authors = [...new Set(there.map(({ entry }) => entry.author).toReversed())].slice(0, FACES);
    const seen = seenOf(root, elements, source);
    const news = seen === null ? [] : newsOf(there, source).filter(({ at }) => at > seen);
    return {
      replies: there.length,
      at: arrivedAt(newest) ?? newest.entry.sentAt,
      people: authors.map((id) => this.#options.person(id)),
      unread: news.length,
      mentions: news.filter(({ mention }) => mention).length
    };
  }
}
