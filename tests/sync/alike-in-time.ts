// Whether two questions take the same time to answer, on a machine that does other things meanwhile: they are asked by
// turns, each first as often as last, and compared by how often an answer to the one is slower than one to the other. That is a half
// if they are alike, whatever the outliers. A round that says otherwise is measured again, so that a bad moment fails
// nothing; a difference that is there shows in every round.

const WARM_UP = 50;
const ROUNDS = 3;
const LEAST = 0.35;
const MOST = 0.65;

export interface Comparison {
  /** How often the first is slower than the second, 0 to 1, in the round that was nearest to a half. */
  readonly share: number;
  readonly medianMs: readonly [first: number, second: number];
}

/** @param tries of each in a round */
export async function compareTimes(
  tries: number,
  first: () => Promise<void>,
  second: () => Promise<void>
): Promise<Comparison> {
  let nearest: Comparison | null = null;
  for (let round = 0; round < ROUNDS && !(nearest && isAlike(nearest)); round += 1) {
    const measured = await measure(tries, first, second);
    if (!nearest || Math.abs(measured.share - 0.5) < Math.abs(nearest.share - 0.5)) nearest = measured;
  }
  return nearest!;
}

export const isAlike = ({ share }: Comparison): boolean => share > LEAST && share < MOST;

async function measure(tries: number, first: () => Promise<void>, second: () => Promise<void>): Promise<Comparison> {
  const took: [number[], number[]] = [[], []];
  for (let at = -WARM_UP; at < tries; at += 1) {
    const order = at % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const);
    for (const which of order) {
      const startedAt = performance.now();
      await (which === 0 ? first() : second());
      if (at >= 0) took[which].push(performance.now() - startedAt);
    }
  }
  const [firsts, seconds] = [took[0].sort(ascending), took[1].sort(ascending)];
  const slower = firsts.reduce((sum, ms) => sum + seconds.filter((other) => ms > other).length, 0);
  return { share: slower / (tries * tries), medianMs: [firsts[tries >> 1]!, seconds[tries >> 1]!] };
}

const ascending = (a: number, b: number): number => a - b;
