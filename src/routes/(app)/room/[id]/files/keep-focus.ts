// Where a button gives way to what was behind it, the focus that falls with it goes there; who went on to something else
// meanwhile keeps their own.

import type { Attachment } from 'svelte/attachments';

export const keepFocus: Attachment<HTMLElement> = (element) => {
  if (document.activeElement === document.body) element.focus({ preventScroll: true });
};
