// Tells others that one types: from the first key until none came for a while, or until it is stopped.

/** Others are told for this long after the last key. */
const TYPING_MS = 4_000;

export class TypingNotice {
  readonly #tell: (typing: boolean) => void;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(tell: (typing: boolean) => void) {
    this.#tell = tell;
  }

  key(): void {
    if (this.#timer === null) this.#tell(true);
    else clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.stop(), TYPING_MS);
  }

  stop(): void {
    if (this.#timer === null) return;
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#tell(false);
  }
}
