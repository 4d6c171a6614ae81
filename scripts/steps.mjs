// The steps that `npm run check`, `npm test` and `npm run test:e2e` are made of, each one command.
// Steps with a `report` run tests: the JSON file that their runner leaves there holds the counts.

const cacheDir = 'node_modules/.cache';
const reportDir = 'test-results';

const formatStep = step('format', 'prettier', [
  ...['--check', '--log-level=warn', '--cache', '--cache-strategy=content', '.']
]);
const typesStep = step('types', process.execPath, ['scripts/check-types.mjs']);
const specStep = step('spec ids', process.execPath, ['scripts/check-spec.mjs']);
const textsStep = step('texts', process.execPath, ['scripts/check-words.mjs']);

/** What reads the sources, with every rule. */
export const lintSteps = [formatStep, lintStep('eslint'), typesStep, specStep, textsStep];
export const unitStep = vitestStep('unit');

/**
 * The same for between two commits: lint without the rules that need types, types of what changed, the unit tests of what
 * is not committed yet, one process for many files of them, fewer random cases.
 */
export const checkSteps = [
  { ...lintStep('eslint-quick'), env: { ROOST_LINT: 'quick' } },
  { ...vitestStep('unit', ['--no-isolate', '--changed', '--passWithNoTests']), env: { ROOST_PROPERTY_RUNS: 'few' } },
  { ...typesStep, args: [...typesStep.args, '--incremental'] },
  ...[formatStep, specStep, textsStep]
];

export const serverStep = vitestStep('server');
export const faultStep = vitestStep('fault');
export const webkitStep = underDisplay(vitestStep('webkit'));

export const buildStep = step('build', process.execPath, ['scripts/launch.mjs', 'build']);
export const bundleStep = step('bundle sizes', process.execPath, ['scripts/check-bundle.mjs']);

/** @param {string[]} args of Playwright; without any, the whole suite */
export function playwrightStep(args = ['--forbid-only']) {
  return {
    ...step('e2e', process.execPath, ['node_modules/@playwright/test/cli.js', 'test', ...args]),
    report: `${reportDir}/e2e.json`
  };
}

/** @param {string} cache of its own for each set of rules: another set forgets all that is there */
function lintStep(cache) {
  const args = [
    '--cache',
    '--cache-strategy=content',
    `--cache-location=${cacheDir}/${cache}`,
    '--max-warnings=0',
    '.'
  ];
  return step('lint', 'eslint', args);
}

/** @param {string} project of vitest.config.ts @param {string[]} [more] arguments */
function vitestStep(project, more = []) {
  const report = `${reportDir}/${project}.json`;
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const args = [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--allowOnly=false',
    '--project',
    project,
    ...reporters,
    ...more
  ];
  return { ...step(project, process.execPath, args), report };
}

function underDisplay({ command, args, ...rest }) {
  return { ...rest, command: 'xvfb-run', args: ['-a', command, ...args] };
}

function step(name, command, args) {
  return { name, command, args };
}
