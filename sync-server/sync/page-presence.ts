// Who is present on one page, told to its channels in at most one frame a second and channel, so that n people cost
// O(n) frames. The server owns the clocks that go out and keeps every shown state from expiring (30 s at receivers).
//
//   a state changes → dirty → flush, at once if the last was over a second ago, else when that second is over
//   flush: wanted states − shown states → lines, shared by all, less each receiver's own
//   every PRESENCE_RENEW_MS: all shown states again with a newer clock
//   crowded (over PRESENCE_MAX_LISTED present): wanted = those who type, and one count under the server's id
//
// Who keeps back that they type is shown without it, and is shown the others without it: so there are two views of what
// is wanted and shown, and each seat has one of them. A state that differs by that alone is no news in the quiet view.

import { PRESENCE_MAX_LISTED } from '#protocol/limits.ts';
import type { UserId } from '#protocol/ids.ts';
import type { PresenceCount } from '#protocol/presence.ts';
import { PresenceSeat, isNull } from './presence-seat.ts';
import type { PrivacyChoices } from '../personal/privacy-choices.ts';
import type { Timers } from '../timers.ts';
import { encodeAwareness, encodeAwarenessRecord, type AwarenessRecord } from './y-message.ts';

export const PRESENCE_FLUSH_MS = 1_000;
export const PRESENCE_RENEW_MS = 12_000;
/** A crowded page is listed again only well below the bound, so that one person's coming and going costs nothing. */
const LISTED_AGAIN = Math.floor(PRESENCE_MAX_LISTED * 0.8);
/** How long nobody else may take an id that is gone: the echo of stock clients would bring its state back to life. */
const RETIRED_MS = 60_000;

/** With who types, or without. */
type View = 'open' | 'quiet';
/** Awareness id → JSON. */
type States = ReadonlyMap<number, string>;
type Views = Readonly<Record<View, States>>;

const NOTHING: Views = { open: new Map(), quiet: new Map() };

export class PagePresence {
  readonly #privacy: Pick<PrivacyChoices, 'of'>;
  readonly #timers: Timers;
  readonly #random32: () => number;
  readonly #seats = new Set<PresenceSeat>();
  readonly #byId = new Map<number, PresenceSeat>();
  readonly #retired = new Map<number, { readonly user: UserId; readonly untilMs: number }>();
  /** What receivers have. */
  #shown = NOTHING;
  #crowded = false;
  readonly #serverId: number;
  #clock = 0;
  #sentAtMs = -Infinity;
  #cancelFlush: (() => void) | null = null;
  #cancelRenewal: (() => void) | null = null;

  constructor(privacy: Pick<PrivacyChoices, 'of'>, timers: Timers, random32: () => number) {
    this.#privacy = privacy;
    this.#timers = timers;
    this.#random32 = random32;
    this.#serverId = random32();
  }

  get isEmpty(): boolean {
    return this.#seats.size === 0;
  }

  /**
   * Takes a seat under an id that the server chooses.
   * @param documentId the Yjs client id that the channel's page writes under
   */
  join(
    user: UserId,
    documentId: number,
    send: (message: Uint8Array) => void
  ): { seat: PresenceSeat; awarenessId: number } {
    const awarenessId = this.#freeId(documentId);
    const seat = new PresenceSeat({ user, awarenessId, documentId, send });
    this.#byId.set(awarenessId, seat);
    this.#seats.add(seat);
    return { seat, awarenessId };
  }

  /** Takes a seat for a stock client, whose id shows in its first message. */
  joinStock(user: UserId, send: (message: Uint8Array) => void): PresenceSeat {
    const seat = new PresenceSeat({ user, awarenessId: null, documentId: null, send });
    this.#seats.add(seat);
    return seat;
  }

  /** The newest of a message's records that this seat may speak, or null. A stock client's first id is bound. */
  ownRecord(seat: PresenceSeat, records: readonly AwarenessRecord[]): AwarenessRecord | null {
    let own: AwarenessRecord | null = null;
    for (const record of records) {
      if (seat.awarenessId === null && !isNull(record) && this.#mayClaim(seat, record.clientId)) {
        this.#bind(seat, record.clientId);
      }
      if (record.clientId === seat.awarenessId && seat.isNews(record)) own = record;
    }
    return own;
  }

