// Everybody who has an account, in memory: who has which name, who is an administrator, who is found by a few letters.
// Invariant: it holds what is on disk; only accounts.ts changes it, after each write.

import { createHash } from 'node:crypto';
import type { UserId } from '#protocol/ids.ts';
import type { Account } from './account.ts';
import { fold } from './user-name.ts';

interface Person {
  readonly account: Account;
  /** Folded, so that a search over all of them is cheap. */
  readonly name: string;
  readonly displayName: string;
}

export class People {
  readonly #skeletons: (name: string) => readonly string[];
  readonly #byId = new Map<UserId, Person>();
  readonly #byFolded = new Map<string, UserId>();
  /** Hashes of the skeletons of names: of who is there, and of who was. */
  readonly #taken = new Set<string>();
  readonly #administrators = new Set<UserId>();

  /** @param skeletons of a name: names that share one look alike */
  constructor(skeletons: (name: string) => readonly string[]) {
    this.#skeletons = skeletons;
  }

  get any(): boolean {
    return this.#byId.size > 0;
  }

  get(id: UserId): Account | null {
    return this.#byId.get(id)?.account ?? null;
  }

  all(): Account[] {
    return [...this.#byId.values()].map(({ account }) => account);
  }

  byFolded(folded: string): Account | null {
    const id = this.#byFolded.get(folded);
    return id === undefined ? null : this.get(id);
  }

  isTaken(name: string): boolean {
    return this.#byFolded.has(fold(name)) || this.lookHashes(name).some((hash) => this.#taken.has(hash));
  }

  /** What stays of a name when its account is deleted: hashes of how it looks. */
  lookHashes(name: string): string[] {
    return this.#skeletons(name).map((skeleton) => createHash('sha256').update(skeleton).digest('base64url'));
  }

  /** Neither suspended nor deleted. */
  isAdministrator(id: UserId): boolean {
    return this.#administrators.has(id);
  }

  administratorCount(): number {
    return this.#administrators.size;
  }

  /** @param formerName of a deleted account, as in its record */
  set(account: Account, formerName: readonly string[] | null): void {
    const before = this.#byId.get(account.id);
    const name = fold(account.name);
    if (before && before.name !== name) this.#byFolded.delete(before.name);
    this.#byId.set(account.id, { account, name, displayName: fold(account.displayName) });
    if (account.admin && !account.suspended && !account.deleted) this.#administrators.add(account.id);
    else this.#administrators.delete(account.id);
    if (!account.deleted) this.#byFolded.set(name, account.id);
    for (const hash of formerName ?? (before ? [] : this.lookHashes(account.name))) this.#taken.add(hash);
  }

  /** Those whose name, or a word of what they are called, begins so; by name. */
  search(query: string, limit: number): Account[] {
    const wanted = fold(query.normalize('NFKC').trim());
    if (wanted === '') return [];
    return this.#sorted(wanted)
      .slice(0, limit)
      .map(({ account }) => account);
  }

  /**
   * All who are not deleted, by name, a page at a time.
   * @param query as in `search`; '' for all
   * @param after id of the last one of the page before
   */
  page(query: string, after: UserId | null, limit: number): Account[] {
    const all = this.#sorted(fold(query.normalize('NFKC').trim()));
    const last = after === null ? undefined : this.#byId.get(after);
    const rest = last ? all.filter((person) => byName(person, last) > 0) : all;
    return rest.slice(0, limit).map(({ account }) => account);
  }

  #sorted(wanted: string): Person[] {
    const found: Person[] = [];
    for (const person of this.#byId.values())
      if (!person.account.deleted && matches(person, wanted)) found.push(person);
    return found.sort(byName);
  }
}

const matches = ({ name, displayName }: Person, wanted: string): boolean =>
  [name, displayName].some((text) => text.startsWith(wanted) || text.includes(` ${wanted}`));

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const byName = (a: Person, b: Person): number => compare(a.name, b.name) || compare(a.account.id, b.account.id);
