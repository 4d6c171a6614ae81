// What one's own threads say, read one after the other as the list shows them: a room may have to be opened for it.
// Invariant: what was read of a thread stays until its newest is another.

import { SvelteMap } from 'svelte/reactivity';
import type { OwnThread, ThreadsModel, ThreadWords } from '#lib/model/threads-model.ts';

interface Read {
  readonly last: string;
  readonly words: ThreadWords;
}

export class ThreadList {
  readonly #threads: ThreadsModel;
  readonly #shown: () => readonly OwnThread[];
  readonly #read = new SvelteMap<string, Read>();
  #reading = false;
  #closed = false;

  constructor(threads: ThreadsModel, shown: () => readonly OwnThread[]) {
    this.#threads = threads;
    this.#shown = shown;
  }

  /** null: not read yet. Reactive. */
  words({ root }: OwnThread): ThreadWords | null {
    return this.#read.get(root)?.words ?? null;
  }

  /** Reads what is to be read; again when there is a line, for what was not on this device. */
  async look(): Promise<void> {
    if (this.#reading) return;
    this.#reading = true;
    for (let thread = this.#next(); thread && !this.#closed; thread = this.#next())
      this.#read.set(thread.root, { last: thread.last, words: await this.#threads.words(thread) });
    this.#reading = false;
  }

  /** What was not on this device may be had now. */
  lookAgain(): Promise<void> {
    for (const [root, { words }] of this.#read)
      if (words.root.kind === 'offline' || words.last.kind === 'offline') this.#read.delete(root);
    return this.look();
  }

  close(): void {
    this.#closed = true;
  }

  #next(): OwnThread | undefined {
    return this.#shown().find(({ root, last }) => this.#read.get(root)?.last !== last);
  }
}
