// A finger that draws a list down from its very top, where there is nothing to scroll to: let go of far enough it asks for
// what is new. What follows the finger is up to the look of the list (--pulled, px); the browser scrolls as ever.

import type { Attachment } from 'svelte/attachments';

const SLACK_PX = 8;
const FAR_PX = 64;
/** A list that follows at half the finger's pace says that it is held. */
const DRAG = 0.5;

/** How far it is drawn: `far` enough when it is let go of. */
export type Pulled = 'no' | 'near' | 'far';

export function pullDown(onpull: () => void, ondraw: (pulled: Pulled) => void): Attachment<HTMLElement> {
  return (element) => {
    let startY: number | null = null;
    let pulledPx = 0;
    const listening = new AbortController();
    const { signal } = listening;
    const rest = (): void => {
      startY = null;
      pulledPx = 0;
      element.style.removeProperty('--pulled');
      ondraw('no');
    };

    element.addEventListener(
      'touchstart',
      ({ touches }) => {
        const [touch] = touches;
        startY = touch && touches.length === 1 && element.scrollTop <= 0 ? touch.clientY : null;
      },
      { signal, passive: true }
    );
    element.addEventListener(
      'touchmove',
      (event) => {
        const [touch] = event.touches;
        if (startY === null || !touch) return;
        const down = touch.clientY - startY - SLACK_PX;
        // It is a scroll, or has become one.
        if (down <= 0 && pulledPx === 0) return void (down < -SLACK_PX && rest());
        event.preventDefault();
        pulledPx = Math.max(0, down * DRAG);
        element.style.setProperty('--pulled', `${Math.min(pulledPx, FAR_PX)}px`);
        ondraw(pulledPx >= FAR_PX ? 'far' : 'near');
      },
      // Passive, it could not keep the browser from scrolling what is around the list.
      { signal, passive: false }
    );
    element.addEventListener(
      'touchend',
      () => {
        const far = pulledPx >= FAR_PX;
        rest();
        if (far) onpull();
      },
      { signal }
    );
    element.addEventListener('touchcancel', rest, { signal });
    return () => listening.abort();
  };
}
