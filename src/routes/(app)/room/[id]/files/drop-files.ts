// Files that are dragged over an element and dropped on it. Invariant: text and links that are dragged within the page are
// nobody's files; a file that misses the mark never takes the page away.

import type { Attachment } from 'svelte/attachments';

const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false;

/** @param over told whether files are above it now */
export function dropFiles(
  take: ((files: readonly File[]) => void) | null,
  over: (now: boolean) => void
): Attachment<HTMLElement> {
  return (node) => {
    // Entering a child comes before leaving its parent.
    let depth = 0;
    const enter = (event: DragEvent): void => {
      if (!hasFiles(event) || !take) return;
      depth += 1;
      over(true);
    };
    const leave = (event: DragEvent): void => {
      if (!hasFiles(event) || !take) return;
      depth = Math.max(0, depth - 1);
      if (depth === 0) over(false);
    };
    const hover = (event: DragEvent): void => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      if (event.dataTransfer) event.dataTransfer.dropEffect = take ? 'copy' : 'none';
    };
    const drop = (event: DragEvent): void => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      depth = 0;
      over(false);
      const files = [...(event.dataTransfer?.files ?? [])];
      if (files.length > 0) take?.(files);
    };
    const events = { dragenter: enter, dragleave: leave, dragover: hover, drop } as const;
    for (const [name, listener] of Object.entries(events)) node.addEventListener(name, listener as EventListener);
    return () => {
      for (const [name, listener] of Object.entries(events)) node.removeEventListener(name, listener as EventListener);
    };
  };
}
