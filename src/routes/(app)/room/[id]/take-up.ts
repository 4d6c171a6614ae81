// Takes a message that failed up again, where it was written: what was said in a thread stands in the thread's composer.

import { goto } from '$app/navigation';
import type { RoomModel } from '#lib/model/room-model.ts';
import type { MessageItem } from '#lib/model/timeline-item.ts';
import { threadHref } from './thread/thread-href.ts';

export async function takeUp(room: RoomModel, { id, thread }: MessageItem): Promise<void> {
  await room.takeUp(id);
  if (thread !== undefined) await goto(threadHref(room.id, thread), { reset: false });
}
