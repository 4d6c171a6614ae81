// Names of people, by id. Invariant: one view object per id for the app's life, whose name fills in when it is known,
// so that whoever shows it needs not ask twice.

import { isImportedAuthor, isUserId } from '#protocol/ids.ts';
import type { PersonView } from './app-model.ts';
import { colourOf, initialsOf, standInName } from './person.ts';

class Person implements PersonView {
  readonly id: string;
  readonly imported: boolean;
  readonly colour: number;
  readonly userName = '';
  readonly avatar = null;
  readonly status = '';
  readonly deleted = false;
  readonly blocked = false;
  #name: string;
  #known = $state<string | null>(null);

  constructor(id: string, name: string) {
    this.id = id;
    this.imported = isImportedAuthor(id);
    this.colour = colourOf(id);
    this.#name = name;
  }

  get name(): string {
    return this.#known ?? this.#name;
  }
  get known(): boolean {
    return this.#known !== null;
  }
  get initials(): string {
    return initialsOf(this.name);
  }

  rename(name: string): void {
    if (name !== this.#known) this.#known = name;
  }
}

export class People {
  // Not a reactive map: who is in it never changes what is shown, only a person's name does.
  // eslint-disable-next-line svelte/prefer-svelte-reactivity
  readonly #people = new Map<string, Person>();
  /** Asked for the names of accounts not known yet; answers through `learn`. */
  onUnknown: ((id: string) => void) | null = null;

  person(id: string): PersonView {
    const known = this.#people.get(id);
    if (known) return known;
    const { name, final } = standInName(id);
    const person = new Person(id, name);
    this.#people.set(id, person);
    if (!final && isUserId(id)) this.onUnknown?.(id);
    return person;
  }

  /** All whose name is known for sure. */
  known(): readonly PersonView[] {
    return [...this.#people.values()].filter((person) => person.known && !person.imported);
  }

  learn(id: string, name: string): void {
    (this.person(id) as Person).rename(name);
  }
}
