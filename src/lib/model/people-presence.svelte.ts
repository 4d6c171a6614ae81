// Who of those shown is here, in whatever room they have open: asked of the server now and again, as a room tells only of
// those who have that very room open. Invariant: without a line nothing is known, and a hidden page does not ask.

import type { PresentPeople } from '#protocol/api.ts';
import type { Environment } from '../environment.ts';
import type { ApiClient } from '../session/api-client.ts';
import type { MemberView } from './app-model.ts';

const ASK_EVERY_MS = 30_000;
/** Several are shown at once: one question for all of them. */
const ASK_SOON_MS = 200;
/** As many as the server answers at once; those who were shown last. */
const ASKED_MAX = 100;

export class PeoplePresence {
  readonly #api: ApiClient;
  readonly #environment: Pick<Environment, 'visible' | 'onVisibility'>;
  // What is shown follows from `#known`; these are notes.
  // eslint-disable-next-line svelte/prefer-svelte-reactivity
  readonly #wanted = new Set<string>();
  #known = $state.raw<ReadonlyMap<string, 'here' | 'away' | 'gone'> | null>(null);
  #line = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #soon = false;
  readonly #stopVisibility: () => void;

  constructor(api: ApiClient, environment: Pick<Environment, 'visible' | 'onVisibility'>) {
    this.#api = api;
    this.#environment = environment;
    this.#stopVisibility = environment.onVisibility(() => this.#askSoon());
  }

  /** null: not known. Reactive; who is asked for is kept up from then on. */
  of(person: string): MemberView['presence'] {
    const known = this.#known;
    const isNew = !this.#wanted.delete(person);
    this.#wanted.add(person);
    if (isNew) this.#askSoon();
    return known?.get(person) ?? null;
  }

  lineUp(): void {
    this.#line = true;
    this.#askSoon();
  }

  lineDown(): void {
    this.#line = false;
    this.#known = null;
    this.#plan(null);
  }

  /** Nobody is signed in any more. */
  end(): void {
    this.lineDown();
    this.#wanted.clear();
  }

  close(): void {
    this.end();
    this.#stopVisibility();
  }

  #askSoon(): void {
    if (!this.#soon) this.#plan(ASK_SOON_MS);
  }

  #plan(afterMs: number | null): void {
    clearTimeout(this.#timer);
    this.#soon = afterMs === ASK_SOON_MS;
    if (afterMs !== null) this.#timer = setTimeout(() => void this.#ask(), afterMs);
  }

  async #ask(): Promise<void> {
    this.#soon = false;
    if (!this.#line || this.#wanted.size === 0 || !this.#environment.visible()) return;
    const asked = [...this.#wanted].slice(-ASKED_MAX);
    const answer = await this.#api.get<PresentPeople>(`/api/present?users=${asked.join(',')}`);
    if (!this.#line) return;
    if (answer.ok) {
      const { here, away } = answer.value;
      // Replaced as a whole, never changed.
      // eslint-disable-next-line svelte/prefer-svelte-reactivity
      this.#known = new Map(
        asked.map((id) => [id, here.includes(id) ? 'here' : away.includes(id) ? 'away' : 'gone'] as const)
      );
    }
    if (!this.#soon) this.#plan(ASK_EVERY_MS);
  }
}
