// Whose messages fold away, for this person alone. Invariant: what was decided here stands at once and over a restart,
// and goes to the server when there is a line; what other devices decided of others comes from there.

import type { Blocked } from '#protocol/api/profile.ts';
import type { ApiClient } from '../session/api-client.ts';
import { DECIDED_METAS } from '../storage/decided-metas.ts';
import type { UserDb } from '../storage/user-db.ts';
import { Rerun } from './rerun.ts';

const META = DECIDED_METAS.blocked;

export interface BlockedRow {
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
  readonly #telling = new Rerun(() => this.#tell());
  #closed = false;

  constructor(db: UserDb, api: ApiClient, changed: (users: ReadonlySet<string>) => void) {
    this.#db = db;
    this.#api = api;
    this.#changed = changed;
  }

  async load(): Promise<void> {
    const row = await this.#db.meta<BlockedRow>(META);
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
  lineUp(): Promise<void> {
    return this.#telling.run();
  }

  async #tell(): Promise<void> {
    if (this.#closed) return;
    const answer = await this.#api.get<Blocked>('/api/blocked');
    if (!answer.ok || this.#closed) return;
    this.#users = new Set(answer.value.users);
    const told = new Map(this.#untold);
    if (told.size > 0) {
      const users = withChanges(this.#users, told);
      const put = await this.#api.put<unknown>('/api/blocked', { users: [...users] });
      if (!put.ok || this.#closed) return;
      this.#users = users;
      // What was decided while it was told stays to be told.
      for (const [user, blocked] of told) if (this.#untold.get(user) === blocked) this.#untold.delete(user);
    }
    this.#changed(this.users);
    await this.#keep();
  }

  close(): void {
    this.#closed = true;
  }

  async #keep(): Promise<void> {
    const row: BlockedRow = { users: [...this.#users], untold: [...this.#untold] };
    await this.#db.putMeta(META, row);
  }
}

/** For a server that may have lost what it was told. */
export const untoldAgain = ({ users, untold }: BlockedRow): BlockedRow => ({
  users: [],
  untold: [...users.map((user) => [user, true] as const), ...untold]
});

function withChanges(users: ReadonlySet<string>, changes: ReadonlyMap<string, boolean>): ReadonlySet<string> {
  const after = new Set(users);
  for (const [user, blocked] of changes) {
    if (blocked) after.add(user);
    else after.delete(user);
  }
  return after;
}
