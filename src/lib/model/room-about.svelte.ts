// What a room is: name, kind, rules and whom it is for, out of its state, or of the server's summary where that is not here.

import type { RoomSummary } from '#protocol/control.ts';
import type { RoomKind } from '#protocol/entry-fields.ts';
import { rankOfRole } from '#protocol/permissions.ts';
import { isAmongPeople, type RoomState } from '#protocol/room-state.ts';
import { roleOf } from '#protocol/refusal.ts';
import type { PersonView } from './person-view.ts';
import type { TimelineItem } from './timeline-item.ts';
import type { Concerned, RoomAbout } from './room-acts.ts';
import { closedRoomName } from './room-closed.ts';
import { othersOf, titleOf } from './room-title.ts';

export interface AboutSource {
  readonly state: RoomState | null;
  readonly summary: RoomSummary | null;
  readonly me: string;
  /** The newest part of the timeline; its end alone is looked at. */
  readonly timeline: readonly TimelineItem[];
  readonly person: (id: string) => PersonView;
  /** It is not open to this person. */
  readonly closed: boolean;
}

export class About implements RoomAbout {
  #name = $state('');
  #topic = $state('');
  #kind = $state<RoomKind>('private');
  #avatar = $state<string | null>(null);
  #slowSeconds = $state(0);
  #disappearingSeconds = $state(0);
  #writesAgainAt = $state<number | null>(null);
  #others = $state.raw<readonly PersonView[]>([]);
  #invited = $state.raw<readonly Concerned[]>([]);
  #banned = $state.raw<readonly Concerned[]>([]);
  #lastState: RoomState | null | undefined;

  get name() {
    return this.#others.length > 0 ? titleOf(this.#others) : this.#name;
  }
  get topic() {
    return this.#topic;
  }
  get kind() {
    return this.#kind;
  }
  get avatar() {
    return this.#avatar;
  }
  get disappearingSeconds() {
    return this.#disappearingSeconds;
  }
  get slowSeconds() {
    return this.#slowSeconds;
  }
  get writesAgainAt() {
    return this.#writesAgainAt;
  }
  get others() {
    return this.#others;
  }
  get invited() {
    return this.#invited;
  }
  get banned() {
    return this.#banned;
  }

  update({ state, summary, me, timeline, person, closed }: AboutSource): void {
    this.#name = state?.name ?? summary?.name ?? (closed ? this.#name || closedRoomName() : '');
    this.#topic = state?.topic ?? summary?.topic ?? '';
    this.#kind = state?.kind ?? summary?.kind ?? 'private';
    if (state !== this.#lastState || !state) {
      this.#lastState = state;
      this.#avatar = (state ?? summary)?.avatar ?? null;
      this.#slowSeconds = (state ?? summary)?.slowSeconds ?? 0;
      this.#disappearingSeconds = state?.disappearingSeconds ?? 0;
      const people = state ? (isAmongPeople(state) ? Object.keys(state.members) : []) : (summary?.people ?? []);
      this.#others = othersOf(people, me, person);
      this.#invited = concerned(state?.invited ?? {}, person);
      this.#banned = concerned(state?.banned ?? {}, person);
    }
    const role = state ? roleOf(state, me) : (summary?.role ?? null);
    const slow = rankOfRole(role) < rankOfRole('moderator') ? this.#slowSeconds : 0;
    this.#writesAgainAt = slow === 0 ? null : writesAgainAt(timeline, slow);
  }
}

/** The server counts from when one's last message arrived; what waits to be sent counts from when it was written. */
function writesAgainAt(timeline: readonly TimelineItem[], seconds: number): number | null {
  const last = timeline.findLast((item) => item.kind === 'message' && item.own && item.state !== 'failed');
  return last ? (last.arrivedAt ?? last.sentAt) + seconds * 1_000 : null;
}

const concerned = (
  people: Readonly<Record<string, { readonly by: string }>>,
  person: (id: string) => PersonView
): readonly Concerned[] => Object.entries(people).map(([id, { by }]) => ({ person: person(id), by: person(by) }));
