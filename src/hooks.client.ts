// What comes before the app starts. A fragment that cannot be read is taken off the address: the router would fail
// at it before any screen can say that the link is not whole.

import { fragmentText } from '#lib/ui/fragment.ts';

export function init(): void {
  if (fragmentText(location.hash) === null) {
    history.replaceState(history.state, '', location.pathname + location.search);
  }
}
