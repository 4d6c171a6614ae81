// Shows a message of a room wherever it is, in its thread if it stands in one, or says why that cannot be.

import { goto } from '$app/navigation';
import type { RoomModel } from '#lib/model/app-model.ts';
import type { Shell } from '#lib/ui/shell.svelte.ts';
import { threadHref } from './thread/thread-href.ts';

const WORDS = {
  gone: 'This message is not there any more.',
  offline: 'This message is not on this device. Connect to the network and try again.'
} as const;

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
    // eslint-disable-next-line svelte/no-navigation-without-resolve -- the app is always served from the root of its origin
    await goto(threadHref(room.id, root), { replaceState, reset: false });
    return true;
  }
  shell.toast(WORDS[reached], reached === 'offline' ? 'danger' : 'plain');
  return false;
}
