// The one physical WebSocket, /sync: hello, channels, ping and pong, a dead line noticed, endless jittered retries.
// Invariant: `up` means that this connection has had the server's hello; what the browser claims (onLine, readyState)
// is never believed, only frames that came. Channels die with the connection; whoever wants one opens it again.

import { CLOSE, isFinalClose } from '#protocol/close-codes.ts';
import {
  encodeControl,
  readOpenedReply,
  readServerMessage,
  type ClientMessage,
  type OpenRequest,
  type ServerMessage
} from '#protocol/control.ts';
import {
  decodeClose,
  decodeFrame,
  encodeClose,
  encodeFrame,
  encodeMessage,
  FRAME,
  MessageAssembler,
  type Frame
} from '#protocol/frames.ts';
import { LINE_DEAD_MS, PING_EVERY_MS } from '#protocol/limits.ts';
import { isSessionEnd, type SessionEnd } from '#protocol/session-end.ts';
import { PROTOCOL_VERSION } from '#protocol/version.ts';
import type { Environment, SocketLike } from '../environment.ts';
import { retryDelayMs } from './retry-delay.ts';

export type Hello = Extract<ServerMessage, { type: 'hello' }>;

/** Close code of channels whose connection broke, as RFC 6455 has it for sockets. */
export const LINE_LOST = 1006;

/** A line that was up for this long was a good one: the next retry starts from the shortest delay. */
const GOOD_LINE_MS = 10_000;
/** After waking up, a line that has been silent over one ping gets this long to show that it lives. */
const PROOF_OF_LIFE_MS = 3_000;

export interface MuxEvents {
  /** Must say yes for the line to count as up; no stops the socket (another generation). */
  hello(hello: Hello): boolean;
  up(): void;
  down(): void;
  control(message: Exclude<ServerMessage, { type: 'hello' }>): void;
  /**
   * The server will not have us back as we are. The socket has stopped.
   * @param ended why the session has, as far as the server says
   */
  refused(code: typeof CLOSE.signedOut | typeof CLOSE.protocol, ended: SessionEnd | null): void;
}

export interface ChannelEvents {
  opened(awarenessId: number): void;
  message(message: Uint8Array): void;
  /** Any sign of life of the line. */
  ping(): void;
  closed(code: number): void;
}

export interface Channel {
  send(message: Uint8Array): void;
  /** Tells the server; `closed` is not called. */
  close(): void;
}

interface OpenChannel {
  readonly events: ChannelEvents;
  readonly assembler: MessageAssembler;
}

export interface MuxOptions {
  readonly url: string;
  readonly environment: Pick<Environment, 'openSocket' | 'random' | 'now' | 'onWake'>;
  /** Asked at each connection. */
  readonly position: () => { readonly generation: string | null; readonly cursor: number | null };
  readonly events: MuxEvents;
}

export class MuxSocket {
  readonly #options: MuxOptions;
  #socket: SocketLike | null = null;
  #state: 'stopped' | 'waiting' | 'connecting' | 'up' = 'stopped';
  #attempt = 0;
  /** The device woke up while a try was under way: that one may still fail for what was before. */
  #wokenMeanwhile = false;
  #lastFrameAt = 0;
  #upSince = 0;
  #nextChannel = 1;
  readonly #channels = new Map<number, OpenChannel>();
  #control = MessageAssembler.forControl();
  readonly #upListeners = new Set<() => void>();
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #deadTimer: ReturnType<typeof setTimeout> | undefined;
  #stopListening: (() => void) | null = null;

  constructor(options: MuxOptions) {
    this.#options = options;
  }

  get up(): boolean {
    return this.#state === 'up';
  }

