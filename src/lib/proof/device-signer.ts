// The key of one person on this device, and what is signed with it.
//   load: the stored key, or a new one → register at each new line → signs
//   the server does not take a signature: what another tab stored, or the same key registered again, or a new key
// Invariant: no entry goes out before the server knows the key it is signed with; a server that never takes the key
// decides on the entries itself, so that their author learns of it.

import type { DeviceInfo } from '#protocol/api/device.ts';
import type { Entry } from '#protocol/entry.ts';
import { base64url, type DeviceId, type EntryId, type RoomId } from '#protocol/ids.ts';
import { signedBytes } from '#protocol/signing.ts';
import type { ApiClient } from '../session/api-client.ts';
import type { DeviceDb, KeyRow } from '../storage/device-db.ts';
import { retryDelayMs } from '../sync/retry-delay.ts';
import { makeDeviceKey, makePlainKey, openDeviceKey, type DeviceKey } from './device-key.ts';

export interface SignerOptions {
  readonly user: string;
  /** null: this browser keeps nothing, and the key lives as long as the page. */
  readonly store: DeviceDb | null;
  readonly subtle: SubtleCrypto | null;
  readonly api: ApiClient;
  readonly random: () => number;
  /** `ready` or the key has changed. */
  readonly changed: () => void;
}

/** unknown: to be registered. refused: the server takes no key of this device. */
type Standing = 'unknown' | 'registered' | 'refused';

/** How often one entry is signed and sent anew. */
const TRIES_MAX = 3;
/** Answers that another try with the same key does not change. */
const FINAL_CODES: readonly string[] = ['bad-request', 'not-found', 'forbidden', 'device-invalid'];

export class DeviceSigner {
  readonly #options: SignerOptions;
  #key: DeviceKey | null = null;
  #standing: Standing = 'unknown';
  #registering: Promise<void> | null = null;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #renewing = Promise.resolve();
  #renewals = 0;
  readonly #tries = new Map<EntryId, number>();
  #closed = false;

  constructor(options: SignerOptions) {
    this.#options = options;
  }

  /** This device's key; null before `load`. */
  get key(): DeviceKey | null {
    return this.#key;
  }
  /** Whether what is signed may go out. */
  get ready(): boolean {
    return this.#standing !== 'unknown';
  }

  /** The key of an earlier start, or a new one. Never throws, needs no network. */
  async load(): Promise<void> {
    const row = await this.#stored();
    if (row && this.#canUse(row)) this.#take(row);
    else await this.#replace(row?.id ?? null);
  }

  isCurrent(entry: Entry): boolean {
    return entry.signature !== undefined && entry.device === this.#key?.id;
  }

  /** The entry as it goes out: whoever signed it before. */
  async sign(room: RoomId, entry: Entry): Promise<Entry> {
    const key = this.#key;
    if (!key) return entry;
    const { signature: _, ...rest } = entry;
    const unsigned = { ...rest, device: key.id } as Entry;
    try {
      return { ...unsigned, signature: base64url(await key.sign(signedBytes(room, unsigned))) };
    } catch {
      // The browser cannot use the key any more. Unsigned, it is refused, and the next try has another key.
      return entry;
    }
  }

  /** There is a line: the server is told of the key, as often as it takes. */
  register(): Promise<void> {
    clearTimeout(this.#timer);
    this.#registering ??= this.#register().finally(() => {
      this.#registering = null;
    });
    return this.#registering;
  }

  /** The server did not take this entry's signature. @returns whether it is worth signing and sending it anew */
  async refused(id: EntryId): Promise<boolean> {
    const tries = this.#tries.get(id) ?? 0;
    this.#tries.set(id, tries + 1);
    if (tries >= TRIES_MAX) return false;
    const renewals = this.#renewals;
    // A hundred entries that are refused at once are one reason, not a hundred.
    this.#renewing = this.#renewing.then(() => (renewals === this.#renewals ? this.#renew(tries > 0) : undefined));
    await this.#renewing;
    return true;
  }

