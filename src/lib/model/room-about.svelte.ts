// What a room is beside its name and topic, out of its state and one's own messages in it.

import type { RoomSummary } from '#protocol/control.ts';
import { rankOfRole } from '#protocol/permissions.ts';
import { isAmongPeople, type RoomState } from '#protocol/room-state.ts';
import { roleOf } from '#protocol/refusal.ts';
import type { PersonView, TimelineItem } from './app-model.ts';
import type { Concerned, RoomAbout } from './room-acts.ts';
import { othersOf } from './room-title.ts';

export interface AboutSource {
  readonly state: RoomState | null;
  readonly summary: RoomSummary | null;
  readonly me: string;
  /** The newest part of the timeline; its end alone is looked at. */
  readonly timeline: readonly TimelineItem[];
  readonly person: (id: string) => PersonView;
}

export class About implements RoomAbout {
  #avatar = $state<string | null>(null);
  #slowSeconds = $state(0);
  #disappearingSeconds = $state(0);
  #writesAgainAt = $state<number | null>(null);
  #others = $state.raw<readonly PersonView[]>([]);
  #invited = $state.raw<readonly Concerned[]>([]);
  #banned = $state.raw<readonly Concerned[]>([]);
  #lastState: RoomState | null | undefined;

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

  update({ state, summary, me, timeline, person }: AboutSource): void {
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
