// What this person has starred, over all rooms, as the screens see it. Works without the network.

import type { StarredMessage } from '../sync/stars.ts';
import type { SyncClient } from '../sync/sync-client.ts';
import type { PersonView } from './app-model.ts';
import type { SoughtMessage } from './message-acts.ts';
import { soughtMessage } from './sought-message.ts';

export interface StarredModel {
  /** The newest star first. Reactive. */
  readonly all: readonly StarredMessage[];
  has(id: string): boolean;
  /** @param page where it is, as far as that is known */
  add(room: string, id: string, page: number | null): void;
  remove(id: string): void;
  read(star: StarredMessage): Promise<SoughtMessage>;
}

export class Starred implements StarredModel {
  readonly #client: () => SyncClient | null;
  readonly #person: (id: string) => PersonView;
  #all = $state.raw<readonly StarredMessage[]>([]);

  constructor(client: () => SyncClient | null, person: (id: string) => PersonView) {
    this.#client = client;
    this.#person = person;
  }

  get all() {
    return this.#all;
  }

  /** Stars were changed, here or elsewhere; or there is another client. */
  update(): void {
    this.#all = this.#client()?.stars.all() ?? [];
  }

  has(id: string): boolean {
    return this.#all.some((star) => star.id === id);
  }
  add(room: string, id: string, page: number | null): void {
    this.#do((client) => client.stars.add(room, id, page));
  }
  remove(id: string): void {
    this.#do((client) => client.stars.remove(id));
  }

  async read({ room, id, page }: StarredMessage): Promise<SoughtMessage> {
    const found = await this.#client()?.finder.read(room, id, page);
    return soughtMessage(found ?? { kind: 'offline' }, this.#person);
  }

  #do(write: (client: SyncClient) => Promise<unknown>): void {
    const client = this.#client();
    if (client) void client.hold(write(client));
  }
}
