// Random choices that can be made again: the seed is in every failure, and ROOST_SEED sets it.

/** From the environment, else fresh. */
export const chooseSeed = (): number => Number(process.env['ROOST_SEED'] ?? Math.floor(Math.random() * 2 ** 32));

/** Mulberry32: whole numbers from 0 to below `bound`. */
export function randomFrom(seed: number): (bound: number) => number {
  let state = seed >>> 0;
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * bound);
  };
}
