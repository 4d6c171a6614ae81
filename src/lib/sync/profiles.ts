// What people show of themselves: from this device's disk at once, from the server when unknown or perhaps changed, a
// hundred at a time. Invariant: who was shown is asked about again after each gap in the line, as what changed in it
// was told to nobody here.

import type { UserInfo } from '#protocol/api/profile.ts';
import type { ApiClient } from '../session/api-client.ts';
import type { UserDb } from '../storage/user-db.ts';
import { Rerun } from './rerun.ts';

const GATHER_MS = 50;
/** As many as one request may ask for. */
const BATCH = 100;
/** A line that comes and goes does not ask about everybody each time. */
const REFRESH_EVERY_MS = 60_000;
/** The server may be busy, or ask for patience: the line need not go for that. */
const AGAIN_MS = 10_000;

export interface ProfilesOptions {
  readonly db: UserDb;
  readonly api: ApiClient;
  /** Epoch ms. */
  readonly now: () => number;
  readonly learn: (people: readonly UserInfo[]) => void;
  /** The server knows nobody by these ids. */
  readonly absent: (ids: readonly string[]) => void;
}

export class Profiles {
  readonly #options: ProfilesOptions;
  readonly #wanted = new Set<string>();
  /** Asked about since they were first shown. */
  readonly #shown = new Set<string>();
  /** Asked about without being shown. */
  readonly #met = new Set<string>();
  /** Those whose profile is on this device. */
  readonly #kept = new Set<string>();
  #refreshedAt = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #againTimer: ReturnType<typeof setTimeout> | undefined;
  #refreshTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #asking = new Rerun(() => this.#askAll());
  #closed = false;

  constructor(options: ProfilesOptions) {
    this.#options = options;
  }

  async load(): Promise<void> {
    const people = await this.#options.db.people();
    for (const { id } of people) this.#kept.add(id);
    this.#options.learn(people);
  }

  /** The person is shown somewhere. */
  want(id: string): void {
    this.#shown.add(id);
    this.#wanted.add(id);
    this.#timer ??= setTimeout(() => void this.#ask(), GATHER_MS);
  }

  /** People in a room that is on this device: they are to have names when the network is gone, looked at or not. */
  meet(ids: readonly string[]): void {
    for (const id of ids) {
      if (this.#kept.has(id) || this.#met.has(id)) continue;
      this.#met.add(id);
      this.#wanted.add(id);
    }
    if (this.#wanted.size > 0) this.#timer ??= setTimeout(() => void this.#ask(), GATHER_MS);
  }

  /** There is a line again. */
  lineUp(): void {
    const waitMs = this.#refreshedAt + REFRESH_EVERY_MS - this.#options.now();
    clearTimeout(this.#refreshTimer);
    if (waitMs <= 0) this.#refresh();
    else {
      this.#refreshTimer = setTimeout(() => this.#refresh(), Math.min(waitMs, REFRESH_EVERY_MS));
      void this.#ask();
    }
  }

  /** The server told of people: of some that this device never shows, too. */
  async changed(people: readonly UserInfo[]): Promise<void> {
    await this.#keep(people.filter(({ id }) => this.#kept.has(id) || this.#shown.has(id)));
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#againTimer);
    clearTimeout(this.#refreshTimer);
  }

  #refresh(): void {
    this.#refreshedAt = this.#options.now();
    for (const id of this.#shown) this.#wanted.add(id);
    void this.#ask();
  }

  async #ask(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#asking.run();
  }

  async #askAll(): Promise<void> {
    clearTimeout(this.#againTimer);
    while (this.#wanted.size > 0 && !this.#closed) {
      const ids = [...this.#wanted].slice(0, BATCH);
      const path = `/api/users?ids=${ids.map(encodeURIComponent).join(',')}`;
      const answer = await this.#options.api.get<UserInfo[]>(path);
      if (this.#closed) break;
      if (!answer.ok) {
        // Without a network the next line asks again.
        if (answer.code !== 'offline') this.#againTimer = setTimeout(() => void this.#ask(), AGAIN_MS);
        break;
      }
      for (const id of ids) this.#wanted.delete(id);
      await this.#keep(answer.value);
      const found = new Set(answer.value.map(({ id }) => id));
      this.#options.absent(ids.filter((id) => !found.has(id)));
    }
  }

  async #keep(people: readonly UserInfo[]): Promise<void> {
    if (people.length === 0 || this.#closed) return;
    for (const { id } of people) this.#kept.add(id);
    this.#options.learn(people);
    await this.#options.db.putPeople(people);
  }
}
