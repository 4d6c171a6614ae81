// How one wants Roost to look and sound.

import type { Density } from '#protocol/personal.ts';

export interface PreferencesModel {
  readonly theme: 'system' | 'light' | 'dark';
  readonly sound: boolean;
  /** How close lines stand; the same on all devices of the person. */
  readonly density: Density;
  setDensity(density: Density): void;
  /** Links that one writes are previewed; the same on all devices of the person. */
  readonly linkPreviews: boolean;
  setLinkPreviews(on: boolean): void;
  setTheme(theme: 'system' | 'light' | 'dark'): void;
  setSound(sound: boolean): void;
}
