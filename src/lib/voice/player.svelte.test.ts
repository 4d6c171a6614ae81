import { flushSync } from 'svelte';
import { expect, test } from 'vitest';
import type { FileModel } from '../model/room-files.ts';
import { Player, type MediaPort, type Track } from './player.svelte.ts';

/** A media element whose clock stands until it is told. */
class FakeMedia {
  src = '';
  duration = NaN;
  paused = true;
  ended = false;
  playbackRate = 1;
  /** ms that the file has; null: it breaks. */
  real: number | null = 12_000;
  /** The file does not say how long it is. */
  silent = false;
  #time = 0;
  readonly #listeners = new Map<string, (() => void)[]>();

  addEventListener(type: string, listener: () => void): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
  }
  say(type: string): void {
    for (const listener of this.#listeners.get(type) ?? []) listener();
  }
  get currentTime(): number {
    return this.#time;
  }
  set currentTime(seconds: number) {
    const far = this.real !== null && seconds * 1_000 > this.real;
    this.#time = Math.min(seconds, (this.real ?? 0) / 1_000);
    if (far && this.duration === Infinity) {
      this.duration = this.real! / 1_000;
      this.pause();
      this.say('ended');
      this.say('durationchange');
    }
    this.say('timeupdate');
  }
  async play(): Promise<void> {
    if (this.real === null) {
      this.say('error');
      throw new DOMException('no', 'NotSupportedError');
    }
    this.paused = false;
    this.say('play');
    if (!Number.isNaN(this.duration)) return;
    this.duration = this.silent ? Infinity : this.real / 1_000;
    this.say('loadedmetadata');
  }
  pause(): void {
    if (this.paused) return;
    this.paused = true;
    this.say('pause');
  }
  removeAttribute(): void {
    this.src = '';
  }
  load(): void {
    this.duration = NaN;
    this.#time = 0;
  }
  passTo(ms: number): void {
    this.#time = ms / 1_000;
    this.say(ms >= this.real! ? 'ended' : 'timeupdate');
  }
}

function setup() {
  const media = new FakeMedia();
  const player = new Player(media as unknown as MediaPort);
  const open = new Set<string>();
  const gone = $state<{ keys: string[] }>({ keys: [] });
  const track = (key: string, more: Partial<Track> & { status?: FileModel['status'] } = {}): Track => {
    const { status = 'here', ...rest } = more;
    return {
      ...{ key, duration: 12_000, stream: () => null, next: () => null, stays: () => !gone.keys.includes(key) },
      open: () => {
        open.add(key);
        const file = $state({ status });
        return {
          get status() {
            return file.status;
          },
          get address() {
            return file.status === 'here' ? `blob:${key}` : null;
          },
          share: 0,
          fetch: async () => void (file.status = 'offline'),
          ...{ wanted: false, want: () => undefined },
          close: () => void open.delete(key)
        };
      },
      ...rest
    };
  };
  return { media, player, open, gone, track };
}

test('[VOICE-7] one plays at a time; what is left goes on from where it was', async () => {
  const { media, player, open, track } = setup();
  const [one, two] = [track('one'), track('two')];
  await player.toggle(one);
  expect([media.src, player.isPlaying('one')]).toEqual(['blob:one', true]);
  media.passTo(5_000);
  await player.toggle(two);
  expect([media.src, player.isPlaying('one'), player.isPlaying('two')]).toEqual(['blob:two', false, true]);
  expect([...open]).toEqual(['two']);
  expect(player.placeOf('one')).toBe(5_000);
  await player.toggle(one);
  expect([player.placeOf('one'), media.currentTime]).toEqual([5_000, 5]);
  await player.toggle(one);
  expect(player.isPlaying('one')).toBe(false);
  await player.toggle(one);
  expect([player.isPlaying('one'), media.currentTime]).toEqual([true, 5]);
});

test('[VOICE-7] a film that is played ends it, and it ends a film', async () => {
  const { player, track } = setup();
  let paused = 0;
  const film = { pause: () => void (paused += 1) };
  await player.toggle(track('one'));
  player.yieldTo(film);
  expect([player.isPlaying('one'), paused]).toEqual([false, 0]);
  await player.toggle(track('one'));
  expect([player.isPlaying('one'), paused]).toEqual([true, 1]);
});

test('[VOICE-7] one goes to a place in it before and while it plays, also where the file does not say how long it is', async () => {
  const { media, player, track } = setup();
  media.silent = true;
  const one = track('one');
  player.seek(one, 99_000);
  expect(player.placeOf('one')).toBe(12_000);
  player.seek(one, 4_000);
  await player.toggle(one);
  expect([player.isPlaying('one'), player.placeOf('one'), media.currentTime]).toEqual([true, 4_000, 4]);
  player.seek(one, 9_000);
  expect([player.placeOf('one'), media.currentTime]).toEqual([9_000, 9]);
  const unknown = track('two', { duration: null });
  expect(player.lengthOf(unknown)).toBeNull();
  await player.toggle(unknown);
  expect(player.lengthOf(unknown)).toBe(12_000);
});

test('[VOICE-7] its speed stays for what is played after it', async () => {
  const { media, player, track } = setup();
  await player.toggle(track('one'));
  player.nextSpeed();
  expect(media.playbackRate).toBe(1.5);
  media.playbackRate = 1;
  await player.toggle(track('two'));
  expect([player.speed, media.playbackRate]).toEqual([1.5, 1.5]);
  player.nextSpeed();
  player.nextSpeed();
  expect(player.speed).toBe(1);
});

test('[VOICE-8] the next one plays after it; heard to its end it begins anew', async () => {
  const { media, player, open, track } = setup();
  const two = track('two');
  await player.toggle(track('one', { next: () => two }));
  media.passTo(12_000);
  await expect.poll(() => player.isPlaying('two')).toBe(true);
  expect(player.placeOf('one')).toBe(0);
  media.passTo(12_000);
  expect([player.isCurrent('two'), [...open], player.placeOf('two')]).toEqual([false, [], 0]);
});

test('[VOICE-8] it falls silent when its message or its room is out of sight', async () => {
  const { media, player, open, gone, track } = setup();
  await player.toggle(track('one'));
  gone.keys = ['one'];
  flushSync();
  expect([media.paused, media.src, [...open], player.isCurrent('one')]).toEqual([true, '', [], false]);
});

test('[VOICE-9] what is not on this device, or cannot be played, does not play, and says so', async () => {
  const { media, player, open, track } = setup();
  await player.toggle(track('away', { status: 'away' }));
  expect([player.isCurrent('away'), [...open]]).toEqual([false, []]);
  await player.toggle(track('large', { status: 'away', stream: () => '/api/rooms/r/blobs/h' }));
  expect([player.isPlaying('large'), media.src]).toEqual([true, '/api/rooms/r/blobs/h']);
  media.real = null;
  media.load();
  await player.toggle(track('broken'));
  expect([player.isBroken('broken'), player.isCurrent('broken'), [...open]]).toEqual([true, false, []]);
});
