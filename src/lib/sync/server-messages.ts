// What the server says beside the pages, brought to whom it concerns. Invariant: the cursor moves on only once all that
// lies before it is on disk, so that a crash asks for it again.

import { CLOSE } from '#protocol/close-codes.ts';
import type { ServerMessage } from '#protocol/control.ts';
import type { RefusalCode } from '#protocol/refusal-codes.ts';
import type { DeviceSigner } from '../proof/device-signer.ts';
import type { UserDb } from '../storage/user-db.ts';
import type { BackgroundSync } from './background-sync.ts';
import type { Files } from './files.ts';
import type { MuxSocket } from './mux-socket.ts';
import { newsOf } from './news.ts';
import type { OpenRooms } from './open-rooms.ts';
import type { Outbox } from './outbox.ts';
import type { Profiles } from './profiles.ts';
import type { Receipts } from './receipts.ts';
import type { RoomList } from './room-list.ts';
import type { ScheduledMessages } from './scheduled-messages.ts';
import type { SealedPages } from './sealed-pages.ts';
import { isOfSigning } from './sender.ts';
import type { SyncEvents } from './sync-events.ts';

const CURSOR = 'cursor';

export interface ServerMessagesParts {
  readonly me: string;
  readonly db: Pick<UserDb, 'meta' | 'putMeta'>;
  readonly mux: Pick<MuxSocket, 'up' | 'stop'>;
  readonly list: RoomList;
  readonly rooms: OpenRooms;
  readonly sealed: SealedPages;
  readonly outbox: Outbox;
  readonly signer: DeviceSigner;
  readonly background: BackgroundSync;
  readonly files: Files;
  readonly scheduled: ScheduledMessages;
  readonly receipts: Receipts;
  readonly profiles: Profiles;
  readonly events: Pick<SyncEvents, 'news' | 'presence' | 'refused'>;
}

export class ServerMessages {
  readonly #parts: ServerMessagesParts;
  #cursor: number | null = null;

  constructor(parts: ServerMessagesParts) {
    this.#parts = parts;
  }

  /** Up to where this device knows of changed pages; null: of none. */
  get cursor(): number | null {
    return this.#cursor;
  }

  async load(): Promise<void> {
    this.#cursor = (await this.#parts.db.meta<number>(CURSOR)) ?? null;
  }

  take(message: Exclude<ServerMessage, { type: 'hello' }>): void {
    switch (message.type) {
      case 'rooms': {
        const news = message.changed.map((after) => newsOf(this.#parts.list.summary(after.id), after, this.#parts.me));
        void this.#parts.list.change(message.changed, message.gone);
        for (const room of message.gone) void this.#parts.files.closed(room);
        for (const one of news) if (one) this.#parts.events.news(one);
        return;
      }
      case 'pages':
        void this.pagesChanged(message.changed, message.cursor);
        return;
      case 'read':
        void this.#parts.list.readElsewhere(message.room, message.n, message.unread);
        return;
      case 'refused':
        void this.#refused(message.room, message.id, message.code);
        return;
      case 'scheduled':
        this.#parts.scheduled.wake();
        return;
      case 'receipts':
      case 'receipt-counts':
        this.#parts.receipts.take(message);
        return;
      case 'presence':
        this.#parts.events.presence(message.people);
        return;
      case 'people':
        void this.#parts.profiles.changed(message.changed);
        return;
      case 'revoked':
        this.#parts.mux.stop();
        this.#parts.events.refused(CLOSE.signedOut, message.cause ?? null);
    }
  }

  async pagesChanged(
    changed: readonly { readonly room: string; readonly page: number; readonly revision: number }[],
    cursor: number
  ): Promise<void> {
    for (const { room, page, revision } of changed) {
      await this.#parts.sealed.markChanged({ room, page }, revision).catch(() => undefined);
      await this.#parts.rooms.get(room)?.pageChanged(page);
    }
    // Only now: a crash before asks the server for the same changes again.
    this.#cursor = cursor;
    await this.#parts.db.putMeta(CURSOR, cursor);
    if (this.#parts.mux.up) await this.#parts.sealed.refresh();
  }

  async #refused(room: string, id: string, code: RefusalCode): Promise<void> {
    const { rooms, outbox, signer, background } = this.#parts;
    const replica = rooms.get(room);
    if (replica) return replica.refused(id, code);
    // The room was closed since: what may be taken at another try goes out when it is opened next.
    if (code === 'sealed') return;
    if (code === 'no-change') return outbox.remove(room, [id]);
    if (isOfSigning(code) && (await signer.refused(id))) return background.lineUp();
    await outbox.fail(room, id, code);
  }
}
