// A browser in which nothing happens by itself and most of what may be missing is. A test adds what it is about.

import type { Environment } from '../environment.ts';
import { NoPasskeys } from '../session/passkeys.ts';

export const STILL: Omit<Environment, 'databasePrefix' | 'fetch' | 'openSocket'> = {
  origin: 'http://roost.test',
  secure: true,
  now: () => Date.now(),
  random: () => 0.5,
  subtle: null,
  openSignatureWorker: null,
  locks: null,
  openChannel: null,
  caches: null,
  storage: null,
  serviceWorker: null,
  passkeys: new NoPasskeys('missing'),
  visible: () => true,
  focused: () => true,
  onWake: () => () => undefined,
  onVisibility: () => () => undefined,
  onHide: () => () => undefined,
  askBeforeLeaving: () => () => undefined,
  onInput: () => () => undefined,
  reload: () => undefined
};
