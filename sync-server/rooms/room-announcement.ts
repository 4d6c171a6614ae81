// Tells channels and listeners of a commit that is on disk: refusals to their senders, one frame per page to all of
// its channels, then the end of channels whose people may no longer read, then events, once per room and commit.

import { CLOSE } from '#protocol/close-codes.ts';
import type { UserId } from '#protocol/ids.ts';
import { mayRead, type RoomState } from '#protocol/room-state.ts';
import type { CommitOutcomes } from './commit-outcomes.ts';
import type { RoomContents } from './room-contents.ts';
import type { RoomSurroundings } from './room-surroundings.ts';
import type { Written } from './staged-commit.ts';
import { syncUpdate } from './sync-message.ts';

export class RoomAnnouncement {
  readonly #contents: RoomContents;
  readonly #surroundings: RoomSurroundings;
  /** The people concerned by the state it was made from: messages come by the thousand, members change now and then. */
  #members: { readonly state: RoomState; readonly users: readonly UserId[] } | null = null;

  constructor(contents: RoomContents, surroundings: RoomSurroundings) {
    this.#contents = contents;
    this.#surroundings = surroundings;
  }

  announce(written: Written, outcomes: CommitOutcomes): void {
    const before = written.kind === 'committed' ? written.before.state : null;
    const after = this.#contents.view.state;
    // Others may wait on the page of a room that was just made: whether it is theirs to read shows now.
    if (!before && after) this.#endForbidden(after);
    for (const { channel, refused } of outcomes.refused) channel.refused(refused);
    if (written.kind === 'committed') {
      for (const { page, update } of written.pages) {
        const frame = syncUpdate(update);
        for (const channel of page.channels) channel.send(frame);
      }
    }
    for (const channel of outcomes.gaps) channel.askForGap();
    if (written.kind !== 'committed' || !after) return;
    if (after !== before) this.#endForbidden(after);
    this.#tellListeners(written, before, after);
  }

  #endForbidden(state: RoomState): void {
    for (const page of this.#contents.pages()) {
      for (const channel of [...page.channels]) if (!mayRead(state, channel.user)) channel.end(CLOSE.forbidden);
    }
  }

  #tellListeners(written: Extract<Written, { kind: 'committed' }>, before: RoomState | null, after: RoomState): void {
    const { events, changes } = this.#surroundings;
    const room = this.#contents.id;
    const users = this.#usersOf(after);
    for (const user of users) events.changed(user, room);
    for (const { page, revision } of written.changedPages) {
      for (const user of users) events.pageChanged(user, { room, page }, revision, changes.cursor);
    }
    if (written.arrived.length > 0) events.arrived?.(room, after, written.arrived);
    if (written.erased.length > 0) events.erased?.(room, written.erased);
    if (before === after || !before) return;
    const still = new Set(users);
    for (const user of concerned(before)) if (!still.has(user)) events.gone(user, room);
  }

  #usersOf(state: RoomState): readonly UserId[] {
    if (this.#members?.state !== state) this.#members = { state, users: concerned(state) };
    return this.#members.users;
  }
}

/** Whose lists the room is in: its members, and who is invited. */
const concerned = ({ members, invited }: RoomState): UserId[] => [...Object.keys(members), ...Object.keys(invited)];
