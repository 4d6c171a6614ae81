import { expect, test } from 'vitest';
import { WAVEFORM_MAX } from '#protocol/limits.ts';
import { resampled, waveformOf } from './waveform.ts';

test('[VOICE-4] a waveform has 64 values, each the loudest of its time, beside the loudest of all', () => {
  const levels = Array.from({ length: 640 }, (_, at) => (at === 325 ? 0.5 : at % 10 === 0 ? 0.25 : 0.1));
  const waveform = waveformOf(levels);
  expect(waveform).toHaveLength(WAVEFORM_MAX);
  expect(waveform[32]).toBe(255);
  expect(new Set(waveform.filter((_, at) => at !== 32))).toEqual(new Set([128]));
});

test('[VOICE-4] a short recording has as many values as were measured, silence is flat, and of nothing there is none', () => {
  expect(waveformOf([0.1, 0.2, 0.4])).toEqual([64, 128, 255]);
  expect(waveformOf(Array(100).fill(0))).toEqual(Array(WAVEFORM_MAX).fill(0));
  // The noise of a quiet room is no speech.
  expect(Math.max(...waveformOf(Array(100).fill(0.002)))).toBeLessThan(60);
  expect(waveformOf([])).toEqual([]);
  expect(waveformOf([2, -1])).toEqual([255, 0]);
});

test('[VOICE-4] drawn with fewer bars or with more, nothing loud is left out', () => {
  expect(resampled([1, 9, 2, 3, 8, 1], 3)).toEqual([9, 3, 8]);
  expect(resampled([1, 2], 4)).toEqual([1, 1, 2, 2]);
  expect(resampled([], 4)).toEqual([]);
});
