// What a screen asked the server for: loading, there, or why not. Whose screen it is asks again when the line is back.

import type { Result } from '#lib/model/result.ts';

export class ServerCopy<Value> {
  readonly #ask: () => Promise<Result<Value>>;
  #value = $state.raw<Value | null>(null);
  #problem = $state<string | null>(null);
  #asked = 0;

  constructor(ask: () => Promise<Result<Value>>) {
    this.#ask = ask;
  }

  /** null: not there yet. */
  get value(): Value | null {
    return this.#value;
  }
  get problem(): string | null {
    return this.#problem;
  }

  async load(): Promise<void> {
    const asked = ++this.#asked;
    const answer = await this.#ask();
    // An older answer may come after a newer one.
    if (asked !== this.#asked) return;
    this.#problem = answer.ok ? null : answer.message;
    if (answer.ok) this.#value = answer.value;
  }
}
