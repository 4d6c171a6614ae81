// One recording from the press on the microphone to a file. Invariant: what was recorded goes to the disk piece by piece as
// it comes, and ends in its composer exactly once, whoever or whatever ends it, unless it is given up.

import type { RecordingPiece, RecordingPlace } from '../model/room-files.ts';
import type { Microphone, MicrophoneTrouble, OpenMicrophone } from './microphone.ts';
import { joined } from './recorded.ts';

export const LONGEST_MS = 600_000;
const LEVEL_MS = 50;
/** Of the last two seconds. */
const BARS = 40;

export type RecordingState = 'asking' | 'recording' | 'paused' | 'ended' | 'given-up';

export interface VoiceRecordingOptions {
  readonly open: OpenMicrophone;
  readonly place: RecordingPlace;
  /** ms, steady. */
  readonly now: () => number;
  /** It ended by itself: the microphone is gone, or it is as long as one may be. */
  readonly ended: (why: 'gone' | 'longest') => void;
}

export class VoiceRecording {
  readonly #options: VoiceRecordingOptions;
  #state = $state<RecordingState>('asking');
  #elapsedMs = $state(0);
  #bars = $state.raw<readonly number[]>([]);
  #microphone: Microphone | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;
  /** Of all before the last pause. */
  #beforeMs = 0;
  #sinceMs = 0;
  #measured = 0;
  #levels: number[] = [];
  #pieces: RecordingPiece[] = [];
  #ending: Promise<void> | null = null;
  #taken: Promise<readonly string[]> | null = null;

  constructor(options: VoiceRecordingOptions) {
    this.#options = options;
  }

  get state() {
    return this.#state;
  }
  /** ms that were recorded. */
  get elapsedMs() {
    return this.#elapsedMs;
  }
  /** How loud it was of late, 0 to 1, the newest last. */
  get bars() {
    return this.#bars;
  }

  /** @returns why it cannot be; null: it records, or was ended before it could begin */
  async start(): Promise<MicrophoneTrouble | null> {
    const opened = await this.#options.open({
      piece: (bytes) => this.#keep(bytes),
      gone: () => this.#endBySelf('gone')
    });
    if (typeof opened === 'string') {
      this.#state = 'given-up';
      return opened;
    }
    this.#microphone = opened;
    // Whoever left while the browser asked did not mean to be recorded.
    if (this.#state !== 'asking') {
      await opened.end();
      this.#options.place.drop();
      return null;
    }
    this.#go();
    return null;
  }

  pause(): void {
    if (this.#state !== 'recording') return;
    this.#measure();
    this.#halt();
    this.#state = 'paused';
    this.#microphone?.pause();
  }

  resume(): void {
    if (this.#state !== 'paused') return;
    this.#microphone?.resume();
    this.#go();
  }

  /** Into the composer. @returns what is to be said if it could not be taken */
  async finish(): Promise<readonly string[]> {
    await this.#end('ended');
    if (this.#pieces.length === 0) return [];
    this.#taken ??= this.#options.place.take(joined(this.#pieces));
    return this.#taken;
  }

  /** Ends it; until it is dropped, `finish` brings it back. */
  async cancel(): Promise<void> {
    await this.#end('given-up');
  }

  /** After it was cancelled: for good. */
  drop(): void {
    if (!this.#taken) this.#options.place.drop();
  }

  #go(): void {
    this.#state = 'recording';
    this.#sinceMs = this.#options.now();
    this.#timer = setInterval(() => {
      this.#measure();
      if (this.#elapsedMs >= LONGEST_MS) this.#endBySelf('longest');
    }, LEVEL_MS);
  }

  #halt(): void {
    clearInterval(this.#timer);
    this.#beforeMs = this.#elapsedMs;
  }

  #measure(): void {
    if (this.#state !== 'recording') return;
    this.#elapsedMs = Math.min(LONGEST_MS, this.#beforeMs + this.#options.now() - this.#sinceMs);
    const due = Math.floor(this.#elapsedMs / LEVEL_MS);
    if (due > this.#measured) {
      const level = Math.min(1, this.#microphone?.level() ?? 0);
      // In a tab that nobody sees timers are rare; the values are even in time all the same.
      for (; this.#measured < due; this.#measured += 1) this.#levels.push(level);
      this.#bars = [...this.#bars, level].slice(-BARS);
    }
  }

  #keep(bytes: Blob): void {
    this.#measure();
    const piece = { part: this.#pieces.length, bytes, duration: Math.round(this.#elapsedMs), levels: this.#levels };
    this.#levels = [];
    this.#pieces.push(piece);
    if (this.#state !== 'given-up') this.#options.place.keep(piece);
  }

  #endBySelf(why: 'gone' | 'longest'): void {
    if (this.#ending || this.#state === 'asking') return;
    void this.#end('ended');
    this.#options.ended(why);
  }

  #end(state: 'ended' | 'given-up'): Promise<void> {
    // What was cancelled can be called back.
    if (this.#ending) {
      if (state === 'ended') this.#state = state;
      return this.#ending;
    }
    this.#measure();
    this.#halt();
    this.#state = state;
    this.#ending = this.#microphone?.end() ?? Promise.resolve();
    return this.#ending;
  }
}
