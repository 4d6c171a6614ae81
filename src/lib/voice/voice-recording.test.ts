import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Recorded, RecordingPiece } from '../model/room-files.ts';
import type { Microphone, MicrophoneEvents, MicrophoneTrouble } from './microphone.ts';
import { LONGEST_MS, VoiceRecording } from './voice-recording.svelte.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A microphone that gives a piece for each second that it listens, and what is left when it ends. */
function setup(trouble: MicrophoneTrouble | null = null) {
  const kept: RecordingPiece[] = [];
  const taken: Recorded[] = [];
  const ended: string[] = [];
  const log: string[] = [];
  const device = { loudness: 0.5, events: null as MicrophoneEvents | null, allow: Promise.withResolvers<void>() };
  device.allow.resolve();
  const recording = new VoiceRecording({
    open: async (events) => {
      await device.allow.promise;
      if (trouble) return trouble;
      device.events = events;
      const piece = (): void => events.piece(new Blob(['abc'], { type: 'audio/webm;codecs=opus' }));
      let timer = setInterval(piece, 1_000);
      const microphone: Microphone = {
        level: () => device.loudness,
        pause: () => {
          clearInterval(timer);
          piece();
        },
        resume: () => void (timer = setInterval(piece, 1_000)),
        end: async () => {
          clearInterval(timer);
          log.push('silent');
          piece();
        }
      };
      return microphone;
    },
    place: {
      keep: (piece) => kept.push(piece),
      take: async (recorded) => {
        taken.push(recorded);
        return [];
      },
      drop: () => log.push('dropped')
    },
    now: () => Date.now(),
    ended: (why) => ended.push(why)
  });
  return { recording, kept, taken, ended, log, device };
}

test('[VOICE-1] what is recorded is kept piece by piece, and ends as one file with its length and waveform', async () => {
  const { recording, kept, taken, log } = setup();
  expect(await recording.start()).toBeNull();
  expect(recording.state).toBe('recording');
  vi.advanceTimersByTime(2_500);
  expect(kept.map(({ part, duration }) => [part, duration])).toEqual([
    [0, 1_000],
    [1, 2_000]
  ]);
  expect(kept.flatMap(({ levels }) => levels)).toHaveLength(40);
  expect(recording.bars.at(-1)).toBe(0.5);
  await Promise.all([recording.finish(), recording.finish()]);
  expect(log).toEqual(['silent']);
  expect(taken).toHaveLength(1);
  expect(taken[0]).toMatchObject({ duration: 2_500, waveform: Array(50).fill(255) });
  expect([taken[0]!.bytes.size, taken[0]!.bytes.type]).toEqual([9, 'audio/webm;codecs=opus']);
});

test('[VOICE-2] a pause is not part of it', async () => {
  const { recording, taken, device } = setup();
  await recording.start();
  vi.advanceTimersByTime(1_200);
  recording.pause();
  expect(recording.state).toBe('paused');
  device.loudness = 1;
  vi.advanceTimersByTime(60_000);
  recording.resume();
  vi.advanceTimersByTime(800);
  await recording.finish();
  expect(taken[0]!.duration).toBe(2_000);
  expect(taken[0]!.waveform.filter((value) => value === 255)).toHaveLength(16);
});

test('[VOICE-3] cancelled it listens no more and is called back whole, or given up for good', async () => {
  const { recording, kept, taken, log } = setup();
  await recording.start();
  vi.advanceTimersByTime(1_500);
  await recording.cancel();
  expect([recording.state, log]).toEqual(['given-up', ['silent']]);
  expect(kept).toHaveLength(1);
  await recording.finish();
  expect(taken[0]).toMatchObject({ duration: 1_500 });
  recording.drop();
  expect(log).toEqual(['silent']);

  const other = setup();
  await other.recording.start();
  await other.recording.cancel();
  other.recording.drop();
  expect([other.taken, other.log]).toEqual([[], ['silent', 'dropped']]);
});

test('[VOICE-5] a microphone that goes away ends it, with all that was recorded until then', async () => {
  const { recording, taken, ended, device } = setup();
  await recording.start();
  vi.advanceTimersByTime(3_000);
  device.events!.gone();
  device.events!.gone();
  expect([recording.state, ended]).toEqual(['ended', ['gone']]);
  await recording.finish();
  expect(taken).toMatchObject([{ duration: 3_000 }]);
});

test('[VOICE-5] ten minutes are the most, also while it was paused in between', async () => {
  const { recording, taken, ended } = setup();
  await recording.start();
  vi.advanceTimersByTime(LONGEST_MS / 2);
  recording.pause();
  vi.advanceTimersByTime(LONGEST_MS);
  recording.resume();
  vi.advanceTimersByTime(LONGEST_MS / 2 - 100);
  expect(recording.state).toBe('recording');
  vi.advanceTimersByTime(200);
  expect([recording.state, ended]).toEqual(['ended', ['longest']]);
  await recording.finish();
  expect(taken[0]).toMatchObject({ duration: LONGEST_MS });
  expect(taken[0]!.waveform).toHaveLength(64);
});

test('[VOICE-5] why it cannot begin is told, and whoever leaves while they are asked is not recorded', async () => {
  const refused = setup('refused');
  expect(await refused.recording.start()).toBe('refused');
  expect(refused.recording.state).toBe('given-up');

  const { recording, device, taken, log } = setup();
  device.allow = Promise.withResolvers();
  const started = recording.start();
  await recording.finish();
  device.allow.resolve();
  expect(await started).toBeNull();
  expect([taken, log]).toEqual([[], ['silent', 'dropped']]);
});
