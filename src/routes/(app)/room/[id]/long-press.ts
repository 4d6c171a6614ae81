// A finger that rests on an element: opens its actions. A scroll, a second finger or a lifted one ends the wait.

import type { Attachment } from 'svelte/attachments';

const PRESS_MS = 450;
const SLACK_PX = 10;

export function longPress(onpress: () => void): Attachment<HTMLElement> {
  return (element) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let startX = 0;
    let startY = 0;
    const listening = new AbortController();
    const options = { signal: listening.signal };
    const stop = () => clearTimeout(timer);

    element.addEventListener(
      'pointerdown',
      (event) => {
        stop();
        if (event.pointerType === 'mouse' || !event.isPrimary) return;
        startX = event.clientX;
        startY = event.clientY;
        timer = setTimeout(() => {
          swallowClick();
          onpress();
        }, PRESS_MS);
      },
      options
    );
    element.addEventListener(
      'pointermove',
      (event) => {
        if (Math.abs(event.clientX - startX) > SLACK_PX || Math.abs(event.clientY - startY) > SLACK_PX) stop();
      },
      options
    );
    for (const type of ['pointerup', 'pointercancel', 'pointerleave'] as const)
      element.addEventListener(type, stop, options);
    // The browser's own menu must not open over the sheet.
    element.addEventListener(
      'contextmenu',
      (event) => {
        if (event instanceof PointerEvent && event.pointerType !== 'mouse') event.preventDefault();
      },
      options
    );
    return () => {
      stop();
      listening.abort();
    };
  };
}

/** The lift of the finger is a click, on the link that was under it or on what has opened since: neither is meant. */
function swallowClick(): void {
  const listening = new AbortController();
  const swallow = (event: Event) => {
    event.preventDefault();
    event.stopPropagation();
    listening.abort();
  };
  addEventListener('click', swallow, { capture: true, signal: listening.signal });
  // No click came, and the next touch is a new one.
  addEventListener('pointerdown', () => listening.abort(), { capture: true, signal: listening.signal });
}
