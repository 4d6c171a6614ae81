// Shows a message of a room wherever it is, in its thread if it stands in one, or says why that cannot be.

import { goto } from '$app/navigation';
import type { RoomModel } from '#lib/model/room-model.ts';
import type { Shell } from '#lib/ui/shell.svelte.ts';
import { m } from '#lib/words/generated/messages.js';
import { threadHref } from './thread/thread-href.ts';

export async function showMessage(
  room: Pick<RoomModel, 'id' | 'toMessage' | 'threads'>,
  id: string,
  shell: Pick<Shell, 'toast'>,
  replaceState = false
): Promise<boolean> {
  const reached = await room.toMessage(id);
  if (reached === 'shown') {
    const root = room.threads.rootOf(id);
    if (root === null) return true;
    room.threads.point(root, id);
    await goto(threadHref(room.id, root), { replaceState, reset: false });
    return true;
  }
  if (reached === 'offline') shell.toast(m.timeline_not_here(), 'danger');
  else shell.toast(m.timeline_gone());
  return false;
}
