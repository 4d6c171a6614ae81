// A thread that is open: the root and its replies as a conversation of its own, with its draft and what it is writing.
// Invariant: what did not change keeps its item object, as in the room's timeline.

import { threadDraftKey } from '#protocol/personal.ts';
import type { RoomModel } from './room-model.ts';
import type { MessageItem, ReplyQuote } from './timeline-item.ts';
import type { NewPoll } from './message-acts.ts';
import { pollPayload } from './message-deeds.svelte.ts';
import { Composer, type Said } from './composer.ts';
import { failureOf } from './failure-words.ts';
import { m } from '../words/generated/messages.js';
import type { LinkPreviewing } from './link-previewing.svelte.ts';
import type { DraftStore } from './room-draft.svelte.ts';
import type { FilesClient, FilesOfRoom } from './room-files.svelte.ts';
import { seenOf, type OwnThreadSource } from './own-thread.ts';
import { isPending, repliesOf, rootOf, standing, type ThreadElement } from './thread-elements.ts';
import type { ThreadModel } from './thread-model.ts';
import { threadRoom } from './thread-room.ts';
import { messageItem, type Standing, type TimelineContext } from './timeline.ts';

export interface ThreadOptions {
  readonly root: string;
  readonly room: RoomModel;
  readonly draftSaved: () => void;
  readonly preview: (of: string) => LinkPreviewing;
  readonly quote: (id: string) => ReplyQuote;
  readonly say: (said: Said) => Promise<void>;
  /** Those of a composer. */
  readonly files: (of: string) => FilesOfRoom;
  readonly takeUp: (id: string, into: Composer) => Promise<void>;
  /** One has seen all up to this arrival, epoch ms. */
  readonly seen: (at: number) => void;
  /** One of those who show it does no more. */
  readonly closed: () => void;
}

interface Line {
  readonly of: ThreadElement;
  readonly n: number;
  readonly item: MessageItem;
}

export class ThreadView implements ThreadModel {
  readonly root: string;
  readonly room: RoomModel;
  readonly composer: Composer;
  readonly #options: ThreadOptions;
  #items = $state.raw<readonly MessageItem[]>([]);
  #found = $state<'looking' | 'there' | 'offline' | 'absent'>('looking');
  #replies = $state(0);
  #firstNew = $state<string | null>(null);
  #firstNewSought = false;
  /** Seen up to here, epoch ms, when it was first there; null: it is not one's own, as far as is known. */
  #seenAtOpen: number | null = null;
  #writtenId = $state<string | null>(null);
  #shownMessage = $state.raw<{ readonly id: string } | null>(null);
  /** Caches, not state. */
  #lines = new Map<string, Line>();

  constructor(options: ThreadOptions) {
    this.root = options.root;
    this.#options = options;
    const { draftSaved, quote, files, preview, say } = options;
    this.composer = new Composer({
      ...{ of: threadDraftKey(options.room.id, options.root), draftSaved, quote, files, preview, say },
      item: (id) => this.#items.find((item) => item.id === id) ?? null
    });
    this.room = threadRoom(options.room, this, (upTo) => this.#markRead(upTo));
  }

  get items(): readonly MessageItem[] {
    return this.#items;
  }
  get status(): ThreadModel['status'] {
    if (this.#items.length > 0 && this.#found !== 'looking') return 'ready';
    if (this.#found === 'offline') return 'unavailable-offline';
    return this.#found === 'absent' ? 'absent' : 'loading';
  }
  get replies(): number {
    return this.#replies;
  }
  get firstNew(): string | null {
    return this.#firstNew;
  }
  get writtenId(): string | null {
    return this.#writtenId;
  }
  set writtenId(id: string | null) {
    this.#writtenId = id;
  }

  get shownMessage(): { readonly id: string } | null {
    return this.#shownMessage;
  }

  /** @returns whether it stands in the thread */
  show(id: string): boolean {
    if (!this.#items.some((item) => item.id === id)) return false;
    this.#shownMessage = { id };
    return true;
  }

  /** The root was found or was not. */
  set found(found: 'looking' | 'there' | 'offline' | 'absent') {
    this.#found = found;
  }

  takeUp(id: string): Promise<void> {
    return this.#options.takeUp(id, this.composer);
  }
  async ask(poll: NewPoll): Promise<void> {
    return this.#options.say(pollPayload(poll));
  }

  attach(client: DraftStore & FilesClient): void {
    this.composer.attach(client);
  }
  detach(): void {
    this.composer.detach();
  }
  /** Nobody shows it any more. */
  end(): void {
    this.composer.close();
    this.detach();
  }
  close(): void {
    this.#options.closed();
  }

  /** @param inStep whether all that was said so far is here */
  update(source: OwnThreadSource, context: TimelineContext, inStep: boolean): void {
    const root = rootOf(this.root, source);
    if (root) this.#found = 'there';
    const elements = repliesOf(this.root, source);
    const lines = new Map<string, Line>();
    for (const [index, element] of (root ? [root, ...elements] : elements).entries()) {
      const id = element.entry.id;
      const known = this.#lines.get(id);
      const same = known?.of === element && known.n === index + 1;
      const item = same ? known.item : messageItem(element.entry, standingOf(element, index + 1), context);
      if (item) lines.set(id, { of: element, n: index + 1, item });
    }
    this.#lines = lines;
    const items = [...lines.values()].map(({ item }) => item);
    const before = this.#items;
    if (items.length !== before.length || items.some((item, at) => item !== before[at])) this.#items = items;
    this.#replies = standing(elements, source).length;
    if (root && this.#seenAtOpen === null) this.#seenAtOpen = seenOf(this.root, elements, source);
    this.#findFirstNew(inStep);
  }

  /** Fixed once it is found, or all that was there at opening is known. */
  #findFirstNew(inStep: boolean): void {
    const seenAtOpen = this.#seenAtOpen;
    if (this.#firstNewSought || this.#found !== 'there') return;
    this.#firstNewSought = inStep;
    if (seenAtOpen === null) return;
    const isNew = ({ own, arrivedAt, id }: MessageItem) =>
      !own && id !== this.root && arrivedAt !== null && arrivedAt > seenAtOpen;
    this.#firstNew = this.#items.find(isNew)?.id ?? null;
    if (this.#firstNew !== null) this.#firstNewSought = true;
  }

  #markRead(upTo: MessageItem): void {
    if (upTo.arrivedAt !== null) this.#options.seen(upTo.arrivedAt);
  }
}

/** @param n its place in the thread, from 1 */
function standingOf(element: ThreadElement, n: number): Standing {
  if (!isPending(element)) {
    const { arrival } = element;
    return arrival
      ? { arrivedAt: arrival.at, n, state: 'arrived', failure: null }
      : { arrivedAt: null, n: null, state: 'kept', failure: null };
  }
  const { state, code, entry } = element;
  const reason = code === null ? null : failureOf(code, entry);
  return { arrivedAt: null, n: null, state, failure: state === 'not-saved' ? m.refused_not_saved() : reason };
}
