// Gives a row of the conversation the focus once it can take it; of several that are asked for, the last one gets it.

import { frame } from './frame.ts';

/** A row that is not drawn by then will not be. */
const FOCUS_FRAMES = 30;

export class RowFocus {
  #asked = 0;

  /**
   * The list hides a new row until it is measured, and what is hidden takes no focus: until then the old row, which is kept
   * drawn, has it.
   */
  async give(row: () => HTMLElement | null): Promise<void> {
    const asked = ++this.#asked;
    for (let frames = 0; frames < FOCUS_FRAMES; frames++) {
      await frame();
      if (asked !== this.#asked) return;
      const drawn = row();
      drawn?.focus({ preventScroll: true });
      if (drawn && document.activeElement === drawn) return;
    }
  }
}
