// What administrators decide while the server runs: who may sign up, and who may make rooms. Read synchronously, as
// the gate must; a change counts once it is on disk, and with it its line in the audit log.

import * as v from 'valibot';
import type { AdminSettings } from '#protocol/api/admin.ts';
import type { Registration, RoomCreation } from '#protocol/api/server.ts';
import type { KeyValue, Operation } from '../store/key-value.ts';
import { decodeStored, encodeStored } from '../store/stored-json.ts';
import { SETTINGS_KEY } from './account-keys.ts';
import type { AuditLog } from './audit-log.ts';
import { OneAtATime } from './one-at-a-time.ts';

export const REGISTRATIONS = ['open', 'invitation', 'closed'] as const satisfies readonly Registration[];
export const ROOM_CREATIONS = ['everyone', 'administrators'] as const satisfies readonly RoomCreation[];

/** What nobody has set since is as the configuration has it, also when that changes. */
const settingsRecord = v.object({
  registration: v.optional(v.picklist(REGISTRATIONS)),
  roomCreation: v.optional(v.picklist(ROOM_CREATIONS))
});
type SettingsRecord = v.InferOutput<typeof settingsRecord>;

export const DEFAULT_SETTINGS: AdminSettings = { registration: 'open', roomCreation: 'everyone' };

export interface SettingsDeps {
  readonly kv: KeyValue;
  readonly audit: AuditLog;
  /** As the configuration has them. */
  readonly defaults: AdminSettings;
}

export class Settings {
  readonly #deps: SettingsDeps;
  readonly #changing = new OneAtATime();
  #set: SettingsRecord = {};

  private constructor(deps: SettingsDeps) {
    this.#deps = deps;
  }

  /** Rejects with StoreError. */
  static async open(deps: SettingsDeps): Promise<Settings> {
    const settings = new Settings(deps);
    await settings.reload();
    return settings;
  }

  get registration(): Registration {
    return this.#set.registration ?? this.#deps.defaults.registration;
  }

  get roomCreation(): RoomCreation {
    return this.#set.roomCreation ?? this.#deps.defaults.roomCreation;
  }

  get all(): AdminSettings {
    return { registration: this.registration, roomCreation: this.roomCreation };
  }

  /**
   * What is so already is no change, and leaves no line in the log.
   * @param by user id of who changes it
   */
  async change(change: Partial<AdminSettings>, by: string): Promise<AdminSettings> {
    return this.#changing.run(async () => {
      const before = this.all;
      const { registration = before.registration, roomCreation = before.roomCreation } = change;
      const next: SettingsRecord = { ...this.#set };
      const lines: Operation[] = [];
      const note = (what: keyof AdminSettings, to: string): void => {
        lines.push(
          this.#deps.audit.line({ by, act: `settings.${what}`, target: '', detail: `${before[what]} → ${to}` })
        );
      };
      if (registration !== before.registration) {
        next.registration = registration;
        note('registration', registration);
      }
      if (roomCreation !== before.roomCreation) {
        next.roomCreation = roomCreation;
        note('roomCreation', roomCreation);
      }
      if (lines.length > 0) {
        const put: Operation = { type: 'put', key: SETTINGS_KEY, value: encodeStored(next) };
        await this.#deps.kv.batch([put, ...lines], { sync: true });
        this.#set = next;
      }
      return this.all;
    });
  }

  /** A write that failed may be on disk all the same: read again when the store is open again. */
  async reload(): Promise<void> {
    await this.#changing.run(async () => {
      const value = await this.#deps.kv.get(SETTINGS_KEY);
      this.#set = value ? decodeStored(settingsRecord, SETTINGS_KEY, value) : {};
    });
  }
}