  start(): void {
    if (this.#state !== 'stopped') return;
    this.#stopListening = this.#options.environment.onWake(() => this.wake());
    this.#attempt = 0;
    this.#connect();
  }

  stop(): void {
    this.#stopListening?.();
    this.#stopListening = null;
    this.#drop('stopped', 1000);
  }

  /** The device or the page woke up: try at once, or make the line prove that it lives. */
  wake(): void {
    if (this.#state === 'waiting') {
      this.#connect();
      return;
    }
    if (this.#state === 'stopped') return;
    this.#wokenMeanwhile = this.#state === 'connecting';
    const silentMs = this.#options.environment.now() - this.#lastFrameAt;
    if (silentMs >= LINE_DEAD_MS) this.#lost(LINE_LOST);
    else if (silentMs > PING_EVERY_MS) this.#expectLife(Math.min(PROOF_OF_LIFE_MS, LINE_DEAD_MS - silentMs));
  }

  /** @returns false when there is no line; nothing is queued. */
  sendControl(message: ClientMessage): boolean {
    if (this.#state !== 'up') return false;
    this.#sendMessage(0, encodeControl(message));
    return true;
  }

  /** Calls back once, at once when the line is up. Returns the way out. */
  whenUp(listener: () => void): () => void {
    if (this.#state === 'up') {
      listener();
      return () => undefined;
    }
    this.#upListeners.add(listener);
    return () => this.#upListeners.delete(listener);
  }

  /** Opens a channel; the line must be up. */
  openChannel(request: OpenRequest, events: ChannelEvents): Channel {
    const number = this.#nextChannel;
    this.#nextChannel += 1;
    this.#channels.set(number, { events, assembler: new MessageAssembler() });
    this.#sendFrame(encodeFrame(number, FRAME.open, encodeControl(request)));
    return {
      send: (message) => {
        if (this.#channels.has(number)) this.#sendMessage(number, message);
      },
      close: () => {
        if (this.#channels.delete(number)) this.#sendFrame(encodeClose(number, 1000));
      }
    };
  }

  #connect(): void {
    clearTimeout(this.#retryTimer);
    this.#state = 'connecting';
    this.#wokenMeanwhile = false;
    this.#control = MessageAssembler.forControl();
    // Numbers are not used again within one connection.
    this.#nextChannel = 1;
    let socket: SocketLike;
    try {
      socket = this.#options.environment.openSocket(this.#options.url);
    } catch {
      this.#retry();
      return;
    }
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => {
      if (socket !== this.#socket) return;
      this.#heard();
      const { generation, cursor } = this.#options.position();
      this.#sendMessage(0, encodeControl({ type: 'hello', protocol: PROTOCOL_VERSION, generation, cursor }));
    };
    socket.onmessage = (event) => {
      if (socket !== this.#socket) return;
      this.#heard();
      if (event.data instanceof ArrayBuffer) this.#receive(new Uint8Array(event.data));
      else this.#lost(CLOSE.malformed);
    };
    socket.onclose = (event) => {
      if (socket === this.#socket) this.#lost(event.code, event.reason);
    };
    // `close` follows; there is nothing in an error event that says more.
    socket.onerror = () => undefined;
    this.#heard();
  }

  #heard(): void {
    this.#lastFrameAt = this.#options.environment.now();
    this.#expectLife(LINE_DEAD_MS);
  }

  #expectLife(withinMs: number): void {
    clearTimeout(this.#deadTimer);
    this.#deadTimer = setTimeout(() => this.#lost(LINE_LOST), withinMs);
  }

  #receive(bytes: Uint8Array): void {
    const frame = decodeFrame(bytes);
    if (!frame) {
      this.#lost(CLOSE.malformed);
      return;
    }
    if (frame.channel === 0) this.#receiveControl(frame);
    else this.#receiveChannel(frame);
  }

  #receiveControl(frame: Frame): void {
    if (frame.kind === FRAME.ping) {
      this.#sendFrame(encodeFrame(0, FRAME.pong));
      for (const channel of [...this.#channels.values()]) channel.events.ping();
      return;
    }
    if (frame.kind === FRAME.close) {
      this.#lost(decodeClose(frame.payload) ?? LINE_LOST);
      return;
    }
    if (frame.kind !== FRAME.data && frame.kind !== FRAME.part) return;
    const bytes = this.#control.push(frame.kind, frame.payload);
    if (bytes === null) return;
    const message = bytes === 'too-large' ? null : readServerMessage(bytes);
    if (!message) {
      this.#lost(CLOSE.malformed);
      return;
    }
    if (message.type !== 'hello') {
      if (this.#state === 'up') this.#options.events.control(message);
      return;
    }
    if (message.protocol !== PROTOCOL_VERSION) {
      this.#lost(CLOSE.protocol);
      return;
    }
    if (!this.#options.events.hello(message)) {
      this.stop();
      return;
    }
    this.#state = 'up';
    this.#upSince = this.#options.environment.now();
    this.#options.events.up();
    const listeners = [...this.#upListeners];
    this.#upListeners.clear();
    for (const listener of listeners) listener();
  }

  #receiveChannel(frame: Frame): void {
    const channel = this.#channels.get(frame.channel);
    // Closed by us a moment ago: what was on its way is of no use.
    if (!channel) return;
    if (frame.kind === FRAME.opened) {
      const reply = readOpenedReply(frame.payload);
      if (reply) channel.events.opened(reply.awarenessId);
      else this.#lost(CLOSE.malformed);
    } else if (frame.kind === FRAME.close) {
      this.#channels.delete(frame.channel);
      channel.events.closed(decodeClose(frame.payload) ?? LINE_LOST);
    } else if (frame.kind === FRAME.data || frame.kind === FRAME.part) {
      const message = channel.assembler.push(frame.kind, frame.payload);
      if (message === 'too-large') this.#lost(CLOSE.tooLarge);
      else if (message) channel.events.message(message);
    }
  }

  #sendMessage(channel: number, message: Uint8Array): void {
    for (const frame of encodeMessage(channel, message)) this.#sendFrame(frame);
  }

  #sendFrame(frame: Uint8Array): void {
    try {
      // lib0 makes its buffers with `new Uint8Array`, never over shared memory.
      this.#socket?.send(frame as Uint8Array<ArrayBuffer>);
    } catch {
      // Closing already: the loss is noticed by `onclose` or by silence.
    }
  }

  /** The connection is over, whoever ended it. */
  #lost(code: number, reason = ''): void {
    if (code === CLOSE.signedOut || code === CLOSE.protocol) {
      this.#stopListening?.();
      this.#stopListening = null;
      this.#drop('stopped', code);
      this.#options.events.refused(code, isSessionEnd(reason) ? reason : null);
      return;
    }
    const wasGood = this.#state === 'up' && this.#options.environment.now() - this.#upSince >= GOOD_LINE_MS;
    const goesOnAtOnce = this.#state === 'connecting' && this.#wokenMeanwhile && !isFinalClose(code);
    this.#drop('waiting', code);
    if (wasGood) this.#attempt = 0;
    // Other final codes blame this client for something; whatever it was, hammering does not help.
    if (isFinalClose(code)) this.#attempt = Math.max(this.#attempt, 6);
    if (goesOnAtOnce) this.#connect();
    else this.#retry();
  }

  #drop(state: 'stopped' | 'waiting', code: number): void {
    clearTimeout(this.#deadTimer);
    clearTimeout(this.#retryTimer);
    const wasUp = this.#state === 'up';
    this.#state = state;
    const socket = this.#socket;
    this.#socket = null;
    if (socket) {
      socket.onopen = null;
      socket.onmessage = null;
      socket.onclose = null;
      // Detached sockets still report errors; nobody is there to be told.
      socket.onerror = () => undefined;
      // Codes of the protocol may not be sent by a browser's close(); the server needs no reason.
      socket.close();
    }
    const channels = [...this.#channels.values()];
    this.#channels.clear();
    // The code of the whole line is no verdict on the single page: its channel just opens again.
    for (const channel of channels) channel.events.closed(isFinalClose(code) ? LINE_LOST : code);
    if (wasUp) this.#options.events.down();
  }

  #retry(): void {
    this.#state = 'waiting';
    clearTimeout(this.#retryTimer);
    const delayMs = retryDelayMs(this.#attempt, this.#options.environment.random());
    this.#attempt += 1;
    this.#retryTimer = setTimeout(() => this.#connect(), delayMs);
  }
}
