// What the settings see of Web Push on this device.

import type { Result } from './result.ts';

/**
 * insecure: the page came over plain http. home-screen: on iPhones and iPads only an app on the home screen is pushed to.
 * unsupported: the browser has no push, or no worker in charge. blocked: the person, or the browser, has said no to this site.
 */
export type PushStatus = 'loading' | 'insecure' | 'home-screen' | 'unsupported' | 'blocked' | 'off' | 'on';

export interface PushModel {
  readonly status: PushStatus;
  /** Whether notifications show who wrote, and what. */
  readonly content: boolean;
  /** To be offered now: something was sent, it can be turned on, and nobody has said no yet. */
  readonly offered: boolean;
  /** Looks again: permissions change outside of the app. */
  refresh(): Promise<void>;
  /** On a tap alone: browsers ask the person then. Resolves once the server knows; needs the network. */
  turnOn(): Promise<Result<void>>;
  turnOff(): Promise<Result<void>>;
  setContent(content: boolean): Promise<Result<void>>;
  /** Not offered again on this device. */
  dismissOffer(): void;
}
