// A finger that rests on an element: opens its actions. A scroll, a second finger or a lifted one ends the wait.

import type { Attachment } from 'svelte/attachments';

const PRESS_MS = 450;
const SLACK_PX = 10;

export function longPress(onpress: () => void): Attachment<HTMLElement> {
  return (element) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let pressed = false;
    let startX = 0;
    let startY = 0;
    const listening = new AbortController();
    const options = { signal: listening.signal };
    const stop = () => clearTimeout(timer);

    element.addEventListener(
      'pointerdown',
      (event) => {
        stop();
        pressed = false;
        if (event.pointerType === 'mouse' || !event.isPrimary) return;
        startX = event.clientX;
        startY = event.clientY;
        timer = setTimeout(() => {
          pressed = true;
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
    // The press must not follow the link under the finger, nor open the browser's own menu over the sheet.
    element.addEventListener(
      'click',
      (event) => {
        if (pressed) event.preventDefault();
        pressed = false;
      },
      { ...options, capture: true }
    );
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
