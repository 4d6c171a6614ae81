// Puts one's emoji on a message or takes it back; what cannot be done says why.

import type { RoomModel } from '#lib/model/room-model.ts';
import type { MessageItem } from '#lib/model/timeline-item.ts';
import type { Shell } from '#lib/ui/shell.svelte.ts';

export async function toggleReaction(room: RoomModel, item: MessageItem, sign: string, shell: Shell): Promise<void> {
  const result = await room.acts.react(item, sign);
  if (!result.ok) shell.toast(result.message, 'danger');
}
