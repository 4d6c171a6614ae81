// Plays one sound at a time, of whichever message. Invariants: what begins to play ends what played before; what is not to
// be heard here any more, because its message or its room is gone from sight, falls silent.

import { SvelteMap } from 'svelte/reactivity';
import type { FileModel } from '../model/room-files.ts';

/** The part of the browser's media element that this needs. */
export type MediaPort = Pick<
  HTMLMediaElement,
  | 'src'
  | 'currentTime'
  | 'duration'
  | 'paused'
  | 'ended'
  | 'playbackRate'
  | 'play'
  | 'pause'
  | 'load'
  | 'removeAttribute'
  | 'addEventListener'
>;

export interface Track {
  readonly key: string;
  /** ms; null: the browser finds it out. */
  readonly duration: number | null;
  /** Its file, until it is closed. */
  readonly open: () => FileModel;
  /** Where it can be heard without being on this device; null: only from there. */
  readonly stream: () => string | null;
  /** Reactive. False: it falls silent. */
  readonly stays: () => boolean;
  /** What is played after it, if anything. */
  readonly next: () => Track | null;
}

const SPEEDS = [1, 1.5, 2] as const;
/** Beyond the end of all recordings: asked to go there, a browser finds out where that is. */
const FAR_S = 1e8;

export class Player {
  readonly #media: MediaPort;
  #track = $state.raw<Track | null>(null);
  #playing = $state(false);
  #atMs = $state(0);
  #foundMs = $state<number | null>(null);
  #speed = $state<number>(1);
  /** Tracks that this browser could not play. */
  readonly #broken = new SvelteMap<string, true>();
  /** Where tracks begin that were left, or sought in, before. */
  readonly #starts = new SvelteMap<string, number>();
  #file: FileModel | null = null;
  #stopWatch: (() => void) | null = null;
  /** Another element that is heard, such as a film. */
  #other: Pick<HTMLMediaElement, 'pause'> | null = null;
  /** The length is being sought: what the element says of its place means nothing. */
  #seeking = false;