  /** Takes an `ownRecord`. False: not a state, or too large; what was said before stands. */
  take(seat: PresenceSeat, record: AwarenessRecord): boolean {
    const taken = seat.take(record);
    if (taken === 'changed') this.#changed();
    return taken !== 'refused';
  }

  /** All that is shown now, to one seat (a joiner, or a client that asked). */
  tell(seat: PresenceSeat): void {
    this.#tell(seat, this.#shown[this.#viewOf(seat)]);
  }

  /** A person tells others that they type from now on, or keeps that back. */
  privacyChanged(user: UserId): void {
    let isHere = false;
    for (const seat of this.#seats) {
      if (seat.user !== user) continue;
      isHere = true;
      const now = this.#viewOf(seat);
      const gone = [...this.#shown[now === 'open' ? 'quiet' : 'open'].keys()].filter((id) => !this.#shown[now].has(id));
      this.#tell(seat, new Map([...this.#shown[now], ...gone.map((id) => [id, 'null'] as const)]));
    }
    if (isHere) this.#changed();
  }

  leave(seat: PresenceSeat): void {
    if (!this.#seats.delete(seat)) return;
    if (seat.awarenessId !== null) this.#retire(seat, seat.awarenessId);
    if (this.#seats.size === 0) return this.#stop();
    if (seat.state !== null) this.#changed();
  }

  users(): Set<UserId> {
    return new Set(this.#present().map((seat) => seat.user));
  }

  /** One for each of a person's seats. */
  *statuses(): Iterable<readonly [user: UserId, status: 'here' | 'away']> {
    for (const { user, state } of this.#present()) yield [user, state?.away ? 'away' : 'here'];
  }

  /** A free id, or one that the same person held: a stock client that came back before its old line was given up. */
  #mayClaim(seat: PresenceSeat, id: number): boolean {
    const holder = this.#byId.get(id);
    if (holder) return holder.user === seat.user && holder.isStock;
    if (id === this.#serverId) return false;
    const retired = this.#retired.get(id);
    return !retired || retired.user === seat.user || retired.untilMs <= this.#timers.nowMs();
  }

  #bind(seat: PresenceSeat, id: number): void {
    const holder = this.#byId.get(id);
    if (holder) {
      // It stays on the page unbound until its socket ends.
      holder.awarenessId = null;
      holder.state = null;
    }
    seat.awarenessId = id;
    this.#byId.set(id, seat);
  }

  #retire(seat: PresenceSeat, id: number): void {
    const nowMs = this.#timers.nowMs();
    for (const [old, { untilMs }] of this.#retired) {
      if (untilMs > nowMs) break;
      this.#retired.delete(old);
    }
    this.#retired.delete(id);
    this.#retired.set(id, { user: seat.user, untilMs: nowMs + RETIRED_MS });
    this.#byId.delete(id);
  }

  #present(): PresenceSeat[] {
    return [...this.#seats].filter((seat) => seat.state !== null);
  }

  #changed(): void {
    if (this.#cancelFlush) return;
    const waitMs = this.#sentAtMs + PRESENCE_FLUSH_MS - this.#timers.nowMs();
    if (waitMs <= 0) return this.#flush();
    this.#cancelFlush = this.#timers.after(waitMs, () => {
      this.#cancelFlush = null;
      this.#flush();
    });
  }

  #flush(): void {
    const wanted = this.#wanted();
    const lines: Views = {
      open: changesOf(this.#shown.open, wanted.open),
      quiet: changesOf(this.#shown.quiet, wanted.quiet)
    };
    this.#shown = wanted;
    if (lines.open.size + lines.quiet.size === 0) return;
    this.#broadcast(lines);
    this.#scheduleRenewal();
  }

  /** What everybody should have now. */
  #wanted(): Views {
    const present = this.#present();
    if (present.length > PRESENCE_MAX_LISTED) this.#crowded = true;
    else if (present.length <= LISTED_AGAIN) this.#crowded = false;

    const typing = new Set(present.filter((seat) => seat.state!.typing && this.#viewOf(seat) === 'open'));
    const listed = this.#crowded ? [...typing].slice(0, PRESENCE_MAX_LISTED) : present;
    const open = new Map(
      listed.map((seat) => [seat.awarenessId!, seat.state![typing.has(seat) ? 'json' : 'quietJson']])
    );
    // Nobody is listed on a crowded page but for what the quiet view leaves out.
    const quiet = new Map(this.#crowded ? [] : present.map((seat) => [seat.awarenessId!, seat.state!.quietJson]));
    if (this.#crowded) {
      const count: PresenceCount = { count: new Set(present.map((seat) => seat.user)).size };
      for (const view of [open, quiet]) view.set(this.#serverId, JSON.stringify(count));
    }
    return { open, quiet };
  }

  #viewOf({ user }: PresenceSeat): View {
    return this.#privacy.of(user).typing ? 'open' : 'quiet';
  }

  #tell(seat: PresenceSeat, states: States): void {
    const lines = [...states].filter(([id]) => id !== seat.awarenessId);
    if (lines.length === 0) return;
    // A client that was here before has dropped the states but kept their clocks.
    const clock = this.#nextClock();
    seat.send(encodeAwareness(lines.map(([id, json]) => encodeAwarenessRecord(id, clock, json))));
  }

  #broadcast(lines: Views): void {
    this.#sentAtMs = this.#timers.nowMs();
    const clock = this.#nextClock();
    const seats = Map.groupBy(this.#seats, (seat) => this.#viewOf(seat));
    for (const [view, ofView] of seats) if (lines[view].size > 0) this.#send(lines[view], ofView, clock);
  }

  #send(lines: States, seats: readonly PresenceSeat[], clock: number): void {
    const encoded = new Map([...lines].map(([id, json]) => [id, encodeAwarenessRecord(id, clock, json)]));
    const shared = encodeAwareness([...encoded.values()]);
    for (const seat of seats) {
      if (seat.awarenessId === null || !encoded.has(seat.awarenessId)) {
        seat.send(shared);
        continue;
      }
      // A client's own state would come back over what it has set since.
      const others = [...encoded].filter(([id]) => id !== seat.awarenessId).map(([, record]) => record);
      if (others.length > 0) seat.send(encodeAwareness(others));
    }
  }

  #scheduleRenewal(): void {
    if (this.#cancelRenewal || this.#isNothingShown()) return;
    this.#cancelRenewal = this.#timers.after(PRESENCE_RENEW_MS, () => {
      this.#cancelRenewal = null;
      if (this.#isNothingShown()) return;
      this.#broadcast(this.#shown);
      this.#scheduleRenewal();
    });
  }

  #isNothingShown(): boolean {
    return this.#shown.open.size + this.#shown.quiet.size === 0;
  }

  #stop(): void {
    this.#cancelFlush?.();
    this.#cancelRenewal?.();
    this.#cancelFlush = null;
    this.#cancelRenewal = null;
    this.#shown = NOTHING;
  }

  /** One clock for all ids. Epoch ms: newer than what receivers kept from before a restart of the server, too. */
  #nextClock(): number {
    this.#clock = Math.max(this.#clock + 1, this.#timers.nowMs());
    return this.#clock;
  }

  /** Never the id of a document that is open here, as far as it is known: people would take one for the other. */
  #freeId(documentId: number | null): number {
    for (;;) {
      const id = this.#random32();
      const isTaken = id === this.#serverId || this.#byId.has(id) || this.#retired.has(id);
      if (!isTaken && id !== documentId && ![...this.#seats].some((seat) => seat.documentId === id)) return id;
    }
  }
}

/** What is to be told to who has the one, so that they have the other. */
function changesOf(shown: States, wanted: States): States {
  const lines = new Map<number, string>();
  for (const id of shown.keys()) if (!wanted.has(id)) lines.set(id, 'null');
  for (const [id, json] of wanted) if (shown.get(id) !== json) lines.set(id, json);
  return lines;
}
