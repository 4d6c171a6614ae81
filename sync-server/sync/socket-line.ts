// One WebSocket with bounds: reading is paused when its person has used up a rate or does not read what was sent,
// writing ends with CLOSE.slow beyond a bound, and a line without a sign of life is torn down.
//
//   received → queue → (rate, unsent bytes, greeting: wait, socket paused) → handler.receive

import type { WebSocket } from 'ws';
import { CLOSE, type CloseCode } from '#protocol/close-codes.ts';
import { LINE_DEAD_MS, PING_EVERY_MS } from '#protocol/limits.ts';
import type { Allowance } from './allowance.ts';
import type { SyncLimits } from './sync-limits.ts';
import type { Timers } from '../timers.ts';

export interface LineHandler {
  /** A binary message. While the promise is pending the next ones wait. */
  receive(message: Uint8Array): void | Promise<void>;
  /** Answers to pings do not wait in the queue. */
  isPong(message: Uint8Array): boolean;
  ping(): void;
  /** Once, whoever ended it; nothing is sent or received after it. */
  ended(code: number): void;
}

type Pause =
  /** Until the rate allows the next message. */
  | { readonly why: 'rate'; readonly cancel: () => void }
  /** Until the far side has taken most of what was sent. */
  | { readonly why: 'unsent' }
  /** Until the handler is done with the last message. */
  | { readonly why: 'handler' };

export class SocketLine {
  readonly #socket: WebSocket;
  readonly #limits: SyncLimits;
  readonly #timers: Timers;
  readonly #allowance: Allowance;
  readonly #handler: LineHandler;
  readonly #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #pause: Pause | null = null;
  #ended = false;
  #signOfLifeAtMs: number;
  #pingedAtMs: number;

  /** @param makeHandler gets the line; neither receives nor sends before the constructor returns */
  constructor(
    socket: WebSocket,
    limits: SyncLimits,
    timers: Timers,
    allowance: Allowance,
    makeHandler: (line: SocketLine) => LineHandler
  ) {
    this.#socket = socket;
    this.#limits = limits;
    this.#timers = timers;
    this.#allowance = allowance;
    this.#signOfLifeAtMs = timers.nowMs();
    this.#pingedAtMs = timers.nowMs();
    this.#handler = makeHandler(this);
    socket.on('message', (data, isBinary) => this.#onMessage(data as Buffer, isBinary));
    // An error is followed by `close`; it may come from bytes that are no WebSocket frames.
    socket.on('error', () => undefined);
    socket.on('close', (code) => this.#end(code));
  }

  /** Sends a binary message. Bytes are not copied. */
  send(bytes: Uint8Array): void {
    if (this.#ended) return;
    this.#socket.send(bytes, this.#onSent);
    if (this.#socket.bufferedAmount > this.#limits.outboundMaxBytes) this.close(CLOSE.slow);
  }

  /** A ping of the WebSocket protocol, which every client answers by itself. */
  pingSocket(): void {
    if (!this.#ended) this.#socket.ping();
  }

  signOfLife(): void {
    this.#signOfLifeAtMs = this.#timers.nowMs();
  }

  /** @param reason a word for the far side, at most 123 bytes */
  close(code: CloseCode, reason = ''): void {
    if (this.#ended) return;
    this.#end(code);
    // The answer to the close has to be read.
    this.#socket.resume();
    this.#socket.close(code, reason);
  }

  /** Called every few seconds: pings, or gives the line up. */
  beat(): void {
    if (this.#ended) return;
    const nowMs = this.#timers.nowMs();
    // What is not read cannot answer, so only a reader who is waited for can be found dead while paused.
    const listens = this.#pause === null || this.#pause.why === 'unsent';
    if (listens && nowMs - this.#signOfLifeAtMs >= LINE_DEAD_MS) {
      this.#end(1006);
      this.#socket.terminate();
    } else if (nowMs - this.#pingedAtMs >= PING_EVERY_MS) {
      this.#pingedAtMs = nowMs;
      this.#handler.ping();
    }
  }

  #onMessage(data: Buffer, isBinary: boolean): void {
    if (this.#ended) return;
    this.#allowance.spendFrame(data.length);
    if (!isBinary) return this.close(CLOSE.malformed);
    if (this.#handler.isPong(data)) return this.signOfLife();
    this.#queue.push(data);
    this.#queuedBytes += data.length;
    if (this.#queuedBytes > this.#limits.inboundMaxBytes) this.close(CLOSE.rateLimited);
    else if (!this.#pause) this.#drain();
  }

  #drain(): void {
    while (!this.#ended && this.#queue.length > 0) {
      const waitMs = this.#allowance.waitMs();
      if (waitMs > 0) {
        return this.#halt({ why: 'rate', cancel: this.#timers.after(waitMs, () => this.#proceed()) });
      }
      if (this.#socket.bufferedAmount > this.#limits.outboundHighBytes) return this.#halt({ why: 'unsent' });
      const message = this.#queue.shift()!;
      this.#queuedBytes -= message.length;
      const pending = this.#handler.receive(message);
      if (pending instanceof Promise) {
        this.#halt({ why: 'handler' });
        void pending.finally(() => this.#proceed());
        return;
      }
    }
  }

  #halt(pause: Pause): void {
    if (this.#ended) return;
    this.#pause = pause;
    this.#socket.pause();
  }

  #proceed(): void {
    if (this.#ended) return;
    this.#pause = null;
    this.signOfLife();
    this.#drain();
    if (!this.#pause) this.#socket.resume();
  }

  readonly #onSent = (): void => {
    if (this.#pause?.why !== 'unsent') return;
    this.signOfLife();
    if (this.#socket.bufferedAmount <= this.#limits.outboundHighBytes / 2) this.#proceed();
  };

  #end(code: number): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#pause?.why === 'rate') this.#pause.cancel();
    this.#pause = null;
    this.#queue.length = 0;
    this.#queuedBytes = 0;
    this.#handler.ended(code);
  }
}
