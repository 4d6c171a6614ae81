// The staged state of one live page, and the only place that changes it: each element taken moves its client id's
// clock by one, belongs to an owner, and goes into the draft of the update that carries it.

import assert from 'node:assert/strict';
import type { Entry } from '#protocol/entry.ts';
import { fold } from '#protocol/fold.ts';
import type { RoomId, UserId } from '#protocol/ids.ts';
import { PAGE_MAX_BYTES, PAGE_MAX_CLIENT_IDS, PAGE_MAX_ENTRIES } from '#protocol/limits.ts';
import type { RoomState } from '#protocol/room-state.ts';
import { ARRIVALS_ROOT, MESSAGES_ROOT } from '#protocol/arrival.ts';
import { isServerClientId } from './server-client-ids.ts';
import type { Owner, PageGateState, PageGateView, ServerOwner } from './gate-contract.ts';
import type { Id } from './update-decoder.ts';
import { UpdateDraft } from './update-draft.ts';

/** Client ids bound by channels that have written nothing yet, at most: the oldest give way, a person's own first. */
const BOUND_MAX = 4_096;
const BOUND_PER_USER_MAX = 256;

const MESSAGES_OWNER: ServerOwner = 'server:messages';
const ARRIVALS_OWNER: ServerOwner = 'server:arrivals';

export class LivePage {
  readonly #ref: PageGateState['ref'];
  readonly #stateVector: Map<number, number>;
  readonly #owners: Map<number, Owner>;
  /** Not stored: a client id nobody has seen a struct of is known to its own device alone. */
  readonly #bound = new Map<number, UserId>();
  #entries: number;
  #bytes: number;
  #sealedTo: number | null;
  #lastArrival: Id | null;
  #lastServerMessage: Id | null;
  #room: RoomState | null;
  #draft = new UpdateDraft();

  constructor(state: PageGateState) {
    this.#ref = state.ref;
    this.#stateVector = new Map(state.stateVector);
    this.#owners = new Map(state.owners);
    this.#entries = state.entries;
    this.#bytes = state.bytes;
    this.#sealedTo = state.sealedTo;
    this.#lastArrival = state.lastArrival;
    this.#lastServerMessage = state.lastServerMessage;
    this.#room = state.room;
  }

  view(): PageGateView {
    return {
      ref: this.#ref,
      stateVector: new Map(this.#stateVector),
      owners: new Map(this.#owners),
      entries: this.#entries,
      bytes: this.#bytes,
      sealedTo: this.#sealedTo,
      lastArrival: this.#lastArrival,
      lastServerMessage: this.#lastServerMessage,
      room: this.#room,
      full: this.full && !this.sealed
    };
  }

  get roomId(): RoomId {
    return this.#ref.room;
  }
  get page(): number {
    return this.#ref.page;
  }

  get room(): RoomState | null {
    return this.#room;
  }

  get sealed(): boolean {
    return this.#sealedTo !== null;
  }

  /** At one of the limits, what is in the draft counted. */
  get full(): boolean {
    return (
      this.#entries >= PAGE_MAX_ENTRIES ||
      this.#bytes + this.#draft.estimatedBytes >= PAGE_MAX_BYTES ||
      this.#stateVector.size >= PAGE_MAX_CLIENT_IDS
    );
  }

  nextClock(client: number): number {
    return this.#stateVector.get(client) ?? 0;
  }

  ownerOf(client: number): Owner | undefined {
    return this.#owners.get(client) ?? this.#bound.get(client);
  }

  /**
   * The server's ids are the same on all pages of a process, so people learn them before it has written here: nobody
   * may be first under one.
   */
  mayWrite(client: number, user: UserId): boolean {
    const owner = this.ownerOf(client);
    return owner === undefined ? !isServerClientId(client) : owner === user;
  }

  isArrival(id: Id): boolean {
    return this.ownerOf(id.client) === ARRIVALS_OWNER;
  }

  bind(client: number, user: UserId): boolean {
    if (!this.mayWrite(client, user)) return false;
    if (this.ownerOf(client) !== undefined) return true;
    const own = [...this.#bound].filter(([, owner]) => owner === user);
    if (own.length >= BOUND_PER_USER_MAX) this.#bound.delete(own[0]![0]);
    this.#bound.set(client, user);
    if (this.#bound.size > BOUND_MAX) this.#bound.delete(this.#bound.keys().next().value!);
    return true;
  }

  /** An entry of a member, at its client id's next clock. */
  takeEntry(owner: UserId, id: Id, origin: Id | null, entry: Entry, encoded: Uint8Array): void {
    this.#take(owner, id, origin, MESSAGES_ROOT, encoded);
    this.#entries += 1;
    this.#room = fold(this.#room, entry);
  }

  /** What stands in the place of an element that was not taken. */
  takeTombstone(owner: UserId, id: Id, origin: Id | null): void {
    this.#take(owner, id, origin, MESSAGES_ROOT, null);
  }

  /** An entry that the server writes, right of its last one. */
  appendEntry(client: number, entry: Entry, encoded: Uint8Array): void {
    const id = { client, clock: this.nextClock(client) };
    this.#take(MESSAGES_OWNER, id, this.#lastServerMessage, MESSAGES_ROOT, encoded);
    this.#lastServerMessage = id;
    this.#entries += 1;
    // A snapshot is made from this state, cut down to what a client needs: it must not take members away here.
    if (entry.type !== 'snapshot' || this.#room === null) this.#room = fold(this.#room, entry);
  }

  appendArrival(client: number, encoded: Uint8Array): void {
    const id = { client, clock: this.nextClock(client) };
    this.#take(ARRIVALS_OWNER, id, this.#lastArrival, ARRIVALS_ROOT, encoded);
    this.#lastArrival = id;
  }

  seal(next: number): void {
    this.#sealedTo = next;
  }

  /** The update of all that was taken since the last call; null: nothing. */
  finishUpdate(): Uint8Array | null {
    if (this.#draft.empty) return null;
    const update = this.#draft.encode();
    this.#draft = new UpdateDraft();
    this.#bytes += update.length;
    return update;
  }

  #take(owner: Owner, id: Id, origin: Id | null, root: string, content: Uint8Array | null): void {
    assert.equal(id.clock, this.nextClock(id.client), 'an element is taken at the next clock');
    const before = this.#owners.get(id.client);
    assert.ok(before === undefined || before === owner, `client id ${id.client} belongs to ${before}`);
    this.#draft.add(id.client, { clock: id.clock, origin, root, content });
    this.#stateVector.set(id.client, id.clock + 1);
    this.#owners.set(id.client, owner);
    this.#bound.delete(id.client);
  }
}
