// Shows a message of a room wherever it is, or says why that cannot be.

import type { RoomModel } from '#lib/model/app-model.ts';
import type { Shell } from '#lib/ui/shell.svelte.ts';

const WORDS = {
  gone: 'This message is not there any more.',
  offline: 'This message is not on this device. Connect to the network and try again.'
} as const;

export async function showMessage(
  room: Pick<RoomModel, 'toMessage'>,
  id: string,
  shell: Pick<Shell, 'toast'>
): Promise<boolean> {
  const reached = await room.toMessage(id);
  if (reached === 'shown') return true;
  shell.toast(WORDS[reached], reached === 'offline' ? 'danger' : 'plain');
  return false;
}
