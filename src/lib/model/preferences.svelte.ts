// Theme and sound, kept on this device. Invariant: shown at once, saved behind; other tabs follow at their next start.

import type { DeviceDb } from '../storage/device-db.ts';
import type { PreferencesModel } from './app-model.ts';

export class Preferences implements PreferencesModel {
  #theme = $state<PreferencesModel['theme']>('system');
  #sound = $state(true);
  #db: DeviceDb | null = null;

  get theme() {
    return this.#theme;
  }
  get sound() {
    return this.#sound;
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

  #save(): void {
    // A preference that cannot be saved is one for this visit only; nothing more is lost.
    this.#db?.setPreferences({ theme: this.#theme, sound: this.#sound }).catch(() => undefined);
  }
}
