// Frames of the message that is going out. A message goes to all readers of a page in a row, and most of them have
// the page under one of the same few channel numbers, so its frames are made once for each number.

import { encodeMessage } from '#protocol/frames.ts';

export class FrameCache {
  #message: Uint8Array | null = null;
  readonly #frames = new Map<number, readonly Uint8Array[]>();

  /** Frames are shared between sockets: they must not be changed. */
  frames(channel: number, message: Uint8Array): readonly Uint8Array[] {
    if (message !== this.#message) {
      this.#frames.clear();
      this.#message = message;
    }
    let frames = this.#frames.get(channel);
    if (!frames) this.#frames.set(channel, (frames = encodeMessage(channel, message)));
    return frames;
  }

  /** Lets go of the last message. */
  clear(): void {
    this.#message = null;
    this.#frames.clear();
  }
}
