// On a phone a screen comes from the side where its depth is: a room from beside the list, the list from behind the room.
// Invariant: motion is never waited for; where the browser has moved the screens itself, or nobody wants motion, there is none.

import type { OnNavigate } from '$app/navigation';

export type Way = 'into' | 'out';

const depthOf = (path: string): number => path.split('/').filter(Boolean).length;

/** null: it stays at its depth. */
export function wayOf(from: string, to: string): Way | null {
  const deeper = depthOf(to) - depthOf(from);
  return deeper > 0 ? 'into' : deeper < 0 ? 'out' : null;
}

/** What the router waits for before it changes the screen. */
export function moveScreens(navigation: OnNavigate): Promise<void> | undefined {
  const { from, to } = navigation;
  const way = from && to && wayOf(from.url.pathname, to.url.pathname);
  const hasMoved = navigation.type === 'popstate' && navigation.event.hasUAVisualTransition;
  // Missing in some browsers, whatever the types say.
  if (!way || hasMoved || !('startViewTransition' in document)) return undefined;
  return new Promise((resolve) => {
    const root = document.documentElement;
    root.dataset['way'] = way;
    const transition = document.startViewTransition(async () => {
      resolve();
      // Another navigation may have come first: then that one moves.
      await navigation.complete.catch(() => undefined);
    });
    transition.ready.catch(() => undefined);
    void transition.finished.catch(() => undefined).then(() => delete root.dataset['way']);
  });
}
