// What the threads of a room are made of: what of it this device has loaded, and where the rest is to be had.

import type { RoomReplica } from '../sync/room-replica.ts';
import type { SyncClient } from '../sync/sync-client.ts';
import { pageIn } from './loaded-room.ts';
import type { ThreadsSource } from './room-threads.svelte.ts';
import type { RoomTimeline } from './room-timeline.svelte.ts';
import type { TimelineContext } from './timeline.ts';

export function threadsSource(
  { client, replica }: { readonly client: SyncClient; readonly replica: RoomReplica },
  { loaded, version }: RoomTimeline,
  context: TimelineContext
): ThreadsSource {
  return {
    me: client.me.id,
    ...{ context, version },
    marks: client,
    seen: (root) => client.threadSeen(root),
    loaded: replica.head.loaded,
    inStep: replica.head.synced,
    pageOf: (id) => pageIn(replica, id),
    roots: loaded.roots,
    replies: (root) => loaded.thread(root),
    ordered: (id) => loaded.ordered(id),
    effects: (id) => context.effects(id),
    unacknowledged: replica.unacknowledged,
    pending: replica.pending,
    place: (id) => client.finder.place(replica.id, id),
    pin: (page) => replica.pin(page),
    unpin: (page) => replica.unpin(page)
  };
}
