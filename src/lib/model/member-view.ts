// A member of a room, and whether they are here.

import type { Role } from '#protocol/entry-fields.ts';
import type { PersonView } from './person-view.ts';

export interface MemberView {
  readonly person: PersonView;
  readonly role: Role;
  readonly isMe: boolean;
  /** null: not known (offline). */
  readonly presence: 'here' | 'away' | 'gone' | null;
  readonly typing: boolean;
}
