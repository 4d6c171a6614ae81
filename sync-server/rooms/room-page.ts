// One page of a live room: its gate (staged), its bytes on disk (committed), and the channels that are open on it.
// What is staged leaves through `takeStaged` into a commit; channels are told of it only after `committed`.

import type { Arrival, Seal } from '#protocol/arrival.ts';
import type { PageRef } from '#protocol/ids.ts';
import type { PageGate } from '../gate/gate-contract.ts';
import { createPageGate } from '../gate/page-gate.ts';
import { emptyPage } from '../gate/page-gate-state.ts';
import type { RoomState } from '#protocol/room-state.ts';
import { CommittedPage } from './committed-page.ts';
import { mergeInSteps } from './merge-updates.ts';
import type { PageChannel } from './page-channel.ts';

export class RoomPage {
  readonly ref: PageRef;
  readonly gate: PageGate;
  readonly committed: CommittedPage;
  readonly channels = new Set<PageChannel>();
  #updates: Uint8Array[] = [];
  #arrivals: Arrival[] = [];
  readonly #toldAgain = new Set<string>();

  constructor(ref: PageRef, gate: PageGate, committed: CommittedPage) {
    this.ref = ref;
    this.gate = gate;
    this.committed = committed;
  }

  /** A page that nothing was written to. */
  static empty(ref: PageRef, state: RoomState | null): RoomPage {
    return new RoomPage(ref, createPageGate(emptyPage(ref, state)), new CommittedPage(null, [], new Map()));
  }

  /** @param update what the gate has just staged */
  stage(update: Uint8Array): void {
    this.#updates.push(update);
  }

  /** Arrivals are collected and written in one run by `flushArrivals`. */
  stageArrival(arrival: Arrival): void {
    this.#arrivals.push(arrival);
  }

  /** An entry of an older page was offered here: its sender learns that it arrived long ago. */
  tellAgain(arrival: Arrival): void {
    if (this.#toldAgain.has(arrival.id)) return;
    this.#toldAgain.add(arrival.id);
    this.#arrivals.push(arrival);
  }

  get touched(): boolean {
    return this.#updates.length > 0 || this.#arrivals.length > 0;
  }

  flushArrivals(clientId: number): void {
    if (this.#arrivals.length > 0) this.#updates.push(this.gate.appendArrivals(clientId, this.#arrivals));
    this.#arrivals = [];
  }

  appendSeal(clientId: number, seal: Seal): void {
    this.#updates.push(this.gate.appendArrivals(clientId, [seal]));
  }

  /** The whole page with what is staged. */
  staged(): Uint8Array {
    return mergeInSteps([this.committed.whole(), ...this.#updates]);
  }

  /** All that was staged since the last call, as one update; null: nothing. */
  takeStaged(): Uint8Array | null {
    const updates = this.#updates;
    this.#updates = [];
    this.#toldAgain.clear();
    return updates.length === 0 ? null : mergeInSteps(updates);
  }
}
