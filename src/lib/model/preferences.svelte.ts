// Theme and sound, kept on this device; how close lines stand and whether links are previewed, in the person's own
// document, so on all their devices.
// Invariant: shown at once, saved behind; of what is kept on the device other tabs follow at their next start.

import type { Density } from '#protocol/personal.ts';
import type { DeviceDb } from '../storage/device-db.ts';
import type { PreferencesModel } from './preferences-model.ts';

/** Where those go that stand in the person's own document. */
export interface OwnPreferences {
  setDensity(density: Density): void;
  setLinkPreviews(on: boolean): void;
}

export class Preferences implements PreferencesModel {
  #theme = $state<PreferencesModel['theme']>('system');
  #sound = $state(true);
  #density = $state<Density>('cosy');
  #linkPreviews = $state(true);
  readonly #own: OwnPreferences;
  #db: DeviceDb | null = null;

  constructor(own: OwnPreferences) {
    this.#own = own;
  }

  get theme() {
    return this.#theme;
  }
  get sound() {
    return this.#sound;
  }

  get density() {
    return this.#density;
  }

  async load(db: DeviceDb): Promise<void> {
    this.#db = db;
    const stored = await db.preferences();
    if (!stored) return;
    this.#theme = stored.theme;
    this.#sound = stored.sound;
  }

  setTheme(theme: PreferencesModel['theme']): void {
    this.#theme = theme;
    this.#save();
  }

  setSound(sound: boolean): void {
    this.#sound = sound;
    this.#save();
  }

  setDensity(density: Density): void {
    this.#density = density;
    this.#own.setDensity(density);
  }

  get linkPreviews() {
    return this.#linkPreviews;
  }

  setLinkPreviews(on: boolean): void {
    this.#linkPreviews = on;
    this.#own.setLinkPreviews(on);
  }

  learnLinkPreviews(on: boolean): void {
    this.#linkPreviews = on;
  }

  /** As the person's own document has it. */
  learnDensity(density: Density): void {
    this.#density = density;
  }

  #save(): void {
    // A preference that cannot be saved is one for this visit only; nothing more is lost.
    this.#db?.setPreferences({ theme: this.#theme, sound: this.#sound }).catch(() => undefined);
  }
}
