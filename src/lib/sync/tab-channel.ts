// What the tabs of one person on one browser tell each other. Invariant: a message is a hint and carries nothing that
// is not also on disk or on its way to the server, so a lost one delays and never loses.

import type { Environment, ChannelLike } from '../environment.ts';
import type { ComposedNews } from './composed-files.ts';
import type { UploadNews } from './uploads.ts';

export type TabMessage =
  /** The outbox rows of the room changed on disk. */
  | { readonly type: 'outbox'; readonly room: string }
  /** The row of the room changed on disk. */
  | { readonly type: 'room'; readonly room: string }
  /** What is to be sent later changed on disk. */
  | { readonly type: 'scheduled' }
  /** `was`: what stood there until then. */
  | { readonly type: 'draft'; readonly room: string; readonly text: string; readonly was: string }
  /** What is kept of the threads of the room changed on disk. */
  | { readonly type: 'threads'; readonly room: string }
  | UploadNews
  | ComposedNews
  | { readonly type: 'read'; readonly room: string; readonly n: number }
  /** That tab has told of news of a room or a thread, up to this place. */
  | { readonly type: 'told'; readonly of: string; readonly place: number }
  /** That tab has a line: it is worth trying at once. */
  | { readonly type: 'line' }
  /** Signed out or in elsewhere. */
  | { readonly type: 'session' }
  /** That tab has fetched the page anew; copies of what was there before are of no use. */
  | { readonly type: 'rebuilt'; readonly page: string }
  | { readonly type: 'who' }
  | { readonly type: 'here'; readonly tab: string };

/** How long other tabs have to say that they are there. */
const ROLL_CALL_MS = 400;

export class TabChannel {
  /** This tab's own name among them. */
  readonly tab: string;
  #channel: ChannelLike | null;
  readonly #listeners = new Set<(message: TabMessage) => void>();

  /** @param name by user and generation: others must not hear */
  constructor(environment: Pick<Environment, 'openChannel' | 'random'>, name: string) {
    this.tab = Math.floor(environment.random() * Number.MAX_SAFE_INTEGER).toString(36);
    this.#channel = environment.openChannel?.(name) ?? null;
    if (!this.#channel) return;
    this.#channel.onmessage = (event) => {
      const message = event.data as TabMessage;
      if (message.type === 'who') this.post({ type: 'here', tab: this.tab });
      else for (const listener of [...this.#listeners]) listener(message);
    };
  }

  post(message: TabMessage): void {
    this.#channel?.postMessage(message);
  }

  listen(listener: (message: TabMessage) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Names of the tabs that answer, this one included. */
  async alive(): Promise<Set<string>> {
    const tabs = new Set([this.tab]);
    if (!this.#channel) return tabs;
    const stop = this.listen((message) => {
      if (message.type === 'here') tabs.add(message.tab);
    });
    this.post({ type: 'who' });
    await rollCallOver();
    stop();
    return tabs;
  }

  close(): void {
    this.#listeners.clear();
    this.#channel?.close();
    // What is still being written tells of it after this; a closed channel would throw.
    this.#channel = null;
  }
}

/** There is no list of tabs to wait for: who has not answered by then counts as gone. */
const rollCallOver = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, ROLL_CALL_MS));
