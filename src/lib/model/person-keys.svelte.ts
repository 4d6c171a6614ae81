// The keys of one person's devices, to be compared with what they read out. Invariant: `verified` is this person's own
// word, kept on this device alone; the server neither knows nor says it.

import type { DeviceInfo } from '#protocol/api/device.ts';
import type { DeviceId } from '#protocol/ids.ts';
import { fingerprint, fromBase64url } from '#protocol/signing.ts';
import { DECIDED_METAS } from '../storage/decided-metas.ts';
import type { UserDb } from '../storage/user-db.ts';
import type { DeviceDirectory } from '../sync/device-directory.ts';
import type { PersonKeys, PersonKeyView } from './person-keys.ts';

interface Row {
  readonly devices: readonly DeviceInfo[];
  readonly verified: readonly DeviceId[];
  /** All that were there when one was compared last; left out: those compared are all that is known of then. */
  readonly seen?: readonly DeviceId[];
}

export class KeysOfPerson implements PersonKeys {
  readonly #user: string;
  readonly #db: UserDb;
  readonly #directory: DeviceDirectory;
  #status = $state<PersonKeys['status']>('loading');
  #row = $state.raw<Row>({ devices: [], verified: [] });
  readonly #devices = $derived(viewsOf(this.#row));
  readonly #comparison = $derived(comparisonOf(this.#devices));

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

  get comparison() {
    return this.#comparison;
  }

  async setVerified(id: DeviceId, verified: boolean): Promise<void> {
    const others = this.#row.verified.filter((other) => other !== id);
    if (!verified) return this.#keep({ ...this.#row, verified: others });
    // What is new stays so until it is compared itself.
    const seen = this.#devices.filter((device) => !device.isNew || device.id === id).map((device) => device.id);
    await this.#keep({ ...this.#row, verified: [...others, id], seen });
  }

  async #load(): Promise<void> {
    const kept = await this.#db.meta<Row>(this.#meta).catch(() => undefined);
    // Never asked for before: what proved their messages is here all the same.
    this.#row = kept ?? { devices: await this.#directory.cachedOf(this.#user), verified: [] };
    const devices = await this.#directory.ofUser(this.#user);
    if (devices) await this.#keep({ ...this.#row, devices });
    this.#status = devices ? 'ready' : 'offline';
  }

  async #keep(row: Row): Promise<void> {
    this.#row = row;
    await this.#db.putMeta(this.#meta, row);
  }

  get #meta(): string {
    return `${DECIDED_METAS.comparedKeys}${this.#user}`;
  }
}

function viewsOf({ devices, verified, seen = verified }: Row): readonly PersonKeyView[] {
  const hasCompared = verified.length > 0;
  return devices.map(({ id, label, createdAt, revokedAt, publicKey }) => ({
    ...{ id, label, createdAt, revokedAt, verified: verified.includes(id) },
    isNew: hasCompared && revokedAt === null && !verified.includes(id) && !seen.includes(id),
    fingerprint: fingerprint(fromBase64url(publicKey)!)
  }));
}

function comparisonOf(devices: readonly PersonKeyView[]): PersonKeys['comparison'] {
  const inUse = devices.filter(({ revokedAt }) => revokedAt === null);
  if (inUse.some(({ isNew }) => isNew)) return 'new';
  if (inUse.length > 0 && inUse.every(({ verified }) => verified)) return 'all';
  return inUse.some(({ verified }) => verified) ? 'some' : 'none';
}
