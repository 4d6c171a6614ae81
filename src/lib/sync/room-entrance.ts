// How a person comes into a room on this device: which page is its head, by the list of rooms, by an earlier visit or by
// the server's word; and that it is closed to them, with the reason, until it is open again.
// Invariant: nothing is asked of the server that this device knows, and a room that was closed is tried again when the
// list or the person says so, never by itself.

import type { RoomClosing } from '#protocol/api/room.ts';
import type { RoomSummary } from '#protocol/control.ts';
import type { RoomShared } from './room-shared.ts';

const LOOK_UP_AGAIN_MS = 1_000;

export interface EntranceEvents {
  /** Whether one's own creation of the room waits to be sent: then nobody else knows of it. */
  readonly createsRoom: () => boolean;
  readonly openHead: (page: number) => Promise<void>;
  /** The room is open to this person after all (again): everything anew. */
  readonly openAnew: () => Promise<void>;
  /** What waits to be sent fails. */
  readonly fail: (why: RoomClosing | null) => Promise<void>;
  readonly changed: () => void;
}

export class RoomEntrance {
  readonly #room: string;
  readonly #shared: RoomShared;
  readonly #events: EntranceEvents;
  #guest: RoomSummary | null = null;
  #forbidden = false;
  #closing: RoomClosing | null = null;
  #begun = false;
  #lookingUp = false;
  #ended = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #stops: (() => void)[] = [];

  constructor(room: string, shared: RoomShared, events: EntranceEvents) {
    this.#room = room;
    this.#shared = shared;
    this.#events = events;
  }

  /** What the server says of a room that this person is not in. */
  get guest(): RoomSummary | null {
    return this.#guest;
  }
  get forbidden(): boolean {
    return this.#forbidden;
  }
  /** Why, by the server's word; null: it did not say. */
  get closing(): RoomClosing | null {
    return this.#closing;
  }

  /** Opens the head once it is known which page that is. */
  async begin(): Promise<void> {
    if (this.#begun || this.#ended) return;
    const { list } = this.#shared;
    if (!list.get(this.#room) && !this.#events.createsRoom()) {
      const visited = await list.visitedHead(this.#room);
      if (visited === null) return this.#lookUp();
      if (this.#begun || this.#ended) return;
      if (!list.get(this.#room)) return this.#openVisited(visited);
    }
    const row = list.get(this.#room);
    await this.#open(row?.head ?? row?.summary?.head ?? 0);
  }

  /** The list of rooms has news of this one. */
  listChanged(): void {
    if (!this.#begun) void this.begin();
    else if (this.#shared.list.summary(this.#room)) void this.comeBack();
  }

  /** Something was written that may let this person in again. */
  async comeBack(): Promise<void> {
    if (!this.#forbidden || this.#ended) return;
    this.#letIn();
    await this.#events.openAnew();
  }

  /** Its page was closed to this person. */
  async shutOut(): Promise<void> {
    this.#forbidden = true;
    this.#events.changed();
    const found = await this.#shared.lookUp(this.#room);
    // Let in again meanwhile.
    if (!this.#forbidden || this.#ended) return;
    await this.#close(found.kind === 'closed' ? found.why : null);
  }

  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
    for (const stop of this.#stops) stop();
  }

  /** A room of others (a public one, or one that was just joined): its newest page is asked for first. */
  async #lookUp(): Promise<void> {
    const { lookUp } = this.#shared;
    if (this.#lookingUp) return;
    this.#lookingUp = true;
    const found = await lookUp(this.#room);
    this.#lookingUp = false;
    if (this.#begun || this.#ended) return;
    if (found.kind === 'closed') return this.#close(found.why);
    if (found.kind === 'offline') return this.#later(() => this.begin());
    this.#guest = found.summary;
    await this.#open(found.summary.head);
  }

  /** A room that this person once looked at: this device's copy now, the server's word when there is a line. */
  async #openVisited(page: number): Promise<void> {
    await this.#open(page);
    this.#stops.push(this.#shared.mux.whenUp(() => void this.#lookUpAgain()));
  }

  async #lookUpAgain(): Promise<void> {
    const found = await this.#shared.lookUp(this.#room);
    if (this.#ended) return;
    if (found.kind === 'offline') return this.#later(() => this.#lookUpAgain());
    if (found.kind === 'closed') return this.#close(found.why);
    this.#guest = found.summary;
    this.#events.changed();
  }

  /** Once there is a line again: this one does not carry. */
  #later(ask: () => Promise<void>): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#stops.push(this.#shared.mux.whenUp(() => void ask())), LOOK_UP_AGAIN_MS);
  }

  async #open(page: number): Promise<void> {
    this.#letIn();
    await this.#events.openHead(page);
  }

  #letIn(): void {
    this.#begun = true;
    this.#forbidden = false;
    this.#closing = null;
  }

  async #close(why: RoomClosing | null): Promise<void> {
    this.#forbidden = true;
    this.#closing = why;
    await this.#events.fail(why);
    this.#events.changed();
  }
}
