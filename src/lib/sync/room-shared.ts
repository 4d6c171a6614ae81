// What the rooms of one person share: given to each of them by the sync client.

import type { HybridClock } from '#protocol/clock.ts';
import type { RoomClosing } from '#protocol/api.ts';
import type { RoomSummary } from '#protocol/control.ts';
import type { PageRef } from '#protocol/ids.ts';
import type { Stored } from '../storage/storage-failure.ts';
import type { MuxSocket } from './mux-socket.ts';
import type { DeviceSigner } from '../proof/device-signer.ts';
import type { Outbox } from './outbox.ts';
import type { RoomList } from './room-list.ts';
import type { SealedPages } from './sealed-pages.ts';
import type { TabChannel } from './tab-channel.ts';
import type { TabLocks } from './tab-lock.ts';

/** What the server says of a room that this person is not in. */
export type LookedUp =
  | { readonly kind: 'open'; readonly summary: RoomSummary }
  /** Or absent. `why`: told to who could open it once. */
  | { readonly kind: 'closed'; readonly why: RoomClosing | null }
  | { readonly kind: 'offline' };

export interface RoomShared {
  readonly me: string;
  readonly database: string;
  readonly mux: MuxSocket;
  readonly tabs: TabChannel;
  readonly locks: TabLocks;
  readonly outbox: Outbox;
  readonly signer: DeviceSigner;
  readonly list: RoomList;
  readonly sealed: SealedPages;
  readonly lookUp: (room: string) => Promise<LookedUp>;
  readonly clock: (room: string) => HybridClock;
  /** Whether this tab sends what that tab wrote: its own, and as leader those of tabs that are gone. */
  readonly sendsFor: (tab: string) => boolean;
  /** The first of what is on this page of this device disappears then; Infinity: nothing does. */
  readonly fleeting: (ref: PageRef, until: number) => void;
  readonly rememberDatabase: (name: string) => void;
  readonly stored: (database: string, outcome: Stored) => void;
}