  /** This try was its author's will: it starts over. */
  forgive(id: EntryId): void {
    this.#tries.delete(id);
  }

  /** The session is over; the key stays for the same person's next one, which has to register it anew. */
  async sessionEnded(): Promise<void> {
    await this.#keep('unknown');
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  /** @param again registering the same key has not helped */
  async #renew(again: boolean): Promise<void> {
    this.#renewals += 1;
    const row = await this.#stored();
    // Another tab has a new one.
    if (row && row.id !== this.#key?.id && this.#canUse(row)) this.#take(row);
    else if (again) await this.#replace(this.#key?.id ?? null);
    this.#stand('unknown');
    await this.register();
  }

  async #register(): Promise<void> {
    const outcome = await this.#tell();
    if (this.#closed) return;
    if (outcome === 'registered' || outcome === 'refused') {
      this.#failures = 0;
      this.#stand(outcome);
      await this.#keep(outcome);
      return;
    }
    this.#timer = setTimeout(() => void this.register(), retryDelayMs((this.#failures += 1), this.#options.random()));
  }

  async #tell(): Promise<Standing> {
    const first = await this.#post();
    if (first !== 'revoked') return first;
    // It belongs to an earlier session, or to somebody else who sat here: one more, fresh.
    await this.#replace(this.#key?.id ?? null);
    const second = await this.#post();
    return second === 'revoked' ? 'refused' : second;
  }

  async #post(): Promise<Standing | 'revoked'> {
    const key = this.#key;
    if (!key) return 'refused';
    const answer = await this.#options.api.post<DeviceInfo>('/api/devices', { publicKey: base64url(key.publicKey) });
    if (this.#key !== key) return 'unknown';
    if (answer.ok) return answer.value?.revokedAt ? 'revoked' : 'registered';
    if (answer.code === 'device-invalid') return 'revoked';
    return FINAL_CODES.includes(answer.code) ? 'refused' : 'unknown';
  }

  /** @param before the key that is of no use any more; another tab may have replaced it already */
  async #replace(before: DeviceId | null): Promise<void> {
    const { store, subtle, user } = this.#options;
    let key = await makeDeviceKey(subtle);
    let row: KeyRow | null = null;
    try {
      row = store && (await store.swapKey(rowOf(user, key), before));
    } catch {
      // This browser's database takes no such key, or nothing at all.
      if (key.sealed) {
        const plain = openDeviceKey(await makePlainKey(), subtle);
        row = store && (await store.swapKey(rowOf(user, plain), before).catch(() => null));
        if (row) key = plain;
      }
    }
    if (row) this.#take(row);
    else this.#set(key, 'unknown');
  }

  #take(row: KeyRow): void {
    const { subtle } = this.#options;
    this.#set(openDeviceKey(row.key, subtle), row.registered ? 'registered' : 'unknown');
  }

  #set(key: DeviceKey, standing: Standing): void {
    this.#key = key;
    this.#standing = standing;
    if (!this.#closed) this.#options.changed();
  }

  #stand(standing: Standing): void {
    if (standing === this.#standing) return;
    this.#standing = standing;
    this.#options.changed();
  }

  async #stored(): Promise<KeyRow | null> {
    return (await this.#options.store?.key(this.#options.user).catch(() => null)) ?? null;
  }

  #canUse({ key }: KeyRow): boolean {
    return key.kind === 'plain' || this.#options.subtle !== null;
  }

  async #keep(standing: Standing): Promise<void> {
    const { store, user } = this.#options;
    if (this.#key) await store?.markKey(user, this.#key.id, standing === 'registered').catch(() => undefined);
  }
}

const rowOf = (user: string, key: DeviceKey): KeyRow => ({
  user,
  id: key.id,
  key: key.stored,
  registered: false
});
