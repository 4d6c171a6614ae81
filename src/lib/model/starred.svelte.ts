// What this person has starred, over all rooms, as the screens see it. Works without the network.

import type { BlobClaim } from '#protocol/attachment.ts';
import type { StarredMessage } from '../sync/stars.ts';
import type { SyncClient } from '../sync/sync-client.ts';
import type { FileAddresses } from './file-addresses.ts';
import { FileView } from './file-view.svelte.ts';
import type { PersonView } from './person-view.ts';
import type { FileModel } from './room-files.ts';
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
  /** A file of it, to be shown until it is closed. */
  open(star: StarredMessage, claim: BlobClaim): FileModel;
}

export class Starred implements StarredModel {
  readonly #client: () => SyncClient | null;
  readonly #person: (id: string) => PersonView;
  readonly #addresses: FileAddresses;
  #all = $state.raw<readonly StarredMessage[]>([]);
  // Made anew, never changed.
  readonly #ids: ReadonlySet<string> = $derived(new Set(this.#all.map(({ id }) => id)));

  constructor(client: () => SyncClient | null, person: (id: string) => PersonView, addresses: FileAddresses) {
    this.#client = client;
    this.#person = person;
    this.#addresses = addresses;
  }

  get all() {
    return this.#all;
  }

  /** Stars were changed, here or elsewhere; or there is another client. */
  update(): void {
    this.#all = this.#client()?.stars.all() ?? [];
  }

  has(id: string): boolean {
    return this.#ids.has(id);
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

  open({ room, id }: StarredMessage, claim: BlobClaim): FileModel {
    const files = (): SyncClient['files'] | undefined => this.#client()?.files;
    return new FileView({
      ...{ hash: claim.hash, size: claim.size, addresses: this.#addresses },
      ...{ isWanted: () => false, want: () => undefined, closed: () => undefined },
      kept: async () => (await files()?.kept(room, id, claim.hash)) ?? null,
      fetch: async (progress) => (await files()?.fetch(room, id, claim, progress)) ?? { kind: 'offline' }
    });
  }

  #do(write: (client: SyncClient) => Promise<unknown>): void {
    const client = this.#client();
    if (client) void client.hold(write(client));
  }
}
