// The preview of what is being written, as a composer sees it.

import type { Preview } from '#protocol/preview.ts';

export interface LinkPreview {
  /** What goes along if it is sent now; null: nothing. */
  readonly card: Preview | null;
  /** What stands in the field; '' where it is not for a message that may have one. Asks when the keys rest. */
  look(words: string): void;
  /** It goes without, as long as the same link stands there. */
  leaveAway(): void;
}
