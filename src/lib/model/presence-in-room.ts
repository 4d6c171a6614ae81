// What others in a room see of oneself there: that one is here or away, and that one is typing.
// Invariant: typing ends by itself when the keys rest, and nobody is shown in a room that they have left.

import type { RoomReplica } from '../sync/room-replica.ts';
import type { Attention } from './attention.ts';

const TYPING_MS = 5_000;

export class PresenceInRoom {
  readonly #attention: Attention;
  readonly #sharesTyping: () => boolean;
  #replica: RoomReplica | null = null;
  #stop: (() => void) | null = null;
  #typing = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(attention: Attention, sharesTyping: () => boolean) {
    this.#attention = attention;
    this.#sharesTyping = sharesTyping;
  }

  attach(replica: RoomReplica): void {
    this.#replica = replica;
    this.#stop = this.#attention.listen(() => this.#announce());
    this.#announce();
  }

  detach(): void {
    this.#stop?.();
    this.#stop = null;
    this.#replica?.setPresence(null);
    this.#replica = null;
  }

  setTyping(typing: boolean): void {
    clearTimeout(this.#timer);
    if (typing) this.#timer = setTimeout(() => this.setTyping(false), TYPING_MS);
    if (typing === this.#typing) return;
    this.#typing = typing;
    this.#announce();
  }

  #announce(): void {
    const status = this.#attention.here ? 'here' : 'away';
    const typing = this.#typing && this.#sharesTyping();
    this.#replica?.setPresence(typing ? { status, typing: true } : { status });
  }
}
