// Passkeys under a test's hand: each ceremony waits until the test says how it went.

import type { Result } from '../../model/result.ts';
import type { PasskeyBrowser } from '../passkeys.ts';

export class FakePasskeys implements PasskeyBrowser {
  readonly support = 'ready';
  whileTyping = true;
  /** What waits for the person, oldest first. */
  readonly waiting: {
    readonly kind: 'create' | 'use' | 'offer';
    readonly settle: (result: Result<unknown>) => void;
  }[] = [];

  async offersWhileTyping(): Promise<boolean> {
    return this.whileTyping;
  }
  create(): Promise<Result<unknown>> {
    return this.#wait('create');
  }
  use(_options: unknown, whileTyping: boolean): Promise<Result<unknown>> {
    return this.#wait(whileTyping ? 'offer' : 'use');
  }
  cancel(): void {
    for (const { settle } of this.waiting.splice(0)) settle({ ok: false, code: 'cancelled', message: 'Cancelled.' });
  }

  /** Browsers hold one ceremony at a time: a new one ends the one that waits. */
  #wait(kind: 'create' | 'use' | 'offer'): Promise<Result<unknown>> {
    this.cancel();
    return new Promise((settle) => this.waiting.push({ kind, settle }));
  }
}
