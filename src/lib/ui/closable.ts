// What closes a modal dialog: Esc, and a press beside it. Its owner takes it away, so that it decides.

/** For a `dialog` whose children lie in one element: what is pressed in no child is beside it. */
export const closable = (onclose: () => void) => ({
  oncancel: (event: Event): void => {
    event.preventDefault();
    onclose();
  },
  onpointerdown: (event: PointerEvent): void => {
    if (event.target === event.currentTarget) onclose();
  }
});
