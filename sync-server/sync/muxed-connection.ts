// The multiplexed socket of our own client (frames.ts, control.ts): channel 0 for control, one channel per open page,
// and one for the person's own document.
// Channel numbers come from the client, ascending, none twice. Bytes that break the protocol end the connection.
//
//   awaiting-hello → (client's hello) → greeting → (server's hello, then what came up meanwhile) → live

import type { WebSocket } from 'ws';
import { CLOSE, type CloseCode } from '#protocol/close-codes.ts';
import { mayCreate } from '#protocol/direct-room.ts';
import {
  encodeControl,
  readClientMessage,
  readOpenRequest,
  type ClientMessage,
  type OpenPageRequest,
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
import type { RoomId } from '#protocol/ids.ts';
import { CHANNELS_MAX, FRAME_MAX_BYTES, STORED_MAX_ROOMS } from '#protocol/limits.ts';
import type { SessionEnd } from '#protocol/session-end.ts';
import { PROTOCOL_VERSION } from '#protocol/version.ts';
import type { Session } from '../accounts/session.ts';
import type { Allowance } from './allowance.ts';
import type { Connection, ConnectionDeps, ConnectionStart } from './connection.ts';
import { greeting } from './greeting.ts';
import { PageChannel, type ChannelWire } from './page-channel.ts';
import { PersonalChannel } from './personal-channel.ts';
import { SocketLine } from './socket-line.ts';
import type { NoticeReader } from './user-notices.ts';

const CONTROL = 0;
const PING = encodeFrame(CONTROL, FRAME.ping);
/** A channel number and a kind take at most 16 bytes beside the payload. */
export const MUXED_FRAME_MAX_BYTES = FRAME_MAX_BYTES + 16;

const TO_STORE_MAX = 20 * STORED_MAX_ROOMS;

type Phase =
  | { readonly name: 'awaiting-hello'; readonly sinceMs: number }
  | { readonly name: 'greeting'; readonly later: ServerMessage[] }
  | { readonly name: 'live' }
  | { readonly name: 'ended' };

/** Puts the pieces of messages together. */
interface Inbox {
  readonly assembler: MessageAssembler;
  /** Bytes of the message that is still being put together. */
  assembling: number;
}

interface Channel extends Inbox {
  readonly document: PageChannel | PersonalChannel;
}

export class MuxedConnection implements Connection, NoticeReader {
  readonly kind = 'muxed';
  readonly session: Session;
  readonly #deps: ConnectionDeps;
  readonly #line: SocketLine;
  readonly #allowance: Allowance;
  readonly #control: Inbox = { assembler: MessageAssembler.forControl(), assembling: 0 };
  readonly #channels = new Map<number, Channel>();
  readonly #reads = new Map<RoomId, number>();
  /** Reported and not written yet: rooms, and how far this device has them. */
  readonly #toStore = new Map<RoomId, number>();
  #storing = false;
  #phase: Phase;
  #lastChannel = CONTROL;
  /** Opens that the rooms have not answered, those of channels that were closed meanwhile included. */
  #attaching = 0;

  constructor(deps: ConnectionDeps, socket: WebSocket, start: ConnectionStart) {
    this.session = start.session;
    this.#deps = deps;
    this.#allowance = start.allowance;
    this.#phase = { name: 'awaiting-hello', sinceMs: deps.timers.nowMs() };
    this.#line = new SocketLine(socket, deps.limits, deps.timers, start.allowance, (line) => ({
      receive: (message) => this.#receive(message),
      isPong: (message) => message.length === 2 && message[0] === CONTROL && message[1] === FRAME.pong,
      ping: () => line.send(PING),
      ended: (code) => {
        this.#ended();
        start.ended(this, code);
      }
    }));
  }

  beat(): void {
    const { helloWithinMs } = this.#deps.limits;
    if (this.#phase.name === 'awaiting-hello' && this.#deps.timers.nowMs() - this.#phase.sinceMs >= helloWithinMs) {
      this.#line.close(CLOSE.malformed);
    } else {
      this.#line.beat();
    }
  }

  revoke(cause: SessionEnd | null): void {
    this.#sendControl({ type: 'revoked', ...(cause && { cause }) });
    this.#line.close(CLOSE.signedOut, cause ?? '');
  }

  close(code: CloseCode): void {
    this.#line.close(code);
  }

  // NoticeReader

  notify(message: ServerMessage): void {
    if (this.#phase.name === 'greeting') this.#phase.later.push(message);
    else if (this.#phase.name === 'live') this.#sendControl(message);
  }

  hasRead(room: RoomId, n: number): boolean {
    return this.#reads.get(room) === n;
  }

  #receive(bytes: Uint8Array): void | Promise<void> {
    const frame = decodeFrame(bytes);
    if (!frame) return this.#malformed();
    if (frame.channel === CONTROL) return this.#receiveControl(frame);
    if (this.#phase.name !== 'live') return this.#malformed();
    switch (frame.kind) {
      case FRAME.open:
        return this.#openChannel(frame);
      case FRAME.close:
        return this.#closeChannel(frame);
      case FRAME.data:
      case FRAME.part:
        return this.#receiveData(frame.channel, frame.kind, frame.payload);
      case FRAME.opened:
      case FRAME.ping:
      case FRAME.pong:
        return this.#malformed();
    }
  }

  #receiveControl({ kind, payload }: Frame): void | Promise<void> {
    if (kind === FRAME.pong) return;
    if (kind !== FRAME.data && kind !== FRAME.part) return this.#malformed();
    const whole = this.#assemble(this.#control, kind, payload);
    if (whole === null) return;
    const message = readClientMessage(whole);
    if (!message) return this.#malformed();
    switch (message.type) {
      case 'hello':
        return this.#phase.name === 'awaiting-hello' ? this.#hello(message) : this.#malformed();
      case 'read':
        return this.#phase.name === 'live' ? this.#read(message) : this.#malformed();
      case 'stored':
        return this.#phase.name === 'live' ? this.#stored(message) : this.#malformed();
      case 'present':
        if (this.#phase.name !== 'live') return this.#malformed();
        this.#allowance.spendOpen();
        return this.#deps.people.set(this, message.status);
      case 'watch':
        if (this.#phase.name !== 'live') return this.#malformed();
        this.#allowance.spendOpen(message.users.length);
        return this.#deps.people.watch(this, message.users);
      case 'receipts':
        if (this.#phase.name !== 'live') return this.#malformed();
        this.#allowance.spendOpen(message.rooms.length);
        return this.#deps.receipts.watch(this, message.rooms);
    }
  }

  async #hello(hello: Extract<ClientMessage, { type: 'hello' }>): Promise<void> {
    if (hello.protocol !== PROTOCOL_VERSION) return this.#line.close(CLOSE.protocol);
    const later: ServerMessage[] = [];
    this.#phase = { name: 'greeting', later };
    // Heard from here on, so that nothing falls between what the greeting says and what comes after it.
    this.#deps.notices.add(this);
    try {
      const messages = await greeting(this.#deps, this.session.user, hello);
      if (this.#phase.name !== 'greeting') return;
      this.#phase = { name: 'live' };
      for (const message of [...messages, ...later]) this.#sendControl(message);
    } catch (error) {
      this.#deps.log.warn({ user: this.session.user.id, err: error }, 'a connection could not be greeted');
      this.#line.close(CLOSE.storage);
    }
  }

  #read({ room, n, quiet }: Extract<ClientMessage, { type: 'read' }>): void {
    // Like an open, it may wake a room up.
    this.#allowance.spendOpen();
    this.#reads.set(room, n);
    const shown = !quiet && this.#deps.privacy.of(this.session.user.id).readReceipts;
    this.#deps.rooms.markRead(this.session.user.id, room, n, shown).then(
      (read) => {
        // Absent, closed, or read further already: no notice will come that this connection should not hear.
        if (read?.n !== n) this.#reads.delete(room);
      },
      (error: unknown) => {
        this.#reads.delete(room);
        this.#deps.log.warn({ user: this.session.user.id, room, err: error }, 'a read marker could not be moved');
      }
    );
  }

  #stored({ rooms }: Extract<ClientMessage, { type: 'stored' }>): void {
    this.#allowance.spendOpen(rooms.length);
    // So many no person has: the rest is said again when there is more.
    if (this.#toStore.size > TO_STORE_MAX) return;
    for (const { room, n } of rooms) this.#toStore.set(room, Math.max(n, this.#toStore.get(room) ?? 0));
    if (!this.#storing) void this.#storeAll();
  }

  /** One room after the other, however many reports come meanwhile. Never rejects. */
  async #storeAll(): Promise<void> {
    this.#storing = true;
    for (const [room, n] of this.#toStore) {
      this.#toStore.delete(room);
      await this.#deps.rooms.markStored(this.session.user.id, room, n).catch((error: unknown) => {
        this.#deps.log.warn({ user: this.session.user.id, room, err: error }, 'a receipt could not be moved');
      });
      if (this.#phase.name === 'ended') break;
    }
    this.#storing = false;
  }

  #openChannel({ channel, payload }: Frame): void {
    if (channel <= this.#lastChannel) return this.#malformed();
    const request = readOpenRequest(payload);
    if (!request) return this.#malformed();
    this.#lastChannel = channel;
    if (Math.max(this.#channels.size, this.#attaching) >= CHANNELS_MAX) {
      return this.#line.send(encodeClose(channel, CLOSE.rateLimited));
    }
    const document = this.#documentChannel(channel, request);
    this.#channels.set(channel, { document, assembler: new MessageAssembler(), assembling: 0 });
    this.#attaching++;
    void document.start().finally(() => this.#attaching--);
  }

  #documentChannel(channel: number, request: OpenRequest): PageChannel | PersonalChannel {
    if (!('personal' in request)) return this.#pageChannel(channel, request);
    return new PersonalChannel(this.#deps, request.clientId, this.session, this.#allowance, this.#wire(channel));
  }

  #pageChannel(channel: number, { room, page, clientId, create }: OpenPageRequest): PageChannel {
    const open = { room, page, clientId, create: mayCreate(room, this.session.user.id, create) };
    return new PageChannel(this.#deps, open, this.session, this.#allowance, {
      ...this.#wire(channel),
      refused: (id, code, detail) => this.#sendControl({ type: 'refused', room, page, id, code, detail })
    });
  }

  #wire(channel: number): Omit<ChannelWire, 'refused'> {
    return {
      opened: (awarenessId) => {
        if (awarenessId !== null) this.#line.send(encodeFrame(channel, FRAME.opened, encodeControl({ awarenessId })));
      },
      send: (message) => {
        for (const frame of this.#deps.frames.frames(channel, message)) this.#line.send(frame);
      },
      close: (code) => {
        this.#forget(channel);
        this.#line.send(encodeClose(channel, code));
      }
    };
  }

  #closeChannel({ channel, payload }: Frame): void {
    if (decodeClose(payload) === null || channel > this.#lastChannel) return this.#malformed();
    // The far side may close what the server has closed at the same time.
    const open = this.#channels.get(channel);
    this.#forget(channel);
    open?.document.end();
  }

  #receiveData(number: number, kind: typeof FRAME.data | typeof FRAME.part, payload: Uint8Array): void {
    if (number > this.#lastChannel) return this.#malformed();
    const channel = this.#channels.get(number);
    // On its way when the server closed the channel.
    if (!channel) return;
    if (!channel.document.isOpen) return this.#malformed();
    const whole = this.#assemble(channel, kind, payload);
    if (whole) channel.document.receive(whole);
  }

  /** @returns the message once it is whole; null while it is not, or when that has ended the connection */
  #assemble(inbox: Inbox, kind: typeof FRAME.data | typeof FRAME.part, payload: Uint8Array): Uint8Array | null {
    const added = kind === FRAME.part ? payload.length : -inbox.assembling;
    inbox.assembling += added;
    const within = this.#allowance.tryAssemble(added);
    const whole = inbox.assembler.push(kind, payload);
    if (whole !== 'too-large' && (within || added <= 0)) return whole;
    this.#line.close(CLOSE.tooLarge);
    return null;
  }

  #letGo(inbox: Inbox): void {
    this.#allowance.tryAssemble(-inbox.assembling);
    inbox.assembling = 0;
  }

  #forget(number: number): void {
    const channel = this.#channels.get(number);
    if (channel) this.#letGo(channel);
    this.#channels.delete(number);
  }

  #sendControl(message: ServerMessage): void {
    for (const frame of encodeMessage(CONTROL, encodeControl(message))) this.#line.send(frame);
  }

  #malformed(): void {
    this.#line.close(CLOSE.malformed);
  }

  #ended(): void {
    this.#phase = { name: 'ended' };
    this.#deps.notices.remove(this);
    this.#deps.receipts.remove(this);
    this.#deps.people.remove(this);
    this.#letGo(this.#control);
    for (const channel of this.#channels.values()) {
      this.#letGo(channel);
      channel.document.end();
    }
    this.#channels.clear();
  }
}
