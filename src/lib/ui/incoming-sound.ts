// Two short quiet tones for a message that nobody is looking at. Synthesised, so there is no file. Which tab plays, and
// for what, its caller decides.

/** At most one sound in this time: what comes together is one event. */
const PAUSE_MS = 2_000;

export class IncomingSound {
  #context: AudioContext | null = null;
  #playedAt = -Infinity;

  play(): void {
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

  close(): void {
    void this.#context?.close();
  }
}
