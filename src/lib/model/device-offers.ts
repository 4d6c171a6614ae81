// What a device is asked for once its person has sent something, and so means to stay: to install the app, to let it send
// notices, and to keep its data. Invariant: each is offered once on a device, as its database remembers.

import type { Environment } from '../environment.ts';
import { Install } from '../pwa/install.svelte.ts';
import { PersistentStorage } from '../pwa/persistent-storage.ts';
import { Push } from '../pwa/push.svelte.ts';
import type { ApiClient } from '../session/api-client.ts';
import type { DeviceDb, Offer } from '../storage/device-db.ts';

export class DeviceOffers {
  readonly install: Install;
  readonly push: Push;
  readonly #persistentStorage: PersistentStorage;

  /** @param device null: it could not be opened, and nothing is offered */
  constructor(environment: Environment, api: ApiClient, device: () => DeviceDb | null) {
    const memory = (offer: Offer) => ({
      wasOffered: async () => (await device()?.wasOffered(offer)) ?? true,
      noteOffered: () =>
        void device()
          ?.noteOffered(offer)
          .catch(() => undefined)
    });
    this.install = new Install(environment.install ?? null, memory('install'));
    this.push = new Push(environment.push ?? null, api, memory('push'));
    this.#persistentStorage = new PersistentStorage(environment.storage);
  }

  /** Something was said in a room. */
  sent(): void {
    this.keep();
    void this.push.sent();
    void this.install.sent();
  }

  /** There is something that should stay. */
  keep(): void {
    void this.#persistentStorage.ask();
  }
}
