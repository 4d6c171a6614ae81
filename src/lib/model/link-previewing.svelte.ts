// Finds the preview of the first link in what is being written, while there is a line. Invariant: nothing waits for it. What is
// not there when the message is sent does not go along, and never comes.

import type { PreviewAnswer } from '#protocol/api/preview.ts';
import { linksIn } from '#protocol/links.ts';
import { isPreviewOf, readPreview, type Preview, type PreviewPicture } from '#protocol/preview.ts';
import type { Result } from './result.ts';
import type { LinkPreview } from './link-preview.ts';
import { mayBeForOneUse } from './one-time-link.ts';
import { RoomDraft, type DraftStore } from './room-draft.svelte.ts';

/** An address is typed letter by letter, and each of its beginnings is one, too. */
const REST_MS = 700;
/** The server says no to whoever asks too often, and forgets that soon. */
const TOO_OFTEN_MS = 30_000;

export interface LinkPreviewingOptions {
  /** The composer's key, as of its draft. */
  readonly of: string;
  /** The person wants previews. Read within an effect, it is followed, as the next is. */
  readonly on: () => boolean;
  /** There is a line. */
  readonly connected: () => boolean;
  readonly ask: (url: string) => Promise<Result<PreviewAnswer>>;
  /** null: this browser cannot read it. */
  readonly makeSmall: (picture: { readonly type: string; readonly data: string }) => Promise<PreviewPicture | null>;
  /** Addresses of this very server lead into the app, and need no preview. */
  readonly isOwn: (url: string) => boolean;
}

export class LinkPreviewing implements LinkPreview {
  readonly #options: LinkPreviewingOptions;
  #card = $state.raw<Preview | null>(null);
  /** The first link of what is written: looked for, or found. */
  #url: string | null = null;
  /** Another object for each search; null: its link was not asked for yet. */
  #search: object | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #isOff = false;
  /** The link whose preview was left away, kept beside the draft; '': none. */
  readonly #left: RoomDraft;

  constructor(options: LinkPreviewingOptions) {
    this.#options = options;
    this.#left = new RoomDraft(`${options.of}/no-preview`, () => undefined);
  }

  get card(): Preview | null {
    return this.#card;
  }

  look(words: string): void {
    const { on, connected, isOwn } = this.#options;
    const isAsked = (link: string): boolean => !isOwn(link) && !mayBeForOneUse(link);
    const first = on() && !this.#isOff ? linksIn(words).find(isAsked) : undefined;
    const url = first === undefined || first === this.#left.text ? null : first;
    if (url !== this.#url) this.#forget();
    this.#url = url;
    if (url === null || this.#search || !connected()) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      if (connected()) void this.#find(url);
    }, REST_MS);
  }

  leaveAway(): void {
    if (this.#url !== null) this.#left.set(this.#url);
    this.#forget();
  }

  attach(store: DraftStore): void {
    this.#left.attach(store);
  }
  detach(): void {
    this.#left.detach();
  }

  /** It goes with these words, which are sent: the next message begins anew. */
  take(words: string): Preview | null {
    const card = this.#card;
    this.#forget();
    this.#left.set('');
    // Switched off, and on again meanwhile.
    this.#isOff = false;
    return card && isPreviewOf(card, words) ? card : null;
  }

  close(): void {
    this.#forget();
  }

  #forget(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#search = null;
    this.#url = null;
    this.#card = null;
  }

  #askAgain(url: string): void {
    this.#timer = null;
    if (this.#options.connected()) void this.#find(url);
    else this.#search = null;
  }

  async #find(url: string): Promise<void> {
    const search = (this.#search = {});
    const isStill = (): boolean => this.#search === search;
    const answer = await this.#options.ask(url);
    if (!isStill()) return;
    if (!answer.ok) {
      if (answer.code === 'previews-off') this.#isOff = true;
      // With the next line, or the next key, it is asked again.
      if (answer.code === 'offline') this.#search = null;
      if (answer.code === 'rate-limited') this.#timer = setTimeout(() => this.#askAgain(url), TOO_OFTEN_MS);
      return;
    }
    const { page } = answer.value;
    if (!page) return;
    const { picture: large, ...said } = page;
    const picture = large ? await this.#options.makeSmall(large).catch(() => null) : null;
    if (isStill()) this.#card = readPreview({ url, ...said, ...(picture && { picture }) });
  }
}
