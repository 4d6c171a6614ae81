// Whose messages fold away, for this person alone. Invariant: what was decided here stands at once and over a restart,
// and goes to the server when there is a line; what other devices decided of others comes from there.

import type { Blocked } from '#protocol/api.ts';
import type { ApiClient } from '../session/api-client.ts';
import type { UserDb } from '../storage/user-db.ts';

const META = 'blocked';

interface Row {
  /** As the server has it, as far as it is known. */
  readonly users: readonly string[];
  /** Decided here, and not told yet: whether they are blocked. */
  readonly untold: readonly (readonly [user: string, blocked: boolean])[];
}

export class BlockedPeople {
  readonly #db: UserDb;
  readonly #api: ApiClient;
  readonly #changed: (users: ReadonlySet<string>) => void;
  #users: ReadonlySet<string> = new Set();
  #untold = new Map<string, boolean>();
  #telling = false;
  #closed = false;

  constructor(db: UserDb, api: ApiClient, changed: (users: ReadonlySet<string>) => void) {
    this.#db = db;
    this.#api = api;
    this.#changed = changed;
  }

  async load(): Promise<void> {
    const row = await this.#db.meta<Row>(META);
    this.#users = new Set(row?.users);
    this.#untold = new Map(row?.untold);
    this.#changed(this.users);
  }

  get users(): ReadonlySet<string> {
    return withChanges(this.#users, this.#untold);
  }

  async set(user: string, blocked: boolean): Promise<void> {
    this.#untold.set(user, blocked);
    this.#changed(this.users);
    await this.#keep();
    await this.lineUp();
  }

  /** Asks for the list, and tells what was decided here. What cannot be told waits for the next line. */
  async lineUp(): Promise<void> {
    if (this.#telling) return;
    this.#telling = true;
    do {
      const answer = await this.#api.get<Blocked>('/api/blocked');
      if (!answer.ok || this.#closed) break;
      this.#users = new Set(answer.value.users);
      const told = new Map(this.#untold);
      if (told.size > 0) {
        const users = withChanges(this.#users, told);
        const put = await this.#api.put<unknown>('/api/blocked', { users: [...users] });
        if (!put.ok || this.#closed) break;
        this.#users = users;
        // What was decided while it was told stays to be told.
        for (const [user, blocked] of told) if (this.#untold.get(user) === blocked) this.#untold.delete(user);
      }
      this.#changed(this.users);
      await this.#keep();
    } while (this.#untold.size > 0 && !this.#closed);
    this.#telling = false;
  }

  close(): void {
    this.#closed = true;
  }

  async #keep(): Promise<void> {
    const row: Row = { users: [...this.#users], untold: [...this.#untold] };
    await this.#db.putMeta(META, row);
  }
}

function withChanges(users: ReadonlySet<string>, changes: ReadonlyMap<string, boolean>): ReadonlySet<string> {
  const after = new Set(users);
  for (const [user, blocked] of changes) {
    if (blocked) after.add(user);
    else after.delete(user);
  }
  return after;
}
