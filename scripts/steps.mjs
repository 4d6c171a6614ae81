// The steps that `npm run check` and `npm test` share, each a command of its own.

const cacheDir = 'node_modules/.cache';

export const lintSteps = [
  step('format', 'prettier', [
    ...['--check', '--log-level=warn', '--cache', '--cache-strategy=content'],
    ...[`--cache-location=${cacheDir}/prettier`, '.']
  ]),
  step('lint', 'eslint', [
    ...['--cache', '--cache-strategy=content', `--cache-location=${cacheDir}/eslint`, '--max-warnings=0', '.']
  ]),
  step('types', process.execPath, ['scripts/check-types.mjs']),
  step('spec ids', process.execPath, ['scripts/check-spec.mjs'])
];

export const unitStep = vitestStep('unit', ['unit']);

/** @param {string[]} projects of vitest.config.ts */
export function vitestStep(name, projects, more = []) {
  const chosen = projects.flatMap((project) => ['--project', project]);
  return step(name, process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...chosen, ...more]);
}

export function step(name, command, args, env = {}) {
  return { name, command, args, env };
}
