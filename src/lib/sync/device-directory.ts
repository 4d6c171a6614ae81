// Public keys of people's devices: from memory, this device's disk, else from the server, a hundred at a time.
// Invariant: a key never changes under its id, so one that is kept is asked for again only to learn of its revocation.

import type { DeviceInfo } from '#protocol/api/device.ts';
import type { DeviceId } from '#protocol/ids.ts';
import { deviceId, fromBase64url } from '#protocol/signing.ts';
import type { ApiClient } from '../session/api-client.ts';
import type { UserDb } from '../storage/user-db.ts';

const BATCH = 100;

/** `absent`: the server knows no such device. `offline`: it is not on this device, and the server cannot be asked. */
export type FoundDevice = DeviceInfo | 'absent' | 'offline';

export class DeviceDirectory {
  readonly #db: UserDb;
  readonly #api: ApiClient;
  readonly #known = new Map<DeviceId, DeviceInfo>();

  constructor(db: UserDb, api: ApiClient) {
    this.#db = db;
    this.#api = api;
  }

  async find(ids: readonly DeviceId[]): Promise<ReadonlyMap<DeviceId, FoundDevice>> {
    const found = new Map<DeviceId, FoundDevice>();
    const unknown: DeviceId[] = [];
    for (const id of new Set(ids)) {
      const device = this.#known.get(id) ?? (await this.#db.meta<DeviceInfo>(metaOf(id)).catch(() => undefined));
      if (!device) unknown.push(id);
      else {
        this.#known.set(id, device);
        found.set(id, device);
      }
    }
    for (let from = 0; from < unknown.length; from += BATCH) {
      const asked = unknown.slice(from, from + BATCH);
      const answer = await this.#api.get<DeviceInfo[]>(`/api/devices?ids=${asked.join(',')}`);
      const devices = answer.ok ? await this.#keep(answer.value) : new Map<DeviceId, DeviceInfo>();
      for (const id of asked) found.set(id, devices.get(id) ?? (answer.ok ? 'absent' : 'offline'));
    }
    return found;
  }

  /** All of a person, revoked ones too, oldest first; null: the server cannot be asked. */
  async ofUser(user: string): Promise<readonly DeviceInfo[] | null> {
    const answer = await this.#api.get<DeviceInfo[]>(`/api/devices?users=${user}`);
    if (!answer.ok) return null;
    return [...(await this.#keep(answer.value)).values()].filter((device) => device.user === user);
  }

  /** Those of a person that this device has met, oldest first. */
  async cachedOf(user: string): Promise<readonly DeviceInfo[]> {
    const devices = await this.#db.metas<DeviceInfo>(META).catch(() => []);
    return devices.filter((device) => device.user === user).sort((a, b) => a.createdAt - b.createdAt);
  }

  /** A key that is not the one its id names is none, whoever says so. */
  async #keep(devices: readonly DeviceInfo[]): Promise<Map<DeviceId, DeviceInfo>> {
    const kept = new Map<DeviceId, DeviceInfo>();
    for (const device of devices) {
      const publicKey = fromBase64url(device.publicKey);
      if (publicKey?.length !== 32 || deviceId(publicKey) !== device.id) continue;
      kept.set(device.id, device);
      this.#known.set(device.id, device);
      await this.#db.putMeta(metaOf(device.id), device);
    }
    return kept;
  }
}

const META = 'device/';
const metaOf = (id: DeviceId): string => `${META}${id}`;
