// The field or button that has the keys when its panel opens.

import type { Attachment } from 'svelte/attachments';

/** `{@attach focused}`. */
export const focused: Attachment<HTMLElement> = (element) => {
  // A dialog that is about to open looks for this; in what is there already it is done at once.
  element.autofocus = true;
  element.focus();
};
