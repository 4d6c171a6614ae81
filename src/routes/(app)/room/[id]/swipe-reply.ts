// A finger that draws a message aside, in reading direction: lifted far enough it answers the message. What follows the
// finger is the element itself; the browser scrolls up and down as ever.

import type { Attachment } from 'svelte/attachments';

const SLACK_PX = 12;
const REPLY_PX = 56;
const FARTHEST_PX = 72;

/** How far it is drawn: `far` enough to answer when it is let go of. */
export type Drawn = 'no' | 'near' | 'far';

/** @param onswipe null: this one cannot be answered */
export function swipeReply(onswipe: (() => void) | null, ondraw: (drawn: Drawn) => void): Attachment<HTMLElement> {
  return (element) => {
    if (!onswipe) return;
    let start: { readonly x: number; readonly y: number } | null = null;
    let drawnPx = 0;
    const listening = new AbortController();
    const options = { signal: listening.signal };
    const rest = () => {
      start = null;
      drawnPx = 0;
      element.style.removeProperty('--drawn');
      ondraw('no');
    };

    element.addEventListener(
      'pointerdown',
      (event) => {
        rest();
        if (event.pointerType === 'mouse' || !event.isPrimary) return;
        start = { x: event.clientX, y: event.clientY };
      },
      options
    );
    element.addEventListener(
      'pointermove',
      (event) => {
        if (!start) return;
        const forward = getComputedStyle(element).direction === 'rtl' ? -1 : 1;
        const aside = (event.clientX - start.x) * forward;
        if (drawnPx === 0 && Math.abs(event.clientY - start.y) > SLACK_PX) return rest();
        drawnPx = Math.min(FARTHEST_PX, Math.max(0, aside - SLACK_PX));
        element.style.setProperty('--drawn', `${drawnPx * forward}px`);
        ondraw(drawnPx === 0 ? 'no' : drawnPx >= REPLY_PX ? 'far' : 'near');
      },
      options
    );
    element.addEventListener(
      'pointerup',
      () => {
        const far = start !== null && drawnPx >= REPLY_PX;
        rest();
        if (far) onswipe();
      },
      options
    );
    element.addEventListener('pointercancel', rest, options);
    return () => listening.abort();
  };
}
