// What is being written in a room besides a plain message: an answer to one, or other words for one of one's own.
// Invariant: kept on disk as the draft is, beside it; an edit never touches the draft, which is there again after it.

import type { Composition, MessageItem, ReplyQuote } from './app-model.ts';
import { RoomDraft, type DraftStore } from './room-draft.svelte.ts';

export interface CompositionOptions {
  readonly room: string;
  readonly saved: () => void;
  /** Read within an effect, what they return is followed. */
  readonly quote: (id: string) => ReplyQuote;
  readonly item: (id: string) => MessageItem | null;
}

export class Composing implements Composition {
  readonly #options: CompositionOptions;
  /** The id of what is answered. */
  readonly #reply: RoomDraft;
  /** The id of what is edited, and from the next line on the words. */
  readonly #edit: RoomDraft;

  constructor(options: CompositionOptions) {
    this.#options = options;
    this.#reply = new RoomDraft(`${options.room}/reply`, options.saved);
    this.#edit = new RoomDraft(`${options.room}/edit`, options.saved);
  }

  get replyTo(): ReplyQuote | null {
    const id = this.#reply.text;
    return id === '' ? null : this.#options.quote(id);
  }
  get edit(): Composition['edit'] {
    const kept = this.#edit.text;
    const end = kept.indexOf('\n');
    if (end === -1) return null;
    const id = kept.slice(0, end);
    return { id, text: kept.slice(end + 1), item: this.#options.item(id) };
  }

  reply(item: MessageItem): void {
    this.#edit.set('');
    this.#reply.set(item.id);
  }
  endReply(): void {
    this.#reply.set('');
  }
  beginEdit(item: MessageItem): void {
    this.#edit.set(`${item.id}\n${item.body}`);
  }
  setEdit(text: string): void {
    const { edit } = this;
    if (edit) this.#edit.set(`${edit.id}\n${text}`);
  }
  endEdit(): void {
    this.#edit.set('');
  }

  attach(store: DraftStore): void {
    this.#reply.attach(store);
    this.#edit.attach(store);
  }
  detach(): void {
    this.#reply.detach();
    this.#edit.detach();
  }
  /** Resolves once it is on disk. */
  async flush(): Promise<void> {
    await Promise.all([this.#reply.flush(), this.#edit.flush()]);
  }
}
