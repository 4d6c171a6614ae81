// What is being written in a room besides a plain message: an answer to one, or other words for one of one's own.
// Invariant: kept on disk as the draft is, beside it; an edit never touches the draft, which is there again after it. What
// one leaves an edit for puts its words aside, and they are there when that message is edited again.

import type { Composition } from './composition.ts';
import type { MessageItem, ReplyQuote } from './timeline-item.ts';
import { RoomDraft, type DraftStore } from './room-draft.svelte.ts';

/** So many edits are kept aside; the oldest goes. */
const ASIDE_MAX = 20;

/** An edit that was left. */
interface Aside {
  readonly text: string;
  /** What the message said when it was begun; null: nobody knows. */
  readonly from: string | null;
}

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
  /** Of the same: the id, and from the next line on what the message said when the edit was begun. */
  readonly #from: RoomDraft;
  /** Edits put aside, oldest first: an id, its words and what they were begun from, as JSON. */
  readonly #aside: RoomDraft;
  /** What a message was taken up again with: left as it is, it is given up. */
  #takenUp: string | null = null;

  constructor(options: CompositionOptions) {
    this.#options = options;
    this.#reply = new RoomDraft(`${options.room}/reply`, options.saved);
    this.#edit = new RoomDraft(`${options.room}/edit`, options.saved);
    this.#from = new RoomDraft(`${options.room}/edit-from`, options.saved);
    this.#aside = new RoomDraft(`${options.room}/edits`, options.saved);
  }

  get replyTo(): ReplyQuote | null {
    // One that went out while the app ended stands before the newest.
    const id = this.#reply.text.slice(this.#reply.text.lastIndexOf('\n') + 1);
    return id === '' ? null : this.#options.quote(id);
  }
  get edit(): Composition['edit'] {
    const kept = this.#edit.text;
    const end = kept.indexOf('\n');
    if (end === -1) return null;
    const id = kept.slice(0, end);
    const item = this.#options.item(id);
    const text = kept.slice(end + 1);
    const now = item && item.redacted === null && this.#begunFrom(id) !== null ? item.body.trim() : null;
    if (now === null || now === this.#begunFrom(id)!.trim()) return { id, text, item, changed: false };
    // Nothing of one's own would be lost.
    if (text === this.#begunFrom(id)) return { id, text: item!.body, item, changed: false };
    return { id, text, item, changed: now !== text.trim() };
  }

  /** What the message said when the edit was begun; null: nobody knows. */
  #begunFrom(id: string): string | null {
    const kept = this.#from.text;
    return kept.startsWith(`${id}\n`) ? kept.slice(id.length + 1) : null;
  }

  reply(item: MessageItem): void {
    this.putEditAside();
    this.#reply.set(item.id);
  }
  /** An answer that could not be sent is written anew. */
  replyAnew(to: string): void {
    this.#reply.set(to);
  }
  /** It goes with a message. @returns to be called once that is on disk */
  takeReply(): () => Promise<void> {
    return this.#reply.take();
  }
  endReply(): void {
    this.#reply.set('');
  }
  beginEdit(item: MessageItem): void {
    this.putEditAside();
    this.#aside.reread();
    const aside = this.#edits();
    const kept = aside.get(item.id);
    this.#takenUp = kept?.text ?? null;
    this.#from.set(`${item.id}\n${kept?.from ?? item.body}`);
    this.#edit.set(`${item.id}\n${this.#takenUp ?? item.body}`);
    if (aside.delete(item.id)) this.#keep(aside);
  }
  setEdit(text: string): void {
    const { edit } = this;
    if (!edit) return;
    // What stood in the field was that by then.
    if (edit.item?.body === edit.text) this.keepEdit();
    this.#edit.set(`${edit.id}\n${text}`);
  }
  keepEdit(): void {
    const { edit } = this;
    if (edit?.item) this.#from.set(`${edit.id}\n${edit.item.body}`);
  }
  endEdit(): void {
    this.#edit.set('');
    this.#from.set('');
  }
  putEditAside(): void {
    const { edit } = this;
    if (!edit) return;
    const { id, item, text } = edit;
    // Another tab may have put others aside since.
    this.#aside.reread();
    const isChanged = text !== this.#takenUp && text !== item?.body && text.trim() !== '';
    const from = this.#begunFrom(id);
    if (isChanged) this.#keep(new Map([...this.#edits(), [id, { text, from }] as const].slice(-ASIDE_MAX)));
    this.#takenUp = null;
    this.endEdit();
  }
  isAside(id: string): boolean {
    return this.#edits().has(id);
  }

  #edits(): Map<string, Aside> {
    const kept = this.#aside.text === '' ? [] : (JSON.parse(this.#aside.text) as [string, string, (string | null)?][]);
    return new Map(kept.map(([id, text, from = null]) => [id, { text, from }]));
  }
  #keep(edits: ReadonlyMap<string, Aside>): void {
    const kept = [...edits].map(([id, { text, from }]) => [id, text, from]);
    this.#aside.set(kept.length === 0 ? '' : JSON.stringify(kept));
  }

  attach(store: DraftStore): void {
    this.#reply.attach(store);
    this.#edit.attach(store);
    this.#from.attach(store);
    this.#aside.attach(store);
  }
  detach(): void {
    this.#reply.detach();
    this.#edit.detach();
    this.#from.detach();
    this.#aside.detach();
  }
  /** Resolves once it is on disk. */
  async flush(): Promise<void> {
    await Promise.all([this.#reply, this.#edit, this.#from, this.#aside].map((kept) => kept.flush()));
  }
}
