// People, by id: their names, pictures and what else they show. Invariant: one view object per id for the app's life,
// which fills in when more is known, so that whoever shows it needs not ask twice.

import { createSubscriber } from 'svelte/reactivity';
import type { UserInfo } from '#protocol/api/profile.ts';
import { isImportedAuthor, isUserId } from '#protocol/ids.ts';
import type { PersonView } from './person-view.ts';
import { colourOf, GONE_AUTHOR, initialsOf, standInName } from './person.ts';
import { m } from '../words/generated/messages.js';

/** So long a person without a name has a quiet place instead of a stand-in, which would flash by. */
const QUIET_MS = 1_000;
const QUIET_NAME = '…';

class Person implements PersonView {
  readonly id: string;
  readonly imported: boolean;
  readonly #standIn: string;
  readonly #colour: number;
  #info: UserInfo | null = null;
  #quiet: boolean;
  #blocked = false;
  #absent = false;
  #tell: (() => void) | null = null;
  // Not `$state`: made within the reaction that shows it first, it would not be followed by that.
  readonly #follow = createSubscriber((tell) => {
    this.#tell = tell;
    return () => (this.#tell = null);
  });
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(id: string) {
    const { name, final } = standInName(id);
    this.id = id;
    this.imported = isImportedAuthor(id);
    this.#standIn = name;
    this.#colour = colourOf(id);
    this.#quiet = !final && isUserId(id);
    if (this.#quiet) this.#timer = setTimeout(() => this.#endQuiet(), QUIET_MS);
  }

  get name(): string {
    const info = this.#shown;
    if (!info) return this.#quiet ? QUIET_NAME : this.#standIn;
    return info.deleted ? m.person_deleted_name() : info.displayName || info.name;
  }
  get userName(): string {
    return this.#shown?.name ?? '';
  }
  get avatar(): string | null {
    const id = this.#shown?.avatar ?? null;
    return id && `/api/avatars/${id}`;
  }
  get status(): string {
    return this.#shown?.status ?? '';
  }
  get colour(): number {
    return this.#shown?.colour ?? this.#colour;
  }
  get deleted(): boolean {
    return this.#shown?.deleted ?? this.id === GONE_AUTHOR;
  }
  get blocked(): boolean {
    this.#follow();
    return this.#blocked;
  }
  get absent(): boolean {
    this.#follow();
    return this.#absent && this.#info === null;
  }
  get known(): boolean {
    return this.#info !== null;
  }
  get initials(): string {
    return initialsOf(this.name);
  }

  learn(info: UserInfo): void {
    const before = this.#info;
    if (before && KEYS.every((key) => before[key] === info[key])) return;
    clearTimeout(this.#timer);
    this.#info = info;
    this.#tell?.();
  }

  rename(name: string): void {
    this.learn({ ...(this.#info ?? { ...NOTHING, id: this.id }), name });
  }

  setAbsent(): void {
    if (this.#absent) return;
    this.#absent = true;
    this.#tell?.();
  }

  setBlocked(blocked: boolean): void {
    if (blocked === this.#blocked) return;
    this.#blocked = blocked;
    this.#tell?.();
  }

  get #shown(): UserInfo | null {
    this.#follow();
    return this.#info;
  }

  #endQuiet(): void {
    this.#quiet = false;
    this.#tell?.();
  }
}

const NOTHING = { displayName: '', avatar: null, status: '', colour: null, deleted: false } as const;
const KEYS = ['name', 'displayName', 'avatar', 'status', 'colour', 'deleted'] as const;

export class People {
  // Who is in it changes nothing on the screen: what is known of each person does.
  readonly #people = new Map<string, Person>();
  // A note of what was asked for; nothing is drawn from it.
  readonly #shown = new Set<string>();
  /** Told of each account when it is first shown, known or not: what is known may be old. */
  onShown: ((id: string) => void) | null = null;

  person(id: string): PersonView {
    const person = this.#person(id);
    if (isUserId(id) && !this.#shown.has(id)) {
      this.#shown.add(id);
      this.onShown?.(id);
    }
    return person;
  }

  /** All accounts that were shown so far. */
  get shown(): Iterable<string> {
    return this.#shown;
  }

  /** All whose name is known for sure. */
  known(): readonly PersonView[] {
    return [...this.#people.values()].filter((person) => person.known && !person.imported && !person.deleted);
  }

  learn(info: UserInfo): void {
    this.#person(info.id).learn(info);
  }

  /** The user name alone; what else is known stays. */
  rename(id: string, name: string): void {
    this.#person(id).rename(name);
  }

  /** @param ids nobody by these ids is known to the server */
  setAbsent(ids: readonly string[]): void {
    for (const id of ids) this.#person(id).setAbsent();
  }

  /** @param users all whose messages fold away */
  setBlocked(users: ReadonlySet<string>): void {
    for (const id of users) this.#person(id);
    for (const [id, person] of this.#people) person.setBlocked(users.has(id));
  }

  #person(id: string): Person {
    let person = this.#people.get(id);
    if (person) return person;
    person = new Person(id);
    this.#people.set(id, person);
    return person;
  }
}
