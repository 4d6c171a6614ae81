// Two short quiet tones when messages come in that nobody is looking at. Synthesised, so there is no file.
// Invariant: of all tabs of this browser one plays, and only while it holds the lock for that.

/** How long a new unread message may take to be marked as read by the open room before it counts as unseen. */
const SETTLE_MS = 250;
/** At most one sound in this time: a batch after an absence is one event. */
const PAUSE_MS = 2_000;

export class IncomingSound {
  #context: AudioContext | null = null;
  #seen: number | null = null;
  #unread = 0;
  #on = false;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #playedAt = -Infinity;
  #mine = false;
  readonly #closed = new AbortController();

  constructor() {
    const locks = (navigator as { locks?: LockManager }).locks;
    if (!locks) {
      // Plain http: without locks every tab would play, so only the one in use does.
      this.#mine = document.hasFocus();
      const update = () => (this.#mine = document.hasFocus());
      for (const event of ['focus', 'blur']) addEventListener(event, update, { signal: this.#closed.signal });
      return;
    }
    void locks
      .request('roost.sound', { signal: this.#closed.signal }, async () => {
        this.#mine = true;
        await new Promise<void>((release) => this.#closed.signal.addEventListener('abort', () => release()));
      })
      // Aborted while waiting for the lock: the tab is closing.
      .catch(() => undefined);
  }

  /** Called with the unread total whenever it changes, and with whether sound is on. */
  observe(unreadTotal: number, on: boolean): void {
    this.#unread = unreadTotal;
    this.#on = on;
    if (this.#seen === null || unreadTotal <= this.#seen) {
      this.#seen = unreadTotal;
      return;
    }
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      const more = this.#unread > (this.#seen ?? 0);
      this.#seen = this.#unread;
      if (more && this.#on && this.#mine) this.#play();
    }, SETTLE_MS);
  }

  close(): void {
    this.#closed.abort();
    if (this.#timer) clearTimeout(this.#timer);
    void this.#context?.close();
  }

  #play(): void {
    if (performance.now() - this.#playedAt < PAUSE_MS || typeof AudioContext === 'undefined') return;
    // Browsers play nothing, and complain, until the page was touched once.
    if ((navigator as { userActivation?: UserActivation }).userActivation?.hasBeenActive === false) return;
    this.#playedAt = performance.now();
    const context = (this.#context ??= new AudioContext());
    void context.resume();
    for (const [hertz, startS] of [
      [660, 0],
      [880, 0.09]
    ] as const) {
      const start = context.currentTime + startS;
      const tone = new OscillatorNode(context, { type: 'sine', frequency: hertz });
      const gain = new GainNode(context, { gain: 0 });
      gain.gain.setValueAtTime(0, start);
      gain.gain.linearRampToValueAtTime(0.06, start + 0.012);
      gain.gain.exponentialRampToValueAtTime(0.0004, start + 0.22);
      tone.connect(gain).connect(context.destination);
      tone.start(start);
      tone.stop(start + 0.24);
    }
  }
}
