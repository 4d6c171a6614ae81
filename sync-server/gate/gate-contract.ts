// What goes into the gate and what comes out of it. The gate is pure: no clock, no disk, no socket. One PageGate
// per live page holds staged state (what is committed and what waits for the disk); after a failed commit it is
// thrown away and built again from the store.

import type { Arrival, Seal } from '#protocol/arrival.ts';
import type { Entry } from '#protocol/entry.ts';
import type { BlobHash, EntryId, PageRef, UserId } from '#protocol/ids.ts';
import type { PollInfo } from '#protocol/refusal.ts';
import type { RefusalCode } from '#protocol/refusal-codes.ts';
import type { RoomState } from '#protocol/room-state.ts';
import type { Proof } from './signature-check.ts';

/** Who owns a client id of a page: a user id, or the server for one of its two roots (`ServerOwner`). */
export type Owner = string;
export type ServerOwner = 'server:messages' | 'server:arrivals';

/** All that the gate needs to know of a page; plain data, stored with it. */
export interface PageGateState {
  readonly ref: PageRef;
  /** Yjs client id → next clock. */
  readonly stateVector: ReadonlyMap<number, number>;
  readonly owners: ReadonlyMap<number, Owner>;
  /** Entries of the page, refused ones not counted. */
  readonly entries: number;
  /** Bytes of the updates taken so far. */
  readonly bytes: number;
  /** The page that goes on from here, or null while this one takes appends. */
  readonly sealedTo: number | null;
  /** Last item of each root array by the server (`client`, `clock`), so that its next append can name its origin. */
  readonly lastArrival: { readonly client: number; readonly clock: number } | null;
  readonly lastServerMessage: { readonly client: number; readonly clock: number } | null;
  /** The room's folded state up to here; null: the room does not exist yet. */
  readonly room: RoomState | null;
}

export interface IndexedEntry {
  readonly id: EntryId;
  readonly author: string;
  readonly type: string;
  readonly page: number;
  /** `entryHash`: of its content without device and signature. */
  readonly hash: string;
  /** Its content was erased: the id stays taken, and the same entry again changes nothing. */
  readonly redacted?: boolean;
  /** Of a reply in a thread: the root. */
  readonly thread?: EntryId;
  /** As in TargetInfo. */
  readonly fixed?: boolean | undefined;
  readonly poll?: PollInfo | undefined;
  readonly attached?: boolean | undefined;
}

export interface GateContext extends Proof {
  /** Server time, epoch ms. */
  readonly nowMs: number;
  /** What the room's id index knows, staged entries included. Asked only for ids that `idsOf` named. */
  indexed(id: EntryId): IndexedEntry | null;
  /**
   * What stands against an entry that all other checks have passed, out of more than the room's state: room on the
   * late list of its target's page, slow mode, who may make rooms and how many. Asked once; null takes the place.
   * @param room the room's state with all that came before the entry
   */
  admits(entry: Entry, room: RoomState | null): RefusalCode | null;
}

export interface AcceptedEntry {
  readonly entry: Entry;
  readonly hash: string;
}

export interface RefusedEntry {
  /** null when the element has no readable id. */
  readonly id: EntryId | null;
  readonly code: RefusalCode;
  readonly detail: string;
}

export type GateOutcome =
  /** Not Yjs V1, or breaks the grammar of a page. Nothing was taken. */
  | { readonly kind: 'malformed'; readonly reason: string }
  /** New structs under a client id that belongs to another user, or to the server. Nothing was taken. */
  | { readonly kind: 'foreign-client'; readonly clientId: number }
  | {
      readonly kind: 'checked';
      /** Canonical V1 update of all that was taken, tombstones of refused elements included; null: nothing new. */
      readonly update: Uint8Array | null;
      /** In the order they were taken: their arrival order. */
      readonly accepted: readonly AcceptedEntry[];
      /** Each stands in `update` as a tombstone, but for those with code `sealed`. */
      readonly refused: readonly RefusedEntry[];
      /** Ids that the index has already with the same author and content: success, told again by their arrival. */
      readonly known: readonly EntryId[];
      /** Something was out of reach (a clock beyond the state vector, an unknown origin): answer SyncStep1. */
      readonly gap: boolean;
    };

/** The page is at one of the limits of limits.ts and must be sealed before it takes another entry. */
export interface PageGateView extends PageGateState {
  readonly full: boolean;
}

export interface PageGate {
  /** The staged state, to be stored with the next commit. */
  snapshot(): PageGateView;
  /**
   * Binds a client id to a user when a channel opens. False: it belongs to somebody else. Kept in memory alone until
   * the first struct under it is taken: only then do others learn of the id.
   */
  bind(clientId: number, user: UserId): boolean;
  /**
   * Entry ids and target ids that `receive` will ask the index for; [] when malformed. Never throws. The bytes must not
   * change until they are received.
   */
  idsOf(update: Uint8Array): readonly EntryId[];
  /** Files that entries of an update name, and for whom: of one that `idsOf` has just read. More than `admits` will ask for. */
  blobsOf(update: Uint8Array): readonly { readonly author: UserId; readonly hash: BlobHash }[];
  /** Checks an update and stages what is fit. Never throws on any bytes. Stops with `sealed` refusals when full. */
  receive(update: Uint8Array, context: GateContext): GateOutcome;
  /**
   * Stages entries that the server itself writes (snapshot, import, join by link): no refusal is asked, and their ids
   * must be new. Takes the first and goes on until the page is full: the rest, `entries.slice(accepted.length)`, is for
   * the next page. `clientId` must be one that no member has written under (`snapshot().owners`).
   */
  appendEntries(clientId: number, entries: readonly Entry[]): { update: Uint8Array; accepted: AcceptedEntry[] };
  /** Stages arrivals, or the seal, which closes the page. */
  appendArrivals(clientId: number, arrivals: readonly (Arrival | Seal)[]): Uint8Array;
}
