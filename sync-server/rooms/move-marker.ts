// Moves a person's read marker up. Own messages that it passes are counted by their keys and those keys removed, so
// the cost is that of one's own messages since one last read.

import type { UserId } from '#protocol/ids.ts';
import type { Operation } from '../store/key-value.ts';
import { mentionKey, ownKey, readKey } from './keys.ts';
import { afterReading, unreadOf, type ReadMarker } from './read-marker.ts';
import type { RoomContents } from './room-contents.ts';
import type { RoomSurroundings } from './room-surroundings.ts';
import { encodeStored } from '../store/stored-json.ts';

/** @throws StoreError @returns the marker as it is then; who is no member has read all, and keeps none */
export async function moveMarker(
  contents: RoomContents,
  { kv, events }: RoomSurroundings,
  user: UserId,
  upTo: number
): Promise<ReadMarker> {
  const { id: room } = contents;
  await contents.learnMarkers([user]);
  const { meta, state } = contents.view;
  const marker = contents.marker(user);
  if (!meta || !state || !marker || !Object.hasOwn(state.members, user)) return { n: meta?.n ?? 0, ownAbove: 0 };
  const n = Math.min(upTo, meta.n);
  if (n <= marker.n) return marker;

  const operations: Operation[] = [];
  if (marker.ownAbove > 0) {
    const passed = kv.range({ gt: ownKey(room, user, marker.n), lte: ownKey(room, user, n) });
    for await (const [key] of passed) operations.push({ type: 'del', key });
  }
  const moved = afterReading(marker, n, operations.length);
  await contents.mentions.learn([user]);
  for (const passed of contents.mentions.read(user, n))
    operations.push({ type: 'del', key: mentionKey(room, user, passed) });
  operations.push({ type: 'put', key: readKey(room, user), value: encodeStored(moved) });
  // Not synced: after a power loss a person sees a few messages as unread once more.
  await kv.batch(operations, { sync: false });
  contents.setMarker(user, moved);
  events.read(user, room, moved.n, unreadOf(moved, meta));
  return moved;
}
