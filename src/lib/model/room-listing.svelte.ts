// The list of one's rooms and invitations, made anew at most once a tick, however much has changed.

import { NO_RULES } from '#protocol/notification-rules.ts';
import type { SyncClient } from '../sync/sync-client.ts';
import type { PersonView } from './person-view.ts';
import { InvitationAnswers, type ReceivedInvitation } from './received-invitations.ts';
import { loudUnread } from './room-line.ts';
import { roomLines, type RoomLines } from './room-lines.ts';
import type { RoomListItem } from './room-list-item.ts';

export interface RoomListingOptions {
  readonly client: () => SyncClient | null;
  readonly person: (id: string) => PersonView;
  /** What is written with marks, without them. */
  readonly plainMarkdown: (body: string) => string;
  readonly listed: (client: SyncClient, unsent: RoomLines['unsent']) => void;
}

export class RoomListing {
  readonly #options: RoomListingOptions;
  #rooms = $state.raw<readonly RoomListItem[]>([]);
  #invitations = $state.raw<readonly ReceivedInvitation[]>([]);
  #rules = $state.raw(NO_RULES);
  readonly #unreadTotal = $derived(this.#rooms.reduce((sum, room) => sum + loudUnread(room), 0));
  #isDue = false;
  readonly #answers = new InvitationAnswers();

  constructor(options: RoomListingOptions) {
    this.#options = options;
  }

  /** Newest activity first. */
  get rooms() {
    return this.#rooms;
  }
  get invitations() {
    return this.#invitations;
  }
  get unreadTotal() {
    return this.#unreadTotal;
  }
  /** Of what one is told at once. */
  get rules() {
    return this.#rules;
  }

  listSoon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => this.list());
  }

  list(): void {
    this.#isDue = false;
    const client = this.#options.client();
    if (!client) return;
    const { person, plainMarkdown, listed } = this.#options;
    const { rooms, invitations, unsent } = roomLines(client, person, plainMarkdown, this.#answers);
    this.#rooms = rooms;
    this.#invitations = invitations;
    const { rules } = client.marks;
    // Who is typing in a form of them is not disturbed by every message.
    if (JSON.stringify(rules) !== JSON.stringify(this.#rules)) this.#rules = rules;
    listed(client, unsent);
  }

  end(): void {
    this.#answers.clear();
    this.#rooms = [];
  }
}
