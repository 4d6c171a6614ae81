// A server in memory for the client's own tests: frames, channels, y-sync and arrivals, and every way to misbehave
// that the tests ask for. What the real gate does is tested with the real gate (tests/sync).

import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { readSyncMessage, writeSyncStep1, writeUpdate } from 'y-protocols/sync';
import * as Y from 'yjs';
import { ARRIVALS_ROOT, MESSAGES_ROOT } from '#protocol/arrival.ts';
import {
  encodeControl,
  readClientMessage,
  readOpenRequest,
  type OpenPageRequest,
  type OpenRequest
} from '#protocol/control.ts';
import type { ClientMessage, RoomSummary, ServerMessage } from '#protocol/control.ts';
import { decodeFrame, encodeClose, encodeFrame, encodeMessage, FRAME, MessageAssembler } from '#protocol/frames.ts';
import { docName } from '#protocol/ids.ts';
import { PERSONAL_DOC_NAME } from '#protocol/personal.ts';
import { PROTOCOL_VERSION } from '#protocol/version.ts';
import type { Entry } from '#protocol/entry.ts';
import type { SocketLike } from '../../environment.ts';
import { FakeTus } from './fake-tus.ts';

export const FAKE_USER = `u${'a'.repeat(22)}`;

interface FakePage {
  readonly doc: Y.Doc;
  readonly arrived: Set<string>;
}

export class FakeServer {
  readonly connections = new Set<FakeConnection>();
  readonly opened: OpenPageRequest[] = [];
  readonly messages: ClientMessage[] = [];
  readonly tus = new FakeTus();
  readonly #pages = new Map<string, FakePage>();
  attempts = 0;
  reachable = true;
  generation = 'g1';
  rooms: readonly RoomSummary[] = [];
  serverTimeMs: () => number = () => Date.now();
  protocol = PROTOCOL_VERSION;
  /** Entries are taken but not acknowledged. */
  holdArrivals = false;
  /** Close code for whoever opens their own document. */
  refusePersonal: number | null = null;
  /** A code to close a channel with instead of opening it. */
  refuseOpen: (request: OpenPageRequest) => number | null = () => null;

  connect(): SocketLike {
    this.attempts += 1;
    const connection = new FakeConnection(this);
    queueMicrotask(() => {
      if (this.reachable) connection.accept();
      else connection.fail(1006);
    });
    return connection;
  }

  page(name: string): FakePage {
    let page = this.#pages.get(name);
    if (!page) this.#pages.set(name, (page = { doc: new Y.Doc(), arrived: new Set() }));
    return page;
  }

  entries(name: string): Entry[] {
    return this.page(name).doc.getArray<Entry>(MESSAGES_ROOT).toArray();
  }

  /** Writes the arrivals that are due on a page, as the real one does after its commit. */
  acknowledge(name: string): void {
    const page = this.page(name);
    const due = this.entries(name).filter(({ id }) => !page.arrived.has(id));
    if (due.length === 0) return;
    for (const { id } of due) page.arrived.add(id);
    page.doc
      .getArray(ARRIVALS_ROOT)
      .push(due.map(({ id }, index) => ({ id, at: 1_000, n: page.arrived.size - due.length + index + 1 })));
  }

  tell(message: ServerMessage): void {
    for (const connection of this.connections) connection.control(message);
  }

  ping(): void {
    for (const connection of this.connections) connection.deliver(encodeFrame(0, FRAME.ping));
  }

  /** Ends every connection with this code. */
  drop(code: number, reason = ''): void {
    for (const connection of [...this.connections]) connection.fail(code, reason);
  }

  /** Ends every channel with this code; the line stays. */
  closeChannels(code: number): void {
    for (const connection of this.connections) connection.closeChannels(code);
  }
}

export class FakeConnection implements SocketLike {
  binaryType: BinaryType = 'blob';
  readonly bufferedAmount = 0;
  onopen: SocketLike['onopen'] = null;
  onmessage: SocketLike['onmessage'] = null;
  onclose: SocketLike['onclose'] = null;
  onerror: SocketLike['onerror'] = null;
  readonly sentBytes: number[] = [];
  pongs = 0;
  readonly #server: FakeServer;
  readonly #control = MessageAssembler.forControl();
  readonly #channels = new Map<number, { name: string; assembler: MessageAssembler; stop: () => void }>();
  #open = false;

  constructor(server: FakeServer) {
    this.#server = server;
  }

