// A bare client of the multiplexed socket for tests: it sends what it is told, right or wrong, and keeps all that
// comes. Waiting is for a frame or for the close, never for time.

import { WebSocket } from 'ws';
import { encodeControl, readOpenedReply, readServerMessage, type ServerMessage } from '#protocol/control.ts';
import { decodeClose, decodeFrame, encodeFrame, encodeMessage, FRAME, MessageAssembler } from '#protocol/frames.ts';
import { PROTOCOL_VERSION } from '#protocol/version.ts';

export interface MuxedClientOptions {
  readonly token?: string;
  readonly origin?: string;
  readonly cookie?: string;
  /** Answers pings; true unless said otherwise. */
  readonly pongs?: boolean;
}

/** One channel's story, in the order it came. */
export type ChannelEvent =
  | { readonly kind: 'opened'; readonly awarenessId: number }
  | { readonly kind: 'message'; readonly bytes: Uint8Array }
  | { readonly kind: 'closed'; readonly code: number };

interface Waiter {
  readonly isThere: () => boolean;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class MuxedClient {
  readonly socket: WebSocket;
  readonly control: ServerMessage[] = [];
  readonly channels = new Map<number, ChannelEvent[]>();
  /** Every frame as it came, its WebSocket header not counted. */
  readonly frames: Uint8Array[] = [];
  pings = 0;
  /** The close code, or null while open. */
  closed: number | null = null;
  /** Of the close; '' while open. */
  closeReason = '';
  /** Status of a refused handshake. */
  refusedWith: number | null = null;
  #lastChannel = 0;
  readonly #assemblers = new Map<number, MessageAssembler>();
  readonly #waiters = new Set<Waiter>();

  constructor(url: string, options: MuxedClientOptions = {}) {
    const headers = options.cookie === undefined ? {} : { cookie: options.cookie };
    const protocols = options.token === undefined ? [] : [`roost.token.${options.token}`];
    this.socket = new WebSocket(url, protocols, {
      headers,
      ...(options.origin === undefined ? {} : { origin: options.origin })
    });
    this.socket.on('message', (data) => this.#receive(data as Buffer, options.pongs ?? true));
    this.socket.on('open', () => this.#wake());
    this.socket.on('unexpected-response', (_request, response) => {
      this.refusedWith = response.statusCode ?? 0;
      response.resume();
      this.#wake();
    });
    this.socket.on('error', () => undefined);
    this.socket.on('close', (code, reason) => {
      this.closed = code;
      this.closeReason = String(reason);
      this.#wake();
    });
  }

  /** Connects and exchanges hellos. */
  static async greeted(url: string, options: MuxedClientOptions = {}): Promise<MuxedClient> {
    const client = new MuxedClient(url, options);
    await client.ready();
    client.hello();
    await client.controlOf('hello');
    return client;
  }

  /** Once the handshake is over, whatever came of it. */
  ready(): Promise<void> {
    return this.until(() => this.socket.readyState !== WebSocket.CONNECTING || this.refusedWith !== null);
  }

  send(bytes: Uint8Array): void {
    this.socket.send(bytes);
  }

  sendControl(message: unknown): void {
    for (const frame of encodeMessage(0, new TextEncoder().encode(JSON.stringify(message)))) this.send(frame);
  }

  hello(protocol = PROTOCOL_VERSION, generation: string | null = null, cursor: number | null = null): void {
    this.sendControl({ type: 'hello', protocol, generation, cursor });
  }

  /** Asks for a page. @returns the channel's number */
  open(room: string, options: { page?: number; clientId?: number; create?: true | string } = {}): number {
    const channel = ++this.#lastChannel;
    const { page = 0, clientId = Math.floor(Math.random() * 2 ** 32), create } = options;
    const request = { room, page, clientId, ...(create ? { create } : {}) };
    this.send(encodeFrame(channel, FRAME.open, encodeControl(request)));
    return channel;
  }

  /** Asks for a page and waits for it. */
  async opened(
    room: string,
    options: { page?: number; clientId?: number; create?: true | string } = {}
  ): Promise<{ channel: number; awarenessId: number }> {
    const channel = this.open(room, options);
    await this.until(() => this.events(channel).length > 0);
    const [first] = this.events(channel);
    if (first?.kind !== 'opened') throw new Error(`channel ${channel}: ${JSON.stringify(first)}`);
    return { channel, awarenessId: first.awarenessId };
  }

  /** Asks for the person's own document and waits for it. */
  async openedPersonal(): Promise<{ channel: number }> {
    const channel = ++this.#lastChannel;
    this.send(encodeFrame(channel, FRAME.open, encodeControl({ personal: true, clientId: channel })));
    await this.until(() => this.events(channel).length > 0);
    return { channel };
  }

  sendMessage(channel: number, message: Uint8Array): void {
    for (const frame of encodeMessage(channel, message)) this.send(frame);
  }

  events(channel: number): readonly ChannelEvent[] {
    return this.channels.get(channel) ?? [];
  }

  messages(channel: number): Uint8Array[] {
    return this.events(channel).flatMap((event) => (event.kind === 'message' ? [event.bytes] : []));
  }

  async channelClosed(channel: number): Promise<number> {
    await this.until(() => this.events(channel).at(-1)?.kind === 'closed');
    const last = this.events(channel).at(-1);
    return last?.kind === 'closed' ? last.code : NaN;
  }

  /** The newest control message of a type, once there is one. */
  async controlOf<Type extends ServerMessage['type']>(type: Type): Promise<Extract<ServerMessage, { type: Type }>> {
    const find = () => this.control.findLast((message) => message.type === type);
    await this.until(() => find() !== undefined);
    return find() as Extract<ServerMessage, { type: Type }>;
  }

  async close(): Promise<number> {
    this.socket.close(1000);
    return this.closeCode();
  }

  async closeCode(): Promise<number> {
    await this.until(() => this.closed !== null);
    return this.closed!;
  }

  /** Resolves when the condition holds; rejects when the socket has closed and it does not. */
  until(isThere: () => boolean): Promise<void> {
    if (isThere()) return Promise.resolve();
    if (this.closed !== null) return Promise.reject(new Error(`closed with ${this.closed}`));
    return new Promise((resolve, reject) => this.#waiters.add({ isThere, resolve, reject }));
  }

  #wake(): void {
    for (const waiter of this.#waiters) {
      if (!waiter.isThere() && this.closed === null) continue;
      this.#waiters.delete(waiter);
      if (waiter.isThere()) waiter.resolve();
      else waiter.reject(new Error(`closed with ${this.closed}`));
    }
  }

  #receive(data: Buffer, pongs: boolean): void {
    const bytes = new Uint8Array(data);
    this.frames.push(bytes);
    const frame = decodeFrame(bytes);
    if (!frame) throw new Error('the server sent a broken frame');
    if (frame.kind === FRAME.ping) {
      this.pings++;
      if (pongs) this.send(encodeFrame(0, FRAME.pong));
    } else if (frame.kind === FRAME.data || frame.kind === FRAME.part) {
      this.#receiveData(frame.channel, frame.kind, frame.payload);
    } else if (frame.kind === FRAME.opened) {
      this.#add(frame.channel, { kind: 'opened', awarenessId: readOpenedReply(frame.payload)!.awarenessId });
    } else if (frame.kind === FRAME.close) {
      this.#add(frame.channel, { kind: 'closed', code: decodeClose(frame.payload)! });
    }
    this.#wake();
  }

  #receiveData(channel: number, kind: typeof FRAME.data | typeof FRAME.part, payload: Uint8Array): void {
    const assembler = this.#assemblers.get(channel) ?? new MessageAssembler();
    this.#assemblers.set(channel, assembler);
    const whole = assembler.push(kind, payload);
    if (whole === 'too-large') throw new Error('the server sent more than a message may hold');
    if (whole === null) return;
    if (channel > 0) return this.#add(channel, { kind: 'message', bytes: whole.slice() });
    const message = readServerMessage(whole);
    if (!message) throw new Error(`the server sent a broken control message: ${new TextDecoder().decode(whole)}`);
    this.control.push(message);
  }

  #add(channel: number, event: ChannelEvent): void {
    this.channels.set(channel, [...this.events(channel), event]);
  }
}
