// One open page of one connection: y-websocket messages in, the room's and the page's presence out. The same for a
// channel of the multiplexed socket and for a stock client's own socket; `ChannelWire` is what differs.

import assert from 'node:assert/strict';
import { CLOSE, type CloseCode } from '#protocol/close-codes.ts';
import { docName, type EntryId, type UserId } from '#protocol/ids.ts';
import type { RefusalCode } from '#protocol/refusal-codes.ts';
import type { Session } from '../accounts/session.ts';
import type { Attached, OpenPage, PageAttachment, PageReader, RoomService } from '../rooms/room-service.ts';
import type { Allowance } from './allowance.ts';
import type { PagePresence } from './page-presence.ts';
import type { Presence } from './presence.ts';
import type { PresenceSeat } from './presence-seat.ts';
import type { SyncLog } from './sync-contract.ts';
import type { Timers } from '../timers.ts';
import { readYMessage, type AwarenessRecord } from './y-message.ts';

/** The way to the far side of a channel. */
export interface ChannelWire {
  /** Comes before any `send`. @param awarenessId null: the client has its own */
  opened(awarenessId: number | null): void;
  /** A whole y-websocket message; shared between channels, so never changed. */
  send(message: Uint8Array): void;
  refused(id: EntryId, code: RefusalCode, detail: string): void;
  /** The server ends the channel; comes once, and not after `PageChannel.end`. */
  close(code: CloseCode): void;
}

export interface ChannelDeps {
  readonly rooms: RoomService;
  readonly presence: Presence;
  readonly timers: Timers;
  readonly log: SyncLog;
}

type Phase =
  /** `held`: what the room sent before it had said that the page is open. */
  | { readonly name: 'opening'; readonly held: Uint8Array[] }
  | {
      readonly name: 'open';
      readonly attachment: PageAttachment;
      readonly page: PagePresence;
      readonly seat: PresenceSeat;
    }
  | { readonly name: 'closed' };

const TOO_MANY: Attached = { ok: false, close: CLOSE.rateLimited };

export class PageChannel implements PageReader {
  readonly user: UserId;
  readonly kind: Session['kind'];
  readonly #deps: ChannelDeps;
  readonly #open: OpenPage;
  readonly #allowance: Allowance;
  readonly #wire: ChannelWire;
  #phase: Phase = { name: 'opening', held: [] };
  /** Counts among the person's channels on the page. */
  #isHeld = false;
  /** A change of presence beyond the person's rate: the newest, until its turn comes. */
  #waiting: { record: AwarenessRecord; readonly cancel: () => void } | null = null;

  constructor(deps: ChannelDeps, page: OpenPage, session: Session, allowance: Allowance, wire: ChannelWire) {
    this.#deps = deps;
    this.#open = page;
    this.user = session.user.id;
    this.kind = session.kind;
    this.#allowance = allowance;
    this.#wire = wire;
  }

  get isOpen(): boolean {
    return this.#phase.name === 'open';
  }

  /** Attaches to the page; resolves once the channel is open or closed. Never rejects. */
  async start(): Promise<void> {
    this.#allowance.spendOpen();
    this.#isHeld = this.#allowance.tryHoldChannel(docName(this.#open));
    let attached: Attached;
    try {
      attached = await (this.#isHeld ? this.#deps.rooms.attach(this.#open, this) : TOO_MANY);
    } catch (error) {
      this.#deps.log.warn({ room: this.#open.room, page: this.#open.page, err: error }, 'a page could not be opened');
      attached = { ok: false, close: CLOSE.storage };
    }
    if (this.#phase.name !== 'opening') {
      if (attached.ok) attached.attachment.detach();
      return;
    }
    if (attached.ok) this.#opened(attached.attachment, this.#phase.held);
    else this.close(attached.close);
  }

  /** A whole message from the far side; only while open. */
  receive(bytes: Uint8Array): void {
    assert(this.#phase.name === 'open', 'a message on a channel that is not open');
    const { attachment, page, seat } = this.#phase;
    const message = readYMessage(bytes);
    switch (message?.kind) {
      case 'step1': {
        const startedAt = performance.now();
        attachment.syncStep1(message.stateVector);
        return this.spent(performance.now() - startedAt);
      }
      case 'update':
        this.#allowance.spendUpdate();
        return attachment.receive(message.update);
      case 'awareness':
        return this.#hear(message.records);
      case 'query-awareness':
        if (this.#allowance.tryTakePresence()) page.tell(seat);
        return;
      case 'other':
        return;
      case undefined:
        return this.#finish(CLOSE.malformed);
    }
  }

  /** The far side is gone. */
  end(): void {
    this.#finish(null);
  }

  // PageReader: what the room calls.

  send(message: Uint8Array): void {
    if (this.#phase.name === 'opening') this.#phase.held.push(message);
    else if (this.#phase.name === 'open') this.#wire.send(message);
  }

  refused(id: EntryId, code: RefusalCode, detail: string): void {
    if (this.#phase.name !== 'closed') this.#wire.refused(id, code, detail);
  }

  spent(ms: number): void {
    this.#allowance.spendWork(ms);
  }

  close(code: CloseCode): void {
    this.#finish(code);
  }

  #opened(attachment: PageAttachment, held: readonly Uint8Array[]): void {
    const page = this.#deps.presence.page(this.#open);
    const { clientId } = this.#open;
    const send = (message: Uint8Array) => this.#wire.send(message);
    const { seat, awarenessId } =
      clientId === null
        ? { seat: page.joinStock(this.user, send), awarenessId: null }
        : page.join(this.user, clientId, send);
    this.#phase = { name: 'open', attachment, page, seat };
    this.#wire.opened(awarenessId);
    for (const message of held) this.send(message);
    // Sending may have ended the channel: a reader can be too slow already.
    if (this.isOpen) page.tell(seat);
  }

  #hear(records: readonly AwarenessRecord[]): void {
    assert(this.#phase.name === 'open');
    const { attachment, page, seat } = this.#phase;
    const idBefore = seat.awarenessId;
    const record = page.ownRecord(seat, records);
    if (seat.awarenessId !== null && seat.awarenessId !== idBefore) {
      attachment.bind?.(seat.awarenessId);
      // The id may belong to another person's document: then the channel is closed by now.
      if (!this.isOpen) return;
    }
    if (!record) return;
    if (this.#waiting) this.#waiting.record = record;
    else if (!seat.renew(record)) this.#say(record);
  }

  #say(record: AwarenessRecord): void {
    if (this.#phase.name !== 'open') return;
    const { page, seat } = this.#phase;
    if (!this.#allowance.tryTakePresence()) {
      this.#waiting = {
        record,
        cancel: this.#deps.timers.after(this.#allowance.presenceWaitMs(), () => this.#sayWaiting())
      };
    } else if (!page.take(seat, record)) {
      this.#deps.log.debug(
        { user: this.user, room: this.#open.room },
        'a presence state was too large or not an object'
      );
    }
  }

  #sayWaiting(): void {
    const record = this.#waiting?.record;
    this.#waiting = null;
    if (record) this.#say(record);
  }

  /** @param code null: the far side ended it and is not told */
  #finish(code: CloseCode | null): void {
    const phase = this.#phase;
    if (phase.name === 'closed') return;
    this.#phase = { name: 'closed' };
    if (this.#isHeld) this.#allowance.releaseChannel(docName(this.#open));
    this.#waiting?.cancel();
    this.#waiting = null;
    if (phase.name === 'open') {
      phase.page.leave(phase.seat);
      this.#deps.presence.release(this.#open);
      phase.attachment.detach();
    }
    if (code !== null) this.#wire.close(code);
  }
}
