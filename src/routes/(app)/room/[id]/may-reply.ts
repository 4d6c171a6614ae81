// Whether a message can be answered: it is there for others too, or will be, and one may write.

import type { RoomModel } from '#lib/model/room-model.ts';
import type { MessageItem } from '#lib/model/timeline-item.ts';

export const mayReply = (room: RoomModel, item: MessageItem): boolean =>
  room.status === 'ready' &&
  room.cannotWrite === null &&
  item.redacted === null &&
  item.state !== 'failed' &&
  item.state !== 'not-saved';