  constructor(media: MediaPort) {
    this.#media = media;
    media.addEventListener('timeupdate', () => this.#moved());
    media.addEventListener('durationchange', () => this.#measured());
    media.addEventListener('loadedmetadata', () => this.#measured());
    media.addEventListener('play', () => (this.#playing = true));
    media.addEventListener('pause', () => (this.#playing = false));
    media.addEventListener('ended', () => void this.#ended());
    media.addEventListener('error', () => this.#failed());
  }

  get speed(): number {
    return this.#speed;
  }

  isCurrent(key: string): boolean {
    return this.#track?.key === key;
  }

  isPlaying(key: string): boolean {
    return this.#playing && this.isCurrent(key);
  }

  isBroken(key: string): boolean {
    return this.#broken.has(key);
  }

  /** ms from its beginning. */
  placeOf(key: string): number {
    return this.isCurrent(key) ? this.#atMs : (this.#starts.get(key) ?? 0);
  }

  /** ms; null: nobody knows yet. */
  lengthOf({ key, duration }: Pick<Track, 'key' | 'duration'>): number | null {
    return duration ?? (this.isCurrent(key) ? this.#foundMs : null);
  }

  /** Plays or pauses it. */
  async toggle(track: Track): Promise<void> {
    if (this.isPlaying(track.key)) return this.#media.pause();
    if (this.isCurrent(track.key) && !this.isBroken(track.key)) return this.#play();
    await this.#begin(track);
  }

  /** Goes on from there; what is not playing begins there when it is played. */
  seek(track: Pick<Track, 'key' | 'duration'>, ms: number): void {
    const length = this.lengthOf(track);
    const at = Math.max(0, Math.min(length ?? Infinity, ms));
    if (!this.isCurrent(track.key)) this.#starts.set(track.key, at);
    else {
      this.#atMs = at;
      if (!this.#seeking) this.#media.currentTime = at / 1_000;
    }
  }

  nextSpeed(): void {
    const at = SPEEDS.findIndex((speed) => speed === this.#speed);
    this.#speed = SPEEDS[(at + 1) % SPEEDS.length]!;
    this.#media.playbackRate = this.#speed;
  }

  /** Something else is heard now. */
  yieldTo(other: Pick<HTMLMediaElement, 'pause'>): void {
    this.pause();
    if (this.#other !== other) this.#other?.pause();
    this.#other = other;
  }

  pause(): void {
    this.#media.pause();
  }

  stop(): void {
    const track = this.#track;
    if (!track) return;
    if (this.#atMs > 0) this.#starts.set(track.key, this.#atMs);
    this.#media.pause();
    this.#playing = false;
    this.#track = null;
    this.#media.removeAttribute('src');
    this.#media.load();
    this.#stopWatch?.();
    this.#stopWatch = null;
    this.#file?.close();
    this.#file = null;
  }

  async #begin(track: Track): Promise<void> {
    this.stop();
    this.#other?.pause();
    this.#broken.delete(track.key);
    this.#track = track;
    this.#atMs = this.#starts.get(track.key) ?? 0;
    this.#foundMs = null;
    this.#starts.delete(track.key);
    this.#stopWatch = $effect.root(() => {
      $effect(() => {
        if (!track.stays()) this.stop();
      });
    });
    const file = track.open();
    this.#file = file;
    const stream = track.stream();
    await looked(file);
    if (file.status === 'away' && stream === null) await file.fetch();
    // Something else was begun meanwhile, which closed this.
    if (this.#file !== file) return;
    const address = file.address ?? stream;
    if (address === null) return this.stop();
    this.#media.src = address;
    this.#media.playbackRate = this.#speed;
    this.#seeking = false;
    await this.#play();
  }

  async #play(): Promise<void> {
    this.#other?.pause();
    try {
      await this.#media.play();
    } catch {
      // Broken, which its event says; stopped by something else; or the browser wants one more press.
    }
  }

  #moved(): void {
    if (!this.#seeking && this.#track) this.#atMs = this.#media.currentTime * 1_000;
  }

  #measured(): void {
    const track = this.#track;
    const { duration } = this.#media;
    if (!track || Number.isNaN(duration)) return;
    if (duration === Infinity) {
      // A recorder does not write how long it is, and the element cannot go to a place before it knows.
      if (this.#seeking) return;
      this.#seeking = true;
      this.#media.currentTime = FAR_S;
      return;
    }
    this.#foundMs = Math.round(duration * 1_000);
    const [sought, at] = [this.#seeking, this.#atMs];
    this.#seeking = false;
    if (sought || (this.#media.currentTime === 0 && at > 0)) this.#media.currentTime = at / 1_000;
    // At its end it had stopped.
    if (sought) void this.#play();
  }

  async #ended(): Promise<void> {
    const track = this.#track;
    if (!track || this.#seeking) return;
    this.#atMs = 0;
    const next = track.next();
    this.stop();
    this.#starts.delete(track.key);
    if (next) await this.#begin(next);
  }

  #failed(): void {
    const track = this.#track;
    if (!track || this.#media.src === '') return;
    this.#broken.set(track.key, true);
    this.stop();
  }
}

/** Resolves once it is known whether it is on this device. */
function looked(file: FileModel): Promise<void> {
  return new Promise((resolve) => {
    const stop = $effect.root(() => {
      $effect(() => {
        if (file.status === 'looking') return;
        resolve();
        queueMicrotask(() => stop());
      });
    });
  });
}

const players = new WeakMap<object, Player>();

/** The one of this page. @param owner lives as long as the page */
export function playerOf(owner: object): Player {
  let player = players.get(owner);
  if (!player) players.set(owner, (player = new Player(new Audio())));
  return player;
}
