// Names of accounts: from this device's disk at once, from the server when unknown, a hundred at a time.

import type { UserInfo } from '#protocol/api.ts';
import type { ApiClient } from '../session/api-client.ts';
import type { UserDb } from '../storage/user-db.ts';

const GATHER_MS = 50;
/** As many as one request may ask for. */
const BATCH = 100;

export class Names {
  readonly #db: UserDb;
  readonly #api: ApiClient;
  readonly #learn: (id: string, name: string) => void;
  readonly #wanted = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asking = false;
  #closed = false;

  constructor(db: UserDb, api: ApiClient, learn: (id: string, name: string) => void) {
    this.#db = db;
    this.#api = api;
    this.#learn = learn;
  }

  async load(): Promise<void> {
    for (const { id, name } of await this.#db.people()) this.#learn(id, name);
  }

  want(id: string): void {
    this.#wanted.add(id);
    this.#timer ??= setTimeout(() => void this.ask(), GATHER_MS);
  }

  /** Asks for what is wanted still; called when there is a line again, too. */
  async ask(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#asking) return;
    this.#asking = true;
    while (this.#wanted.size > 0 && !this.#closed) {
      const ids = [...this.#wanted].slice(0, BATCH);
      const answer = await this.#api.get<UserInfo[]>(`/api/users?ids=${ids.map(encodeURIComponent).join(',')}`);
      if (!answer.ok || this.#closed) break;
      for (const id of ids) this.#wanted.delete(id);
      for (const { id, name } of answer.value) this.#learn(id, name);
      if (answer.value.length > 0) await this.#db.putPeople(answer.value.map(({ id, name }) => ({ id, name })));
    }
    this.#asking = false;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }
}
