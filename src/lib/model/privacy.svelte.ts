// What the person lets others learn of them. It stands in their own document, so it holds on all their devices.

import { SHARES_ALL, type Privacy, type PrivacyKey } from '#protocol/personal.ts';
import type { PrivacyModel } from './receipts-model.ts';

export class PrivacySettings implements PrivacyModel {
  #privacy = $state.raw(SHARES_ALL);
  readonly #save: (key: PrivacyKey, shared: boolean) => void;

  constructor(save: (key: PrivacyKey, shared: boolean) => void) {
    this.#save = save;
  }

  get readReceipts() {
    return this.#privacy.readReceipts;
  }
  get lastSeen() {
    return this.#privacy.lastSeen;
  }
  get typing() {
    return this.#privacy.typing;
  }

  set(key: PrivacyKey, shared: boolean): void {
    this.#privacy = { ...this.#privacy, [key]: shared };
    this.#save(key, shared);
  }

  /** As the person's own document has it. */
  learn(privacy: Privacy): void {
    this.#privacy = privacy;
  }

  /** Nobody is signed in any more. */
  end(): void {
    this.#privacy = SHARES_ALL;
  }
}
