// What the rooms of one person share: given to each of them by the sync client.

import type { HybridClock } from '#protocol/clock.ts';
import type { RoomSummary } from '#protocol/control.ts';
import type { Stored } from '../storage/storage-failure.ts';
import type { MuxSocket } from './mux-socket.ts';
import type { DeviceSigner } from '../proof/device-signer.ts';
import type { Outbox } from './outbox.ts';
import type { RoomList } from './room-list.ts';
import type { SealedPages } from './sealed-pages.ts';
import type { TabChannel } from './tab-channel.ts';
import type { TabLocks } from './tab-lock.ts';

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
  /** What the server says of a room that this person is not in. */
  readonly lookUp: (room: string) => Promise<RoomSummary | 'absent' | 'offline'>;
  readonly clock: (room: string) => HybridClock;
  /** Whether this tab sends what that tab wrote: its own, and as leader those of tabs that are gone. */
  readonly sendsFor: (tab: string) => boolean;
  readonly rememberDatabase: (name: string) => void;
  readonly stored: (database: string, outcome: Stored) => void;
}
