// Puts one's emoji on a message or takes it back; what cannot be done says why.

import type { MessageItem, RoomModel } from '#lib/model/app-model.ts';
import type { Shell } from '#lib/ui/shell.svelte.ts';

export async function toggleReaction(room: RoomModel, item: MessageItem, sign: string, shell: Shell): Promise<void> {
  const result = await room.acts.react(item, sign);
  if (!result.ok) shell.toast(result.message, 'danger');
}
