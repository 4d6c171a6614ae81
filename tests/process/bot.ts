// A small honest client over the stock y-websocket path: keeps its document over lost lines, follows sealed pages,
// offers again what has no arrival. Used to load a server and to say afterwards what it had acknowledged.

import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { WebSocket } from 'ws';
import * as syncProtocol from 'y-protocols/sync';
import * as Y from 'yjs';
import { ARRIVALS_ROOT, isSeal, MESSAGES_ROOT, parseArrival } from '#protocol/arrival.ts';
import type { Entry } from '#protocol/entry.ts';
import { docName, newEntryId } from '#protocol/ids.ts';

const MESSAGE_SYNC = 0;
const MESSAGE_AWARENESS = 1;

export interface BotOptions {
  /** `ws://localhost:3000`; read anew for each connection. */
  readonly url: () => string;
  readonly token: string;
  readonly user: string;
  readonly room: string;
  readonly page?: number;
  /** Of its first document; by default Yjs's own choice. */
  readonly clientId?: number;
}

export interface Acknowledged {
  readonly id: string;
  readonly n: number;
  readonly page: number;
}

export class Bot {
  /** Entries of anyone that this bot has seen an arrival of, in the order it saw them. */
  readonly seen: Acknowledged[] = [];
  /** Own entries that have no arrival yet, by id. */
  readonly pending = new Map<string, Entry>();
  /** The last close code, for tests of refusal to serve. */
  lastClose: number | null = null;
  readonly #options: BotOptions;
  readonly #listeners = new Set<() => void>();
  #page: number;
  #doc!: Y.Doc;
  #socket: WebSocket | null = null;
  #stopped = false;
  #retry: NodeJS.Timeout | null = null;
  #synced = false;
  #presence: Readonly<Record<string, unknown>> | null = null;
  #presenceClock = 0;

  constructor(options: BotOptions) {
    this.#options = options;
    this.#page = options.page ?? 0;
    this.#open();
    if (options.clientId !== undefined) this.#doc.clientID = options.clientId;
    this.#connect();
  }

  get page(): number {
    return this.#page;
  }

  get synced(): boolean {
    return this.#synced;
  }

  /** The server closed for good: nothing more will happen. */
  get refusedToServe(): boolean {
    return this.lastClose !== null && this.lastClose >= 4400 && this.lastClose < 4500;
  }

  /** Appends a message; resolves nothing: wait for `pending` to lose its id. */
  say(body: string): string {
    return this.append({
      id: newEntryId(Date.now()),
      type: 'message',
      author: this.#options.user,
      sentAt: Date.now(),
      body
    });
  }

  append(entry: Entry): string {
    this.pending.set(entry.id, entry);
    this.#doc.getArray(MESSAGES_ROOT).push([entry]);
    return entry.id;
  }

  /** Is seen on the page by this awareness state from now on; the server keeps it from expiring. */
  show(state: Readonly<Record<string, unknown>>): void {
    this.#presence = state;
    this.#tellPresence();
  }

  /** What stands on the page that it is on, arrived or not; of what was erased or refused only that it was there. */
  get elements(): readonly unknown[] {
    return this.#doc.getArray(MESSAGES_ROOT).toArray();
  }

  /** Waits until a condition on this bot holds; looked at after each thing that happens to it. */
  async until(condition: () => boolean): Promise<void> {
    if (condition()) return;
    await new Promise<void>((resolve) => {
      const look = () => {
        if (!condition()) return;
        this.#listeners.delete(look);
        resolve();
      };
      this.#listeners.add(look);
    });
  }

  stop(): void {
    this.#stopped = true;
    if (this.#retry) clearTimeout(this.#retry);
    this.#socket?.terminate();
    this.#doc.destroy();
  }

  [Symbol.dispose](): void {
    this.stop();
  }

  #open(): void {
    const doc = new Y.Doc();
    const page = this.#page;
    this.#doc = doc;
    this.#synced = false;
    doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin === this) return;
      const encoder = encoding.createEncoder();
      encoding.writeVarUint(encoder, MESSAGE_SYNC);
      syncProtocol.writeUpdate(encoder, update);
      this.#send(encoding.toUint8Array(encoder));
    });
    doc.getArray(ARRIVALS_ROOT).observe((event) => {
      let sealedTo: number | null = null;
      for (const change of event.changes.delta) {
        for (const value of (change.insert as unknown[] | undefined) ?? []) {
          const arrival = parseArrival(value);
          if (!arrival) continue;
          if (isSeal(arrival)) {
            sealedTo = arrival.sealed;
            continue;
          }
          this.pending.delete(arrival.id);
          this.seen.push({ id: arrival.id, n: arrival.n, page });
        }
      }
      if (sealedTo !== null && doc === this.#doc) queueMicrotask(() => this.#follow(doc, sealedTo));
      this.#happened();
    });
  }

  #follow(from: Y.Doc, page: number): void {
    if (this.#stopped || from !== this.#doc) return;
    this.#page = page;
    this.#open();
    this.#socket?.terminate();
    from.destroy();
    this.#doc.getArray(MESSAGES_ROOT).push([...this.pending.values()]);
  }

  #connect(): void {
    const url = `${this.#options.url()}/sync/${docName({ room: this.#options.room, page: this.#page })}`;
    const socket = new WebSocket(url, [`roost.token.${this.#options.token}`]);
    const doc = this.#doc;
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    socket.on('open', () => {
      if (doc !== this.#doc) return socket.terminate();
      const encoder = encoding.createEncoder();
      encoding.writeVarUint(encoder, MESSAGE_SYNC);
      syncProtocol.writeSyncStep1(encoder, doc);
      this.#send(encoding.toUint8Array(encoder));
      this.#tellPresence();
    });
    socket.on('message', (data: ArrayBuffer) => {
      if (doc !== this.#doc) return;
      const decoder = decoding.createDecoder(new Uint8Array(data));
      if (decoding.readVarUint(decoder) !== MESSAGE_SYNC) return;
      const reply = encoding.createEncoder();
      encoding.writeVarUint(reply, MESSAGE_SYNC);
      const type = syncProtocol.readSyncMessage(decoder, reply, doc, this);
      if (encoding.length(reply) > 1) this.#send(encoding.toUint8Array(reply));
      if (type === syncProtocol.messageYjsSyncStep2) this.#synced = true;
      this.#happened();
    });
    socket.on('error', () => undefined);
    socket.on('close', (code) => {
      this.lastClose = code;
      this.#happened();
      if (this.#stopped || this.refusedToServe) return;
      this.#retry = setTimeout(() => this.#connect(), 20);
    });
  }

  #tellPresence(): void {
    if (!this.#presence) return;
    const record = encoding.createEncoder();
    encoding.writeVarUint(record, 1);
    encoding.writeVarUint(record, this.#doc.clientID);
    encoding.writeVarUint(record, ++this.#presenceClock);
    encoding.writeVarString(record, JSON.stringify(this.#presence));
    const message = encoding.createEncoder();
    encoding.writeVarUint(message, MESSAGE_AWARENESS);
    encoding.writeVarUint8Array(message, encoding.toUint8Array(record));
    this.#send(encoding.toUint8Array(message));
  }

  #send(bytes: Uint8Array): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(bytes);
  }

  #happened(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
