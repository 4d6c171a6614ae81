// A list that the server gives a page at a time, and searches. An older answer never takes the place of a newer one.

import type { Result } from '../model/result.ts';

/** So many the server gives at a time; fewer are the last. */
const LIST_PAGE = 50;
const TYPED_PAUSE_MS = 200;

/** A list as what is around it sees it. */
export interface ListState {
  /** null: not there yet. */
  readonly items: readonly unknown[] | null;
  readonly problem: string | null;
  readonly more: boolean;
  readonly busy: boolean;
  query: string;
  load(): Promise<void>;
  loadMore(): Promise<void>;
  stop(): void;
}

export class PagedList<Item extends { readonly id: string }> implements ListState {
  readonly #ask: (query: string, after: Item | null) => Promise<Result<readonly Item[]>>;
  #items = $state.raw<readonly Item[] | null>(null);
  #problem = $state<string | null>(null);
  #more = $state(false);
  #busy = $state(false);
  #query = $state('');
  #asked = $state('');
  #turn = 0;
  #typing: ReturnType<typeof setTimeout> | null = null;

  constructor(ask: (query: string, after: Item | null) => Promise<Result<readonly Item[]>>) {
    this.#ask = ask;
  }

  /** null: not there yet. */
  get items() {
    return this.#items;
  }
  get problem() {
    return this.#problem;
  }
  get more() {
    return this.#more;
  }
  get busy() {
    return this.#busy;
  }
  get query() {
    return this.#query;
  }
  /** Asked for once the person stops typing. */
  set query(query: string) {
    this.#query = query;
    if (this.#typing !== null) clearTimeout(this.#typing);
    this.#typing = setTimeout(() => void this.load(), TYPED_PAUSE_MS);
  }

  /** What the items were found by. */
  get asked() {
    return this.#asked;
  }

  /** From the start. */
  load(): Promise<void> {
    return this.#page(null);
  }

  async loadMore(): Promise<void> {
    const last = this.#items?.at(-1);
    if (last && this.#more && !this.#busy) await this.#page(last);
  }

  /** What an act answered is shown without asking for the list again. */
  replace(item: Item): void {
    this.#items = this.#items?.map((one) => (one.id === item.id ? item : one)) ?? null;
  }

  remove(id: string): void {
    this.#items = this.#items?.filter((one) => one.id !== id) ?? null;
  }

  stop(): void {
    if (this.#typing !== null) clearTimeout(this.#typing);
    this.#turn += 1;
    this.#busy = false;
  }

  async #page(after: Item | null): Promise<void> {
    const turn = ++this.#turn;
    const query = this.#query.trim();
    this.#busy = true;
    const answer = await this.#ask(query, after);
    if (turn !== this.#turn) return;
    this.#busy = false;
    this.#problem = answer.ok ? null : answer.message;
    if (!answer.ok) return;
    const before = after === null ? [] : (this.#items ?? []);
    // What moved down the list meanwhile comes again.
    const fresh = answer.value.filter(({ id }) => !before.some((one) => one.id === id));
    this.#items = [...before, ...fresh];
    this.#asked = query;
    this.#more = answer.value.length >= LIST_PAGE;
  }
}
