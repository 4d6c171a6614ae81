// The composer of a room, or of a thread in it: what is typed there, what that answers or changes, its files and preview.
// Invariant: what is sent shows no more at once, and leaves the disk only after the message is there: whenever the app ends,
// the words are in the one place or in the other.

import { Composing } from './composition.svelte.ts';
import { besideWords } from './fitting-preview.ts';
import type { LinkPreviewing } from './link-previewing.svelte.ts';
import { RoomDraft, type DraftStore } from './room-draft.svelte.ts';
import type { FilesClient, FilesOfRoom } from './room-files.svelte.ts';
import type { MessageItem, ReplyQuote } from './timeline-item.ts';

/** What of a message the composer knows. */
export type Said = Readonly<Record<string, unknown>>;

export interface ComposerOptions {
  /** The room, or the thread in it: the name of what is kept. */
  readonly of: string;
  readonly draftSaved: () => void;
  readonly quote: (id: string) => ReplyQuote;
  /** As it stands among what is loaded. */
  readonly item: (id: string) => MessageItem | null;
  readonly files: (of: string) => FilesOfRoom;
  readonly preview: (of: string) => LinkPreviewing;
  /** Resolves once the message is on disk. */
  readonly say: (said: Said) => Promise<void>;
}

export class Composer {
  readonly draft: RoomDraft;
  readonly composition: Composing;
  readonly files: FilesOfRoom;
  readonly preview: LinkPreviewing;
  readonly #say: (said: Said) => Promise<void>;

  constructor({ of, draftSaved, quote, item, files, preview, say }: ComposerOptions) {
    this.draft = new RoomDraft(of, draftSaved);
    this.composition = new Composing({ room: of, saved: draftSaved, quote, item });
    this.files = files(of);
    this.preview = preview(of);
    this.#say = say;
  }

  /** @param withAll false: what stands in the composer stays there */
  async send(body: string, replyTo: string | null, withAll: boolean): Promise<void> {
    if (!withAll) {
      if (body.trim() !== '') await this.#say({ body: body.toWellFormed(), ...(replyTo !== null && { replyTo }) });
      return;
    }
    // Taken now: what comes while files are looked after comes too late.
    const preview = this.preview.take(body);
    await sendComposed(this, () => this.files.send(body, replyTo, (said) => this.#say(besideWords(said, preview))));
  }

  attach(client: DraftStore & FilesClient): void {
    this.draft.attach(client);
    this.composition.attach(client);
    this.preview.attach(client);
    this.files.attach(client);
  }

  /** What was typed last is still written. */
  detach(): void {
    this.draft.detach();
    this.composition.detach();
    this.preview.detach();
    this.files.detach();
  }

  /** Resolves once what was typed is on disk. */
  async flush(): Promise<void> {
    await Promise.all([this.draft.flush(), this.composition.flush()]);
  }

  close(): void {
    this.preview.close();
  }
}

/** @param send resolves once the message is on disk */
export async function sendComposed(
  { draft, composition }: Pick<Composer, 'draft' | 'composition'>,
  send: () => Promise<void>
): Promise<void> {
  const gone = [draft.take(), composition.takeReply()];
  await send();
  await Promise.all(gone.map((leave) => leave()));
}
