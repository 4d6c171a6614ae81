// How far the others in a room have come, as the server tells it of the rooms that are looked at, and as it was last known
// when there is no line. Invariant: a position that was told once never goes back, whatever comes in whatever order.

import type { MemberReceipt, ServerMessage } from '#protocol/control.ts';
import { RECEIPT_ROOMS_MAX } from '#protocol/limits.ts';
import { furthest } from '#protocol/receipt.ts';
import type { UserDb } from '../storage/user-db.ts';

/** The n at which somebody stands and how many they are, newest first. */
export type Standings = readonly (readonly [n: number, count: number])[];

export type RoomReceipts =
  | { readonly kind: 'people'; readonly people: readonly MemberReceipt[] }
  /** Too many to name. `read` null: this person does not share theirs. */
  | { readonly kind: 'counts'; readonly others: number; readonly read: Standings | null; readonly stored: Standings };

type Told = Extract<ServerMessage, { type: 'receipts' | 'receipt-counts' }>;

export interface ReceiptsOptions {
  readonly db: Pick<UserDb, 'meta' | 'putMeta'>;
  /** The rooms that are looked at are others now. */
  readonly ask: (rooms: readonly string[]) => void;
}

export class Receipts {
  readonly #options: ReceiptsOptions;
  readonly #rooms = new Map<string, RoomReceipts>();
  /** Rooms that are looked at and how often, the latest last. */
  readonly #watched = new Map<string, number>();
  readonly #listeners = new Set<(room: string) => void>();

  constructor(options: ReceiptsOptions) {
    this.#options = options;
  }

  /** null: nothing is known. */
  of(room: string): RoomReceipts | null {
    return this.#rooms.get(room) ?? null;
  }

  /** @returns the way to look away again */
  watch(room: string): () => void {
    const times = this.#watched.get(room) ?? 0;
    this.#watched.set(room, times + 1);
    if (times === 0) {
      this.#ask();
      void this.#recall(room);
    }
    let stopped = false;
    return () => {
      if (stopped) return;
      stopped = true;
      const left = this.#watched.get(room)! - 1;
      if (left > 0) return void this.#watched.set(room, left);
      this.#watched.delete(room);
      this.#ask();
    };
  }

  listen(listener: (room: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  lineUp(): void {
    if (this.#watched.size > 0) this.#ask();
  }

  take(message: Told): void {
    const { room } = message;
    const before = this.#rooms.get(room);
    const now: RoomReceipts =
      message.type === 'receipt-counts'
        ? { kind: 'counts', others: message.others, read: message.read, stored: message.stored }
        : { kind: 'people', people: merged(before?.kind === 'people' ? before.people : [], message) };
    this.#set(room, now);
    // Known again at the next cold start without a line; lost, it is told anew with the next line.
    void this.#options.db.putMeta(key(room), now);
  }

  #ask(): void {
    this.#options.ask([...this.#watched.keys()].slice(-RECEIPT_ROOMS_MAX));
  }

  async #recall(room: string): Promise<void> {
    if (this.#rooms.has(room)) return;
    const stored = await this.#options.db.meta<RoomReceipts>(key(room)).catch(() => undefined);
    // The server may have been quicker.
    if (stored && !this.#rooms.has(room)) this.#set(room, stored);
  }

  #set(room: string, receipts: RoomReceipts): void {
    this.#rooms.set(room, receipts);
    for (const listener of [...this.#listeners]) listener(room);
  }
}

function merged(
  before: readonly MemberReceipt[],
  { whole, people, gone }: Extract<Told, { type: 'receipts' }>
): readonly MemberReceipt[] {
  const known = new Map(before.map((receipt) => [receipt.user, receipt]));
  const after = new Map(whole ? [] : known);
  for (const receipt of people) {
    const old = known.get(receipt.user);
    // Who came back begins anew.
    const goesOn = old !== undefined && receipt.from <= old.from;
    after.set(receipt.user, goesOn ? { user: receipt.user, ...furthest(old, receipt) } : receipt);
  }
  for (const user of gone) after.delete(user);
  return [...after.values()];
}

const key = (room: string): string => `receipts/${room}`;
