// Ids of the entries on sealed pages that were read: whether a pending entry has arrived on one of them.
// Invariant: a page that is in sight, or on which something pending may have arrived, is known as long as it is so.

import type { OlderPage } from './older-page.ts';

export class ReadIds {
  readonly #pages = new Map<number, ReadonlySet<string>>();
  readonly #inSight: (page: number) => boolean;
  /** Pages from this one on are kept out of sight, too. */
  #from = 0;

  constructor(inSight: (page: number) => boolean) {
    this.#inSight = inSight;
  }

  has(id: string): boolean {
    for (const ids of this.#pages.values()) if (ids.has(id)) return true;
    return false;
  }

  hasPage(page: number): boolean {
    return this.#pages.has(page);
  }

  remember({ page, entries }: Pick<OlderPage, 'page' | 'entries'>): void {
    this.#pages.set(page, new Set(entries.map(({ entry }) => entry.id)));
  }

  /** Nothing that is pending can have arrived on a page before this one. */
  forgetBefore(page: number): void {
    this.#from = page;
    this.forgetUnneeded([...this.#pages.keys()]);
  }

  /** Of these pages, what nobody needs. */
  forgetUnneeded(pages: readonly number[]): void {
    for (const page of pages) if (page < this.#from && !this.#inSight(page)) this.#pages.delete(page);
  }
}
