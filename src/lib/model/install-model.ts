// Having Roost as an app of its own on this device, as the screens see it.

import type { Result } from './result.ts';

/**
 * installed: it runs as an app of its own. ready: the browser asks at a tap. home-screen, menu, dock: the person does it in
 * the browser's own menus. insecure: the page came over plain http. none: this browser does not install, or has not
 * said so yet.
 */
export type InstallStatus = 'installed' | 'ready' | 'home-screen' | 'menu' | 'dock' | 'insecure' | 'none';

export interface InstallModel {
  readonly status: InstallStatus;
  /** To be offered now: something was sent, it can be installed, and nobody has said no yet. */
  readonly offered: boolean;
  /** Asks, where the status is `ready`. */
  install(): Promise<Result<void>>;
  /** Not offered again on this device. */
  dismissOffer(): void;
}
