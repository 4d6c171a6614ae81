// Addresses by which the browser shows files that are on this device. Invariant: an address works as long as somebody has
// it; of those that nobody has, the last few stay, so that what is scrolled back to is there at once, but for nobody else
// than who is signed in.

import { isShown, UNKNOWN_TYPE } from '#protocol/media/media-type.ts';

const IDLE_MAX = 48;

/** An address of one's own bytes is of one's own origin: what a browser would run there is only ever saved. */
const harmless = (bytes: Blob): Blob => (isShown(bytes.type) ? bytes : bytes.slice(0, bytes.size, UNKNOWN_TYPE));

interface Held {
  readonly address: string;
  holders: number;
  /** It goes with the last who has it. */
  leaves: boolean;
}

export class FileAddresses {
  readonly #held = new Map<string, Held>();

  /** null: there is none yet, `make` it. */
  take(hash: string): string | null {
    const held = this.#held.get(hash);
    if (!held) return null;
    held.holders += 1;
    return held.address;
  }

  make(hash: string, bytes: Blob): string {
    const known = this.take(hash);
    if (known !== null) return known;
    const address = URL.createObjectURL(harmless(bytes));
    this.#held.set(hash, { address, holders: 1, leaves: false });
    return address;
  }

  release(hash: string): void {
    const held = this.#held.get(hash);
    if (!held) return;
    held.holders -= 1;
    // The last one let go of is the youngest.
    this.#held.delete(hash);
    this.#held.set(hash, held);
    const idle = [...this.#held].filter(([, { holders }]) => holders === 0);
    if (held.leaves && held.holders === 0) this.#revoke(hash, held);
    for (const [old, one] of idle.slice(0, Math.max(0, idle.length - IDLE_MAX))) this.#revoke(old, one);
  }

  /** Whose files these are has left. */
  clear(): void {
    for (const [hash, held] of [...this.#held]) {
      held.leaves = true;
      if (held.holders === 0) this.#revoke(hash, held);
    }
  }

  #revoke(hash: string, { address }: Held): void {
    URL.revokeObjectURL(address);
    this.#held.delete(hash);
  }
}