  accept(): void {
    this.#open = true;
    this.#server.connections.add(this);
    this.onopen?.({} as Event);
  }

  fail(code: number, reason = ''): void {
    this.close();
    this.onclose?.({ code, reason } as CloseEvent);
  }

  close(): void {
    this.#open = false;
    this.#server.connections.delete(this);
    for (const { stop } of this.#channels.values()) stop();
    this.#channels.clear();
  }

  send(bytes: Uint8Array): void {
    if (!this.#open) throw new Error('closed');
    this.sentBytes.push(bytes.length);
    const frame = decodeFrame(bytes.slice())!;
    if (frame.kind === FRAME.pong) this.pongs += 1;
    else if (frame.kind === FRAME.open) this.#openChannel(frame.channel, readOpenRequest(frame.payload)!);
    else if (frame.kind === FRAME.close) this.#endChannel(frame.channel);
    else if (frame.kind === FRAME.data || frame.kind === FRAME.part) {
      const assembler = frame.channel === 0 ? this.#control : this.#channels.get(frame.channel)?.assembler;
      const message = assembler?.push(frame.kind, frame.payload);
      if (!message || message === 'too-large') return;
      if (frame.channel === 0) this.#receiveControl(readClientMessage(message)!);
      else this.#receiveSync(frame.channel, message);
    }
  }

  control(message: ServerMessage): void {
    for (const frame of encodeMessage(0, encodeControl(message))) this.deliver(frame);
  }

  deliver(frame: Uint8Array): void {
    const data = frame.slice().buffer;
    // Never within the call that it answers: no network does that.
    queueMicrotask(() => {
      if (this.#open) this.onmessage?.({ data } as MessageEvent);
    });
  }

  closeChannels(code: number): void {
    for (const channel of [...this.#channels.keys()]) {
      this.#endChannel(channel);
      this.deliver(encodeClose(channel, code));
    }
  }

  #receiveControl(message: ClientMessage): void {
    this.#server.messages.push(message);
    if (message.type !== 'hello') return;
    const { protocol, generation, rooms } = this.#server;
    this.control({
      type: 'hello',
      protocol,
      generation,
      serverTimeMs: this.#server.serverTimeMs(),
      user: { id: FAKE_USER, name: 'ann', admin: false },
      rooms: [...rooms],
      changedPages: [],
      cursor: 0
    });
  }

  #openChannel(channel: number, request: OpenRequest): void {
    const isPage = !('personal' in request);
    if (isPage) this.#server.opened.push(request);
    const refused = isPage ? this.#server.refuseOpen(request) : this.#server.refusePersonal;
    if (refused !== null) {
      this.deliver(encodeClose(channel, refused));
      return;
    }
    const name = isPage ? docName(request) : PERSONAL_DOC_NAME;
    const { doc } = this.#server.page(name);
    const onUpdate = (update: Uint8Array, origin: unknown): void => {
      if (origin !== this) this.#sendSync(channel, (encoder) => writeUpdate(encoder, update));
    };
    doc.on('update', onUpdate);
    this.#channels.set(channel, { name, assembler: new MessageAssembler(), stop: () => doc.off('update', onUpdate) });
    this.deliver(encodeFrame(channel, FRAME.opened, encodeControl({ awarenessId: 1_000_000 + channel })));
    this.#sendSync(channel, (encoder) => writeSyncStep1(encoder, doc));
  }

  #endChannel(channel: number): void {
    this.#channels.get(channel)?.stop();
    this.#channels.delete(channel);
  }

  #receiveSync(channel: number, message: Uint8Array): void {
    const open = this.#channels.get(channel);
    const decoder = decoding.createDecoder(message);
    if (!open || decoding.readVarUint(decoder) !== 0) return;
    const answer = encoding.createEncoder();
    encoding.writeVarUint(answer, 0);
    readSyncMessage(decoder, answer, this.#server.page(open.name).doc, this);
    if (encoding.length(answer) > 1) this.#send(channel, encoding.toUint8Array(answer));
    if (!this.#server.holdArrivals) this.#server.acknowledge(open.name);
  }

  #sendSync(channel: number, write: (encoder: encoding.Encoder) => void): void {
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, 0);
    write(encoder);
    this.#send(channel, encoding.toUint8Array(encoder));
  }

  #send(channel: number, message: Uint8Array): void {
    for (const frame of encodeMessage(channel, message)) this.deliver(frame);
  }
}
