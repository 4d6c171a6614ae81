// One reader of one page: what it sends goes into the room's queue, what it is told comes out of committed bytes.

import * as Y from 'yjs';
import { CLOSE, type CloseCode } from '#protocol/close-codes.ts';
import type { PageRef, UserId } from '#protocol/ids.ts';
import type { RefusedEntry } from '../gate/gate-contract.ts';
import type { PageAttachment, PageReader } from './room-service.ts';
import type { RoomPage } from './room-page.ts';
import { isServerClientId } from '../gate/server-client-ids.ts';
import { syncStep1, syncStep2 } from './sync-message.ts';
import type { Timers } from '../timers.ts';

/** What a channel needs of its room. */
export interface ChannelRoom {
  readonly timers: Timers;
  enqueue(channel: PageChannel, update: Uint8Array): void;
  /** The channel's copy is newer than the store. */
  aheadOfStore(channel: PageChannel): void;
  ended(channel: PageChannel): void;
}

/** Far more than a page's client ids and the reader's own need; reading millions of others would take seconds. */
const STATE_VECTOR_MAX_BYTES = 16 * 1024;
/** A reader that sent something out of reach is asked for the rest at most this often. */
const GAP_STEP1_EVERY_MS = 1_000;

export class PageChannel implements PageAttachment {
  readonly page: RoomPage;
  readonly #reader: PageReader;
  readonly #room: ChannelRoom;
  #open = true;
  #muted = false;
  #askedAt = -Infinity;
  #cancelAsking: (() => void) | null = null;

  constructor(page: RoomPage, reader: PageReader, room: ChannelRoom) {
    this.page = page;
    this.#reader = reader;
    this.#room = room;
  }

  get ref(): PageRef {
    return this.page.ref;
  }

  get user(): UserId {
    return this.#reader.user;
  }

  get kind(): PageReader['kind'] {
    return this.#reader.kind;
  }

  get open(): boolean {
    return this.#open;
  }

  /** Asks for all that this server lacks. */
  ask(): void {
    if (!this.#open) return;
    this.#askedAt = this.#room.timers.nowMs();
    this.#reader.send(syncStep1(this.page.committed.encodedStateVector()));
  }

  /** The channel sent something whose beginning is missing: ask for it, now or as soon as it may be asked again. */
  askForGap(): void {
    if (!this.#open || this.#cancelAsking) return;
    const sinceMs = Math.max(0, this.#room.timers.nowMs() - this.#askedAt);
    const waitMs = GAP_STEP1_EVERY_MS - sinceMs;
    if (waitMs <= 0) return this.ask();
    this.#cancelAsking = this.#room.timers.after(waitMs, () => {
      this.#cancelAsking = null;
      this.ask();
    });
  }

  /** @returns whether the id is the reader's user's */
  tryBind(clientId: number): boolean {
    return this.page.gate.bind(clientId, this.user);
  }

  bind(clientId: number): void {
    if (this.#open && !this.tryBind(clientId)) this.end(CLOSE.clientIdTaken);
  }

  get muted(): boolean {
    return this.#muted;
  }

  /** Its copy is newer than the store: takes nothing any more and waits for its end. */
  aheadOfStore(): void {
    if (!this.#open || this.#muted) return;
    this.#muted = true;
    this.#room.aheadOfStore(this);
  }

  syncStep1(stateVector: Uint8Array): void {
    if (!this.#open || this.#muted) return;
    const clocks = stateVector.length > STATE_VECTOR_MAX_BYTES ? null : decodeStateVector(stateVector);
    if (!clocks) return this.end(CLOSE.malformed);
    if (this.#isAheadOfStore(clocks)) return this.aheadOfStore();
    this.#reader.send(syncStep2(this.page.committed.beyond(stateVector)));
  }

  receive(update: Uint8Array): void {
    if (this.#open && !this.#muted) this.#room.enqueue(this, new Uint8Array(update));
  }

  /** What it sent took so long. */
  spent(ms: number): void {
    this.#reader.spent?.(ms);
  }

  send(message: Uint8Array): void {
    if (this.#open) this.#reader.send(message);
  }

  refused({ id, code, detail }: RefusedEntry): void {
    if (this.#open && id !== null) this.#reader.refused(id, code, detail);
  }

  /** Ends it from this side. */
  end(code: CloseCode): void {
    if (!this.#open) return;
    this.detach();
    this.#reader.close(code);
  }

  detach(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#cancelAsking?.();
    this.#cancelAsking = null;
    this.page.channels.delete(this);
    this.#room.ended(this);
  }

  /**
   * A reader gets what the server wrote only after it was synced to disk, so clocks of the server's beyond the store's
   * are from a store that was newer than this one. No Yjs client draws an id with the server's mark for itself.
   */
  #isAheadOfStore(clocks: ReadonlyMap<number, number>): boolean {
    const committed = this.page.committed.stateVector;
    for (const [clientId, clock] of clocks) {
      if (isServerClientId(clientId) && clock > (committed.get(clientId) ?? 0)) return true;
    }
    return false;
  }
}

function decodeStateVector(bytes: Uint8Array): Map<number, number> | null {
  try {
    return Y.decodeStateVector(bytes);
  } catch {
    return null;
  }
}
