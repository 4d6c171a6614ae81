// A room's committed contents in memory: what everybody outside of a commit sees, and what the next one starts from.

import type { RoomId, UserId } from '#protocol/ids.ts';
import type { RoomState } from '#protocol/room-state.ts';
import type { RoomLog } from '../store/room-log.ts';
import type { KeyValue } from '../store/key-value.ts';
import { readMarkers } from './known-records.ts';
import type { ReadMarker } from './read-marker.ts';
import { loadHead, loadRoomView, loadSealed } from './room-loading.ts';
import { RoomMentions } from './room-mentions.ts';
import { RoomPage } from './room-page.ts';
import type { RoomView } from './room-view.ts';
import { SlowMode } from './slow-mode.ts';

export class RoomContents {
  readonly id: RoomId;
  view: RoomView;
  /** Commits so far. */
  position: number;
  head: RoomPage;
  /** Who wrote when, where that matters. */
  slowMode: SlowMode;
  readonly mentions: RoomMentions;
  readonly #kv: KeyValue;
  /** Sealed pages that somebody has open. */
  readonly #sealed = new Map<number, RoomPage>();
  /** How often content of sealed pages was erased since the room was loaded. */
  #erasures = 0;
  /** Of people who wrote or asked lately; null: has none. */
  readonly #markers = new Map<UserId, ReadMarker | null>();

  private constructor(kv: KeyValue, id: RoomId, view: RoomView, position: number, head: RoomPage, slowMode: SlowMode) {
    this.#kv = kv;
    this.id = id;
    this.view = view;
    this.position = position;
    this.head = head;
    this.slowMode = slowMode;
    this.mentions = new RoomMentions(kv, id);
  }

  /** @throws StoreError */
  static async load(kv: KeyValue, log: RoomLog, id: RoomId): Promise<RoomContents> {
    const view = await loadRoomView(kv, id);
    const position = await log.position(id);
    const ref = { room: id, page: view.meta?.head ?? 0 };
    const head =
      view.state && !view.state.deleted ? await loadHead(kv, log, ref, view.state) : RoomPage.empty(ref, view.state);
    const slowMode = view.state?.slowSeconds ? await SlowMode.load(kv, id) : new SlowMode();
    return new RoomContents(kv, id, view, position, head, slowMode);
  }

  *pages(): Iterable<RoomPage> {
    yield* this.#sealed.values();
    yield this.head;
  }

  get channelCount(): number {
    let count = 0;
    for (const page of this.pages()) count += page.channels.size;
    return count;
  }

  /** The page as an open one, loaded where needed; null: beyond the head. @throws StoreError */
  async page(number: number, state: RoomState | null): Promise<RoomPage | null> {
    if (number === this.head.ref.page) return this.head;
    if (number > this.head.ref.page || !state) return null;
    let loaded = this.#sealed.get(number);
    while (!loaded) {
      const erasures = this.#erasures;
      const read = await loadSealed(this.#kv, { room: this.id, page: number }, state);
      // What was erased while it was read may still be in it.
      if (erasures === this.#erasures) loaded = read;
    }
    // Two may have loaded it at once: the first one counts.
    const page = this.#sealed.get(number) ?? loaded;
    this.#sealed.set(number, page);
    return page;
  }

  /** Content of a sealed page was erased. @returns the page, if it is open */
  replaceSealed(number: number, whole: Uint8Array): RoomPage | null {
    this.#erasures += 1;
    const page = this.#sealed.get(number);
    page?.committed.replace(whole, page.committed.stateVector);
    return page ?? null;
  }

  /** The head was sealed: it stays for those who have it open. */
  moveHead(next: RoomPage): void {
    this.#sealed.set(this.head.ref.page, this.head);
    this.head = next;
    this.forgetClosedPages();
  }

  forgetClosedPages(): void {
    for (const [number, page] of this.#sealed) if (page.channels.size === 0) this.#sealed.delete(number);
  }

  /** Makes `marker` know these people. @throws StoreError */
  async learnMarkers(users: Iterable<UserId>): Promise<void> {
    const unknown = [...new Set(users)].filter((user) => !this.#markers.has(user));
    // A commit may have moved one while the store was asked: what is here already is newer.
    for (const [user, marker] of await readMarkers(this.#kv, this.id, unknown)) {
      if (!this.#markers.has(user)) this.#markers.set(user, marker);
    }
  }

  /** Of somebody whom `learnMarkers` was asked for. */
  marker(user: UserId): ReadMarker | null {
    return this.#markers.get(user) ?? null;
  }

  setMarker(user: UserId, marker: ReadMarker): void {
    this.#markers.set(user, marker);
  }
}
