// Sealed pages of a room that are held wherever its window is: the gallery and the threads read them.
// Invariant: a page stays until the last who holds it lets go.

import type { OlderPage } from './older-page.ts';

export class PinnedPages {
  readonly #pinned = new Map<number, { page: OlderPage; holders: number }>();
  /** The last answer of `with`. */
  #joined: { readonly window: readonly OlderPage[]; readonly pages: readonly OlderPage[] } | null = null;

  get(number: number): OlderPage | undefined {
    return this.#pinned.get(number)?.page;
  }

  /** One more holds it. */
  hold(page: OlderPage): void {
    const pinned = this.#pinned.get(page.page) ?? { page, holders: 0 };
    pinned.holders += 1;
    this.#pinned.set(page.page, pinned);
    this.#joined = null;
  }

  release(number: number): void {
    const pinned = this.#pinned.get(number);
    if (!pinned) return;
    pinned.holders -= 1;
    if (pinned.holders > 0) return;
    this.#pinned.delete(number);
    this.#joined = null;
  }

  /** Puts another making of each in its place. */
  change(anew: (page: OlderPage) => OlderPage): void {
    for (const pinned of this.#pinned.values()) pinned.page = anew(pinned.page);
    this.#joined = null;
  }

  /** These and the window's, oldest first; there may be gaps. The same array while nothing changes. */
  with(window: readonly OlderPage[]): readonly OlderPage[] {
    if (this.#pinned.size === 0) return window;
    if (this.#joined?.window !== window) {
      const pages = new Map([...this.#pinned].map(([number, { page }]) => [number, page]));
      for (const page of window) pages.set(page.page, page);
      this.#joined = { window, pages: [...pages.values()].sort((a, b) => a.page - b.page) };
    }
    return this.#joined.pages;
  }
}
