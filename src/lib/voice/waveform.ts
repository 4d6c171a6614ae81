// How loud a recording is, as so many values from its beginning to its end. Pure. Invariant: what is quiet all along is
// drawn as loud as a shout would be, but for silence, which stays flat.

import { WAVEFORM_MAX } from '#protocol/limits.ts';

/** Below this share of what the microphone can tell, it is the noise of the room. */
const SILENCE = 0.01;

/**
 * The loudest of each part, 0 to 255.
 * @param levels 0 to 1, evenly in time
 */
export function waveformOf(levels: readonly number[]): number[] {
  const peaks = resampled(levels, Math.min(WAVEFORM_MAX, levels.length));
  const loudest = Math.max(SILENCE, ...peaks);
  return peaks.map((peak) => Math.round((Math.min(loudest, Math.max(0, peak)) / loudest) * 255));
}

/** The largest of each of `count` parts, as even as can be; of fewer values than that some stand more than once. */
export function resampled(values: readonly number[], count: number): number[] {
  if (values.length === 0) return [];
  return Array.from({ length: count }, (_, at) => {
    const from = Math.floor((at * values.length) / count);
    const to = Math.max(from + 1, Math.floor(((at + 1) * values.length) / count));
    return values.slice(from, to).reduce((most, value) => Math.max(most, value), 0);
  });
}
