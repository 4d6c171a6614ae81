// The present, for labels such as "Today" and "now": reactive, steps at each full minute, and stands still
// while nobody reads it.

import { createSubscriber } from 'svelte/reactivity';

export class MinuteClock {
  readonly #subscribe = createSubscriber((update) => {
    let timer: ReturnType<typeof setTimeout>;
    const step = () => {
      update();
      timer = setTimeout(step, 60_000 - (Date.now() % 60_000));
    };
    timer = setTimeout(step, 60_000 - (Date.now() % 60_000));
    // Timers of a sleeping laptop or a hidden tab are late.
    const onVisible = () => document.visibilityState === 'visible' && update();
    document.addEventListener('visibilitychange', onVisible);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', onVisible);
    };
  });

  /** Epoch ms. */
  get now(): number {
    this.#subscribe();
    return Date.now();
  }
}
