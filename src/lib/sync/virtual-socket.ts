// A WebSocket as the stock y-websocket provider knows it, over one channel of the multiplexed socket.
// Invariant: stays CONNECTING until the line is up and the server has opened the channel; a lost line closes it with
// a retryable code, so that the provider makes a new one, which waits again. Nothing of its URL leaves this machine.

import type { OpenRequest } from '#protocol/control.ts';
import { parseDocName } from '#protocol/ids.ts';
import { PERSONAL_DOC_NAME } from '#protocol/personal.ts';
import { LINE_LOST, type Channel, type MuxSocket } from './mux-socket.ts';

/** y-websocket's message type for awareness, and an update of it that names nobody. */
const EMPTY_AWARENESS = new Uint8Array([1, 1, 0]);

const CONNECTING = 0;
const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;

/** What the provider calls its server; the rest of the URL is the document's name and what OPEN carries. */
export const VIRTUAL_SERVER = 'ws://page.invalid';

type Handler<Happened> = ((event: Happened) => void) | null;

export class VirtualSocket {
  static readonly CONNECTING = CONNECTING;
  static readonly OPEN = OPEN;
  static readonly CLOSING = CLOSING;
  static readonly CLOSED = CLOSED;
  readonly CONNECTING = CONNECTING;
  readonly OPEN = OPEN;
  readonly CLOSING = CLOSING;
  readonly CLOSED = CLOSED;

  readonly url: string;
  binaryType: BinaryType = 'arraybuffer';
  readyState: number = CONNECTING;
  onopen: Handler<{ readonly type: 'open' }> = null;
  onmessage: Handler<{ readonly data: ArrayBuffer }> = null;
  onclose: Handler<{ readonly code: number; readonly reason: string }> = null;
  onerror: Handler<unknown> = null;
  /** The id that this connection's presence goes under; null until open. */
  awarenessId: number | null = null;
  #channel: Channel | null = null;
  #stopWaiting: () => void;

  constructor(mux: MuxSocket, url: string) {
    this.url = url;
    const { pathname, searchParams } = new URL(url);
    const request = openRequest(pathname.slice(1), searchParams);
    if (!request) throw new TypeError(`not the address of a document: ${url}`);
    this.#stopWaiting = () => undefined;
    // The provider sets its handlers right after construction.
    queueMicrotask(() => {
      if (this.readyState !== CONNECTING) return;
      this.#stopWaiting = mux.whenUp(() => {
        this.#channel = mux.openChannel(request, {
          opened: (awarenessId) => this.#opened(awarenessId),
          message: (message) => this.#deliver(message),
          // The provider closes after 30 s without a message; a ping proves that this channel's line lives.
          ping: () => this.#deliver(EMPTY_AWARENESS),
          closed: (code) => this.#closed(code)
        });
      });
    });
  }

  get bufferedAmount(): number {
    return 0;
  }

  send(message: Uint8Array): void {
    if (this.readyState === CONNECTING) throw new DOMException('not open yet', 'InvalidStateError');
    if (this.readyState === OPEN) this.#channel?.send(message);
  }

  close(): void {
    if (this.readyState === CLOSING || this.readyState === CLOSED) return;
    this.#stopWaiting();
    this.#channel?.close();
    this.#closed(1000);
  }

  #opened(awarenessId: number): void {
    if (this.readyState !== CONNECTING) return;
    this.awarenessId = awarenessId;
    this.readyState = OPEN;
    this.onopen?.({ type: 'open' });
  }

  #deliver(message: Uint8Array): void {
    if (this.readyState !== OPEN) return;
    try {
      // A copy: the frame's buffer holds more than the message, and the provider reads all of it.
      this.onmessage?.({ data: message.slice().buffer });
    } catch (error) {
      // The provider throws on what it cannot read. The page is fetched anew rather than left half read.
      this.#channel?.close();
      this.#closed(LINE_LOST);
      queueMicrotask(() => {
        throw error;
      });
    }
  }

  #closed(code: number): void {
    if (this.readyState === CLOSED) return;
    this.readyState = CLOSED;
    this.#channel = null;
    this.onclose?.({ code, reason: '' });
  }
}

/** @returns null when no document goes by that name */
function openRequest(name: string, params: URLSearchParams): OpenRequest | null {
  const clientId = Number(params.get('clientId') ?? NaN);
  if (!Number.isSafeInteger(clientId)) return null;
  if (name === PERSONAL_DOC_NAME) return { personal: true, clientId };
  const ref = parseDocName(name);
  const create = params.get('create');
  return ref && { ...ref, clientId, ...(create !== null && { create: create === '' ? (true as const) : create }) };
}

/** The class to hand to a provider as its WebSocketPolyfill. */
export function virtualSocketClass(mux: MuxSocket): typeof WebSocket {
  const overMux = class extends VirtualSocket {
    constructor(url: string) {
      super(mux, url);
    }
  };
  // The provider uses this part of the interface and no more.
  return overMux as unknown as typeof WebSocket;
}
