// What a page says of itself, for who links to it: fetched, read, and handed on with its picture. Nothing is kept.
// Invariants: never rejects; a bounded number of pages is under way at once, of one person a few, each for a bounded time.

import type { PageSummary } from '#protocol/api/preview.ts';
import type { UserId } from '#protocol/ids.ts';
import { htmlText } from './html-text.ts';
import type { PageFetch } from './page-fetch.ts';
import { pagePictureType } from './page-picture.ts';
import { summaryOf } from './page-summary.ts';

export interface PreviewLimits {
  /** Of the page with all its redirects, and once more of its picture. */
  readonly timeMs: number;
  readonly pageMaxBytes: number;
  readonly pictureMaxBytes: number;
  readonly atOnce: number;
  readonly atOncePerPerson: number;
}

export const PREVIEW_LIMITS: PreviewLimits = {
  timeMs: 5_000,
  pageMaxBytes: 512 * 1024,
  pictureMaxBytes: 2 * 1024 * 1024,
  atOnce: 16,
  atOncePerPerson: 3
};

export interface PreviewsDeps {
  readonly pages: Pick<PageFetch, 'fetch'>;
  readonly limits?: PreviewLimits;
}

export class Previews {
  readonly #pages: PreviewsDeps['pages'];
  readonly #limits: PreviewLimits;
  readonly #running: UserId[] = [];
  readonly #closing = new AbortController();

  constructor({ pages, limits = PREVIEW_LIMITS }: PreviewsDeps) {
    this.#pages = pages;
    this.#limits = limits;
  }

  /** @param gone who asked does not wait any more. @returns null: nothing to show; busy: too many at once */
  async of(url: URL, asker: UserId, gone: AbortSignal): Promise<PageSummary | 'busy' | null> {
    const { atOnce, atOncePerPerson } = this.#limits;
    const own = this.#running.filter((one) => one === asker).length;
    if (this.#running.length >= atOnce || own >= atOncePerPerson) return 'busy';
    this.#running.push(asker);
    try {
      return await this.#summary(url, AbortSignal.any([gone, this.#closing.signal]));
    } finally {
      this.#running.splice(this.#running.indexOf(asker), 1);
    }
  }

  /** Ends what is under way. */
  close(): void {
    this.#closing.abort();
  }

  async #summary(from: URL, stop: AbortSignal): Promise<PageSummary | null> {
    const { timeMs, pageMaxBytes } = this.#limits;
    const page = await this.#pages.fetch(from, {
      ...{ accept: ['text/html'], maxBytes: pageMaxBytes, cut: true },
      signal: AbortSignal.any([stop, AbortSignal.timeout(timeMs)])
    });
    const words = page && summaryOf(htmlText(page.bytes, page.contentType));
    if (!words) return null;
    const { picture: address, ...said } = words;
    const picture = address === null || !URL.canParse(address, page.url) ? null : new URL(address, page.url);
    const made = picture && (await this.#picture(picture, stop));
    return { ...said, ...(made && { picture: made }) };
  }

  async #picture(from: URL, stop: AbortSignal): Promise<PageSummary['picture'] | null> {
    const { timeMs, pictureMaxBytes } = this.#limits;
    const file = await this.#pages.fetch(from, {
      // Some sites say no more of their pictures than that they are bytes; what they are is read off these.
      ...{ accept: ['image/', 'application/octet-stream'], maxBytes: pictureMaxBytes, cut: false },
      signal: AbortSignal.any([stop, AbortSignal.timeout(timeMs)])
    });
    const type = file && (await pagePictureType(file.bytes));
    return type ? { type, data: file.bytes.toString('base64') } : null;
  }
}
