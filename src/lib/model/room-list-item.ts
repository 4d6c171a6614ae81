// A line in the list of one's rooms.

import type { RoomKind } from '#protocol/entry-fields.ts';
import type { NotificationLevel } from '#protocol/personal.ts';
import type { PersonView } from './person-view.ts';
import type { MessageState } from './timeline-item.ts';

export interface RoomListItem {
  readonly id: string;
  readonly name: string;
  readonly kind: RoomKind;
  readonly avatar: string | null;
  /** The others of a direct room or a group; [] in other rooms. */
  readonly others: readonly PersonView[];
  readonly unread: number;
  /** Unread messages that mention this person. */
  readonly mentions: number;
  /** Something was said in it that can be unread. */
  readonly hasMessages: boolean;
  /** Its place among favourites, the smallest on top; null: it is none. */
  readonly favourite: number | null;
  readonly muted: boolean;
  readonly archived: boolean;
  /** Of which messages one hears at once; null: as the default says. */
  readonly level: NotificationLevel | null;
  /** Epoch ms of the newest activity. */
  readonly at: number;
  /** One line: "Bo: see you at six", "You made this room". '' when there is nothing. */
  readonly preview: string;
  /** The draft kept for the room, '' when none: the list shows "Draft:" and it instead of the preview. */
  readonly draft: string;
  /** State of the newest entry if it is one's own, else null. */
  readonly ownState: MessageState | null;
}
