// One page of a live room: its gate (staged), its bytes on disk (committed), and the channels that are open on it.
// What is staged leaves through `takeStaged` into a commit; channels are told of it only after `committed`.

import * as Y from 'yjs';
import type { Arrival, Seal } from '#protocol/arrival.ts';
import type { EntryId, PageRef } from '#protocol/ids.ts';
import type { PageGate } from '../gate/gate-contract.ts';
import { createPageGate } from '../gate/page-gate.ts';
import { emptyPage } from '../gate/page-gate-state.ts';
import type { RoomState } from '#protocol/room-state.ts';
import { CommittedPage } from './committed-page.ts';
import { mergeInSteps } from './merge-updates.ts';
import type { PageChannel } from './page-channel.ts';
import { withoutEntries } from './page-content.ts';

export interface StagedPage {
  /** What readers lack; of erased content the deletion alone. */
  readonly update: Uint8Array;
  /** The page from now on, when content was erased. */
  readonly whole: Uint8Array | null;
}

export class RoomPage {
  readonly ref: PageRef;
  readonly gate: PageGate;
  readonly committed: CommittedPage;
  readonly channels = new Set<PageChannel>();
  #updates: Uint8Array[] = [];
  #arrivals: Arrival[] = [];
  /** The whole page as it was when content was erased; what was staged since stands in `#updates`. */
  #rewritten: Uint8Array | null = null;
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
    return this.#updates.length > 0 || this.#arrivals.length > 0 || this.#rewritten !== null;
  }

  flushArrivals(clientId: number): void {
    if (this.#arrivals.length > 0) this.#updates.push(this.gate.appendArrivals(clientId, this.#arrivals));
    this.#arrivals = [];
  }

  appendSeal(clientId: number, seal: Seal): void {
    this.#updates.push(this.gate.appendArrivals(clientId, [seal]));
  }

  /** Takes the content of entries away, staged ones too. */
  erase(ids: ReadonlySet<EntryId>): void {
    this.#rewritten = withoutEntries(this.staged(), ids);
    this.#updates = [];
  }

  /** The whole page with what is staged. */
  staged(): Uint8Array {
    return mergeInSteps([this.#rewritten ?? this.committed.whole(), ...this.#updates]);
  }

  /** All that was staged since the last call; null: nothing. */
  takeStaged(): StagedPage | null {
    const updates = this.#updates;
    const rewritten = this.#rewritten;
    this.#updates = [];
    this.#rewritten = null;
    this.#toldAgain.clear();
    if (rewritten) {
      const whole = mergeInSteps([rewritten, ...updates]);
      return { update: Y.diffUpdate(whole, this.committed.encodedStateVector()), whole };
    }
    return updates.length === 0 ? null : { update: mergeInSteps(updates), whole: null };
  }
}
