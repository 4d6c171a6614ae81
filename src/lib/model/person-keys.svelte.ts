// The keys of one person's devices, to be compared with what they read out. Invariant: `verified` is this person's own
// word, kept on this device alone; the server neither knows nor says it.

import type { DeviceInfo } from '#protocol/api.ts';
import type { DeviceId } from '#protocol/ids.ts';
import { fingerprint, fromBase64url } from '#protocol/signing.ts';
import type { UserDb } from '../storage/user-db.ts';
import type { DeviceDirectory } from '../sync/device-directory.ts';
import type { PersonKeys, PersonKeyView } from './app-model.ts';

interface Row {
  readonly devices: readonly DeviceInfo[];
  readonly verified: readonly DeviceId[];
}

export class KeysOfPerson implements PersonKeys {
  readonly #user: string;
  readonly #db: UserDb;
  readonly #directory: DeviceDirectory;
  #status = $state<PersonKeys['status']>('loading');
  #row = $state.raw<Row>({ devices: [], verified: [] });
  readonly #devices = $derived(this.#row.devices.map((device) => viewOf(device, this.#row.verified)));

  constructor(user: string, db: UserDb, directory: DeviceDirectory) {
    this.#user = user;
    this.#db = db;
    this.#directory = directory;
    void this.#load();
  }

  get status() {
    return this.#status;
  }
  get devices() {
    return this.#devices;
  }

  async setVerified(id: DeviceId, verified: boolean): Promise<void> {
    const others = this.#row.verified.filter((other) => other !== id);
    await this.#keep({ ...this.#row, verified: verified ? [...others, id] : others });
  }

  async #load(): Promise<void> {
    const kept = await this.#db.meta<Row>(this.#meta).catch(() => undefined);
    if (kept) this.#row = kept;
    const devices = await this.#directory.ofUser(this.#user);
    if (devices) await this.#keep({ ...this.#row, devices });
    this.#status = devices ? 'ready' : 'offline';
  }

  async #keep(row: Row): Promise<void> {
    this.#row = row;
    await this.#db.putMeta(this.#meta, row);
  }

  get #meta(): string {
    return `keys/${this.#user}`;
  }
}

const viewOf = ({ id, label, createdAt, revokedAt, publicKey }: DeviceInfo, verified: readonly DeviceId[]) =>
  ({
    ...{ id, label, createdAt, revokedAt, verified: verified.includes(id) },
    fingerprint: fingerprint(fromBase64url(publicKey)!)
  }) satisfies PersonKeyView;
