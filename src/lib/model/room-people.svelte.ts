// Who is in a room, who of them is here, and who is typing. Members that the room's state leaves out are asked of the server.

import type { MemberInfo } from '#protocol/api/room.ts';
import type { RoomSummary } from '#protocol/control.ts';
import type { RoomState } from '#protocol/room-state.ts';
import type { ApiClient } from '../session/api-client.ts';
import type { PersonView } from './person-view.ts';
import { memberViews } from './room-members.ts';
import { NO_PRESENCE, NOBODY_TYPES, readPresence } from './room-presence.ts';

export interface PeopleOfRoomOptions {
  readonly room: string;
  readonly api: ApiClient;
  readonly person: (id: string) => PersonView;
  /** Whether one tells others that one is typing, and is told. Reactive. */
  readonly sharesTyping: () => boolean;
}

export class PeopleOfRoom {
  readonly #options: PeopleOfRoomOptions;
  #me: string | null = null;
  #state = $state.raw<RoomState | null>(null);
  #count = $state(0);
  #presence = $state.raw(NO_PRESENCE);
  #elided = $state.raw<readonly MemberInfo[]>([]);
  /** With the line that there is now, or was last. */
  #elidedAsked = false;

  readonly #seen = $derived.by(() =>
    this.#options.sharesTyping() ? this.#presence : { ...this.#presence, typing: NOBODY_TYPES }
  );
  readonly #members = $derived.by(() =>
    memberViews(this.#state, this.#elided, this.#seen, this.#me, this.#options.person)
  );
  readonly #typing = $derived([...this.#seen.typing].map((id) => this.#options.person(id).name));

  constructor(options: PeopleOfRoomOptions) {
    this.#options = options;
  }

  get members() {
    return this.#members;
  }
  get count() {
    return this.#count;
  }
  /** Present people, oneself included; null: not known. */
  get hereCount() {
    return this.#presence.hereCount;
  }
  /** Names of others. */
  get typing() {
    return this.#typing;
  }

  update(state: RoomState | null, summary: RoomSummary | null, me: string): void {
    this.#me = me;
    this.#state = state;
    this.#count = state ? Object.keys(state.members).length + state.membersElided : (summary?.members ?? 0);
    void this.#askElided();
  }

  /** There is a line again: others may have come and gone. */
  lineUp(): void {
    this.#elidedAsked = false;
    void this.#askElided();
  }

  /** @param states of others; null: no line */
  updatePresence(states: readonly unknown[] | null, me: string): void {
    this.#presence = readPresence(states, me);
  }

  async #askElided(): Promise<void> {
    if (this.#elidedAsked || !this.#state || this.#state.membersElided === 0) return;
    this.#elidedAsked = true;
    const answer = await this.#options.api.get<MemberInfo[]>(`/api/rooms/${this.#options.room}/members`);
    if (answer.ok) this.#elided = answer.value;
  }
}
