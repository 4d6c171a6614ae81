// What threads are read out of, for a room that nobody looks at: its pages on this device, read once.

import type { RoomReplica } from '../sync/room-replica.ts';
import type { SyncClient } from '../sync/sync-client.ts';
import { LoadedEntries, pendingEffects } from './loaded-entries.ts';
import type { ThreadRowsSource } from './thread-rows.ts';

/** The page that a loaded message is on, or null. */
export function pageIn(replica: RoomReplica, id: string): number | null {
  const older = replica.read.find(({ entries }) => entries.some(({ entry }) => entry.id === id));
  return older?.page ?? (replica.head.has(id) ? replica.head.ref.page : null);
}

export function threadsOfReplica(client: SyncClient, replica: RoomReplica): ThreadRowsSource {
  const loaded = new LoadedEntries();
  loaded.update(replica.read, replica.head.arrived);
  const waiting = pendingEffects(replica.pending);
  return {
    me: client.me.id,
    seen: (root) => client.threadSeen(root),
    roots: loaded.roots,
    replies: (root) => loaded.thread(root),
    ordered: (id) => loaded.ordered(id),
    effects: (id) => [...loaded.effects(id), ...(waiting.get(id) ?? [])],
    unacknowledged: replica.unacknowledged,
    pending: replica.pending,
    pageOf: (id) => pageIn(replica, id)
  };
}
