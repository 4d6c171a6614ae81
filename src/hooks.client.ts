// What comes before the app starts. A fragment that cannot be read is taken off the address: the router would fail
// at it before any screen can say that the link is not whole. The worker is answered from the beginning, signed in or not.

import { answerWorker } from '#lib/pwa/awake.ts';
import { fragmentText } from '#lib/ui/fragment.ts';

export function init(): void {
  // On plain http there is none.
  answerWorker((navigator as { serviceWorker?: ServiceWorkerContainer }).serviceWorker ?? null);
  if (fragmentText(location.hash) === null) {
    history.replaceState(history.state, '', location.pathname + location.search);
  }
}
