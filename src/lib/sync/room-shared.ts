// What the rooms of one person share: given to each of them by the sync client.

import type { HybridClock } from '#protocol/clock.ts';
import type { RoomClosing } from '#protocol/api/room.ts';
import type { RoomSummary } from '#protocol/control.ts';
import type { PageRef } from '#protocol/ids.ts';
import type { Stored } from '../storage/storage-failure.ts';
import type { MuxSocket } from './mux-socket.ts';
import type { DeviceSigner } from '../proof/device-signer.ts';
import type { Outbox } from './outbox.ts';
import type { RoomList } from './room-list.ts';
import type { SealedPages } from './sealed-pages.ts';
import type { ServerTime } from './server-clock.ts';
import type { TabChannel } from './tab-channel.ts';
import type { TabLocks } from './tab-lock.ts';
import type { Uploads } from './uploads.ts';

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
  /** Files of entries in the outbox: these wait until they are at the server. */
  readonly uploads: Pick<Uploads, 'ready' | 'missing'>;
  readonly lookUp: (room: string) => Promise<LookedUp>;
  readonly clock: (room: string) => HybridClock;
  readonly time: ServerTime;
  /** Whether this tab sends what that tab wrote: its own, and as leader those of tabs that are gone. */
  readonly sendsFor: (tab: string) => boolean;
  /** The content of these messages is gone. */
  readonly erased: (room: string, entries: readonly string[]) => void;
  /** The first of what is on this page of this device is to be deleted then; Infinity: nothing is. */
  readonly fleeting: (ref: PageRef, until: number) => void;
  readonly rememberDatabase: (name: string) => void;
  readonly stored: (database: string, outcome: Stored) => void;
}
