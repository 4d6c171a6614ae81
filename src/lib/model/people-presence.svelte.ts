// Who of those shown is here, in whatever room or none, and when the others were last: the server is asked for all that
// are shown and tells what changes. Invariant: without a line nobody's presence is known; when somebody was seen last,
// which does not grow old, still is.

import type { ServerMessage } from '#protocol/control.ts';
import { PEOPLE_WATCHED_MAX } from '#protocol/limits.ts';
import type { MemberView } from './member-view.ts';

/** Several are shown at once: one question for all of them. */
const ASK_SOON_MS = 200;

type Told = Extract<ServerMessage, { type: 'presence' }>['people'];
interface Known {
  readonly status: 'here' | 'away' | 'gone';
  readonly seenAt: number | null;
}

export class PeoplePresence {
  readonly #ask: (people: readonly string[]) => void;
  // What is shown follows from `#known`; these are notes.
  readonly #wanted = new Set<string>();
  #known = $state.raw<ReadonlyMap<string, Known>>(new Map());
  #line = $state(false);
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param ask tells the server whose presence is wanted from now on */
  constructor(ask: (people: readonly string[]) => void) {
    this.#ask = ask;
  }

  /** null: not known. Reactive; who is asked for is kept up from then on. */
  of(person: string): MemberView['presence'] {
    this.#want(person);
    const known = this.#known.get(person);
    return this.#line ? (known?.status ?? null) : null;
  }

  /** When somebody who is not here was last, epoch ms; null: not known, or not told. Reactive. */
  seenAt(person: string): number | null {
    this.#want(person);
    return this.#known.get(person)?.seenAt ?? null;
  }

  take(people: Told): void {
    const known = new Map(this.#known);
    for (const { user, status, seenAt } of people) known.set(user, { status, seenAt });
    this.#known = known;
  }

  lineUp(): void {
    this.#line = true;
    this.#askSoon();
  }

  lineDown(): void {
    this.#line = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    // What comes with the next line is all there is; what was seen stays.
    this.#known = new Map([...this.#known].filter(([, { seenAt }]) => seenAt !== null));
  }

  /** Nobody is signed in any more. */
  end(): void {
    this.lineDown();
    this.#wanted.clear();
    this.#known = new Map();
  }

  #want(person: string): void {
    const isNew = !this.#wanted.delete(person);
    this.#wanted.add(person);
    if (isNew) this.#askSoon();
  }

  #askSoon(): void {
    if (!this.#line || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      // As many as the server tells of; those who were shown last.
      const wanted = [...this.#wanted].slice(-PEOPLE_WATCHED_MAX);
      if (wanted.length > 0) this.#ask(wanted);
    }, ASK_SOON_MS);
  }
}
