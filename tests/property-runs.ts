// How many random cases a property is tried with. Invariant: `npm test` and the single suites try all that a test asks for;
// `npm run check`, which stands between two commits, a fifth of them.

const share = process.env['ROOST_PROPERTY_RUNS'] === 'few' ? 1 / 5 : 1;

/** @param all as many as prove it */
export const runs = (all: number): { numRuns: number } => ({ numRuns: Math.ceil(all * share) });
