// A client of one page for tests: a real Y.Doc that speaks the sync protocol with a room as a stock provider does.

import * as decoding from 'lib0/decoding';
import * as Y from 'yjs';
import { ARRIVALS_ROOT, MESSAGES_ROOT } from '#protocol/arrival.ts';
import type { Entry } from '#protocol/entry.ts';
import type { PageRef, UserId } from '#protocol/ids.ts';
import { readPage, type PageView } from '#protocol/order.ts';
import type { RefusalCode } from '#protocol/refusal-codes.ts';
import type { PageAttachment, PageReader, RoomService } from '../room-service.ts';

export interface ConnectOptions {
  readonly create?: boolean;
  /** Stock clients do not say which id they will write under. */
  readonly stock?: boolean;
}

export class DocClient implements PageReader {
  readonly user: UserId;
  readonly kind: PageReader['kind'];
  readonly ref: PageRef;
  readonly doc: Y.Doc;
  readonly refusals: { id: string; code: RefusalCode }[] = [];
  closedWith: number | null = null;
  /** Whole messages received, as they came. */
  readonly messages: Uint8Array[] = [];
  /** Updates received: SyncStep2 and update messages, their payloads. */
  readonly frames: Uint8Array[] = [];
  /** SyncStep1 messages received. */
  asked = 0;
  #attachment: PageAttachment | null = null;
  #before: Uint8Array[] = [];
  #watchers = new Set<() => void>();

  constructor(user: UserId, ref: PageRef, doc: Y.Doc = new Y.Doc(), kind: PageReader['kind'] = 'token') {
    this.user = user;
    this.kind = kind;
    this.ref = ref;
    this.doc = doc;
    doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== this) this.#attachment?.receive(update);
    });
  }

  /** @returns null, or the code it was closed with */
  async connect(rooms: RoomService, options: ConnectOptions = {}): Promise<number | null> {
    const { create = false, stock = false } = options;
    this.closedWith = null;
    const clientId = stock ? null : this.doc.clientID;
    const attached = await rooms.attach({ ...this.ref, clientId, create }, this);
    if (!attached.ok) return (this.closedWith = attached.close);
    this.#attachment = attached.attachment;
    for (const message of this.#before.splice(0)) this.send(message);
    this.#attachment.syncStep1(Y.encodeStateVector(this.doc));
    return null;
  }

  disconnect(): void {
    this.#attachment?.detach();
    this.#attachment = null;
  }

  append(...entries: readonly Entry[]): void {
    this.doc.transact(() => this.doc.getArray(MESSAGES_ROOT).push([...entries]));
  }

  get view(): PageView {
    return readPage(this.doc.getArray(MESSAGES_ROOT).toArray(), this.doc.getArray(ARRIVALS_ROOT).toArray());
  }

  get arrivedIds(): string[] {
    return this.view.arrived.map(({ entry }) => entry.id);
  }

  /** Resolves once true; looked at after each message and refusal, and at the end of the channel. */
  async until(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) await new Promise<void>((resolve) => this.#watchers.add(resolve));
  }

  untilArrived(...ids: readonly string[]): Promise<void> {
    const arrivals = this.doc.getArray<{ id?: string }>(ARRIVALS_ROOT);
    return this.until(() => {
      const arrived = new Set(arrivals.map(({ id }) => id));
      return ids.every((id) => arrived.has(id));
    });
  }

  send(message: Uint8Array): void {
    if (!this.#attachment) return void this.#before.push(message);
    this.messages.push(message);
    const decoder = decoding.createDecoder(message);
    if (decoding.readVarUint(decoder) !== 0) throw new Error('not a sync message');
    const step = decoding.readVarUint(decoder);
    const payload = decoding.readVarUint8Array(decoder);
    if (step === 0) {
      this.asked += 1;
      this.#attachment.receive(Y.encodeStateAsUpdate(this.doc, payload));
    } else {
      this.frames.push(payload);
      Y.applyUpdate(this.doc, payload, this);
    }
    this.#changed();
  }

  refused(id: string, code: RefusalCode): void {
    this.refusals.push({ id, code });
    this.#changed();
  }

  close(code: number): void {
    this.closedWith = code;
    this.#attachment = null;
    this.#changed();
  }

  #changed(): void {
    const watchers = [...this.#watchers];
    this.#watchers.clear();
    for (const watcher of watchers) watcher();
  }
}
