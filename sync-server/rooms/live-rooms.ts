// The rooms that are in memory: at most one live room per id, forgotten when it is idle or the store has failed.
// Invariant: what was read while the store was failing is never handed out.

import type { CloseCode } from '#protocol/close-codes.ts';
import type { RoomId } from '#protocol/ids.ts';
import { StoreError } from '../store/key-value.ts';
import { LiveRoom } from './live-room.ts';
import type { RoomSurroundings } from './room-surroundings.ts';

export class LiveRooms {
  readonly #surroundings: RoomSurroundings;
  /** Loaded, and those that are being loaded. */
  readonly #known = new Map<RoomId, Promise<LiveRoom>>();
  readonly #loaded = new Map<RoomId, LiveRoom>();
  /** Failures of the store so far. */
  #failures = 0;
  #isStopping = false;

  constructor(surroundings: RoomSurroundings) {
    this.#surroundings = surroundings;
  }

  /** @throws StoreError */
  get(id: RoomId): Promise<LiveRoom> {
    const known = this.#known.get(id);
    if (known) return known;
    const loading = this.#load(id);
    this.#known.set(id, loading);
    // A failed load is its callers' to hear of; the next one tries again.
    loading.catch(() => this.#known.get(id) === loading && this.#known.delete(id));
    return loading;
  }

  /** The room if it is in memory. */
  loaded(id: RoomId): LiveRoom | undefined {
    return this.#loaded.get(id);
  }

  all(): LiveRoom[] {
    return [...this.#loaded.values()];
  }

  get count(): number {
    return this.#loaded.size;
  }

  endChannels(code: CloseCode): void {
    for (const room of this.#loaded.values()) room.endChannels(code);
  }

  forget(room: LiveRoom): void {
    if (this.#loaded.get(room.id) !== room) return;
    this.#loaded.delete(room.id);
    this.#known.delete(room.id);
  }

  storeFailed(cause: StoreError): void {
    this.#failures += 1;
    for (const room of this.all()) room.drop(cause);
  }

  stopLoading(): void {
    this.#isStopping = true;
  }

  async close(): Promise<void> {
    this.stopLoading();
    await Promise.allSettled([...this.#known.values()]);
    await Promise.all(this.all().map((room) => room.close()));
  }

  async #load(id: RoomId): Promise<LiveRoom> {
    const failures = this.#failures;
    if (this.#isStopping) throw new StoreError('closed', 'The server is stopping.');
    const room = await LiveRoom.load(this.#surroundings, id);
    // Read while the store was failing: what it read may be neither what was nor what will be.
    if (failures !== this.#failures) throw new StoreError('io', 'The store failed while the room was loaded.');
    this.#loaded.set(id, room);
    return room;
  }
}
