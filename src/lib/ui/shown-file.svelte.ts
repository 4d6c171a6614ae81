// A file that is shown without being asked for: open as long as what shows it is there, and fetched as soon as it can be. What
// could not be had is asked for again with the next line, and not before: a server in trouble is not asked without end.

import { untrack } from 'svelte';
import type { FileModel } from '../model/room-files.ts';

/** Made while a component is set up; ends with it. */
export class ShownFile {
  #now = $state.raw<FileModel | null>(null);

  /**
   * @param open null: there is nothing to show
   * @param itself it is small, or not too large to come unasked
   * @param line there is one
   */
  constructor(open: () => FileModel | null, itself: () => boolean, line: () => boolean) {
    $effect(() => {
      const opened = open();
      this.#now = opened;
      return () => opened?.close();
    });
    $effect(() => {
      if (this.#now?.status === 'away' && itself()) void this.#now.fetch();
    });
    // Told anew while it stays, a line is no other one.
    const up = $derived(line());
    $effect(() => {
      if (!up) return;
      untrack(() => {
        if (this.#now?.status === 'offline') void this.#now.fetch();
      });
    });
  }

  get now(): FileModel | null {
    return this.#now;
  }
}
