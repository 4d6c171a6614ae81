// Asks the browser to wake the service worker for what waits, where the app may be closed before it is sent: without a line,
// and whenever the app goes out of sight (Background Sync; Chromium alone has it). What the worker did while this window was
// frozen is read as it wakes. Invariant: never throws.

import type { Environment } from '../environment.ts';
import type { Outbox, PendingEntry } from './outbox.ts';
import { askForWake } from './wake.ts';

export class SentWhenClosed {
  readonly #outbox: Pick<Outbox, 'rooms' | 'of' | 'reload'>;
  readonly #serviceWorker: Environment['serviceWorker'];
  readonly #stops: readonly (() => void)[];
  #isUp = false;
  #asked = false;

  constructor(
    outbox: Pick<Outbox, 'rooms' | 'of' | 'reload' | 'listen'>,
    { serviceWorker, onHide, onWake }: Pick<Environment, 'serviceWorker' | 'onHide' | 'onWake'>
  ) {
    this.#outbox = outbox;
    this.#serviceWorker = serviceWorker;
    this.#stops = [outbox.listen(() => this.#check()), onHide(() => this.#ask()), onWake(() => this.#readAgain())];
  }

  lineUp(): void {
    this.#isUp = true;
    this.#asked = false;
  }
  lineDown(): void {
    this.#isUp = false;
    this.#check();
  }

  close(): void {
    for (const stop of this.#stops) stop();
  }

  #readAgain(): void {
    for (const room of this.#outbox.rooms()) void this.#outbox.reload(room);
  }

  #check(): void {
    if (!this.#isUp && !this.#asked) this.#ask();
  }

  #ask(): void {
    const waits = ({ state, posted }: PendingEntry): boolean => state === 'kept' && posted !== 'taken';
    if (!this.#outbox.rooms().some((room) => this.#outbox.of(room).some(waits))) return;
    this.#asked = true;
    void this.#register();
  }

  async #register(): Promise<void> {
    await askForWake(await this.#serviceWorker?.getRegistration().catch(() => undefined));
  }
}
