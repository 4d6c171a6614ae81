// The people in a room as the screen lists them: the members by its state, and who of them is here.

import type { MemberInfo } from '#protocol/api/room.ts';
import type { Role } from '#protocol/entry-fields.ts';
import type { RoomState } from '#protocol/room-state.ts';
import type { MemberView } from './member-view.ts';
import type { PersonView } from './person-view.ts';
import type { RoomPresence } from './room-presence.ts';

/** @param elided members that the state leaves out, asked of the server */
export function memberViews(
  state: RoomState | null,
  elided: readonly MemberInfo[],
  presence: RoomPresence,
  me: string | null,
  person: (id: string) => PersonView
): MemberView[] {
  const view = (id: string, role: Role): MemberView => ({
    person: person(id),
    role,
    isMe: id === me,
    presence: presence.hereCount === null ? null : (presence.status.get(id) ?? (presence.complete ? 'gone' : null)),
    typing: presence.typing.has(id)
  });
  const listed = state?.members ?? {};
  return [
    ...Object.entries(listed).map(([id, { role }]) => view(id, role)),
    ...elided.filter(({ id }) => !Object.hasOwn(listed, id)).map(({ id, role }) => view(id, role))
  ];
}
