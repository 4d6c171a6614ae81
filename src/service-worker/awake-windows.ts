// Whether a window of the app is there that sends by itself. One that the system has frozen answers nothing: it counts as
// closed until it does, also where that is later.

import { AWAKE } from '../lib/pwa/awake.ts';
import { within } from '../lib/within.ts';

/** How long a window may take to answer. */
const PATIENCE_MS = 2_000;

export class AwakeWindows {
  readonly #clients: Pick<Clients, 'matchAll'>;
  readonly #patienceMs: number;
  /** By the window's id: asked once. */
  readonly #asked = new Map<string, Promise<unknown>>();
  readonly #awake = new Set<string>();

  constructor(clients: Pick<Clients, 'matchAll'>, patienceMs = PATIENCE_MS) {
    this.#clients = clients;
    this.#patienceMs = patienceMs;
  }

  async isAny(): Promise<boolean> {
    const windows = await this.#clients.matchAll({ type: 'window', includeUncontrolled: true });
    await Promise.all(windows.map((window) => this.#ask(window)));
    return windows.some(({ id }) => this.#awake.has(id));
  }

  /** Does this where the worker is alone. @throws where a window is awake: it sends, takes away, signs in or out */
  async whileNone<Value>(work: () => Promise<Value>): Promise<Value> {
    if (await this.isAny()) throw new Error('an open window sends');
    return work();
  }

  #ask(window: WindowClient): Promise<unknown> {
    const asked = this.#asked.get(window.id) ?? within(this.#patienceMs, this.#answer(window), undefined);
    this.#asked.set(window.id, asked);
    return asked;
  }

  #answer(window: WindowClient): Promise<void> {
    const { port1, port2 } = new MessageChannel();
    const answer = new Promise<void>((resolve) => {
      port1.onmessage = () => {
        this.#awake.add(window.id);
        port1.close();
        resolve();
      };
    });
    window.postMessage(AWAKE, [port2]);
    return answer;
  }
}
