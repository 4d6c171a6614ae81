// The steps that `npm run check`, `npm test` and `npm run test:e2e` are made of, each one command.
// Steps with a `report` run tests: the JSON file that their runner leaves there holds the counts.
import { uncommittedFiles } from './uncommitted.mjs';

const cacheDir = 'node_modules/.cache';
const reportDir = 'test-results';

const formatStep = formatOf(['.']);
const typesStep = step('types', process.execPath, ['scripts/check-types.mjs']);
const specStep = step('spec ids', process.execPath, ['scripts/check-spec.mjs']);
const textsStep = step('texts', process.execPath, ['scripts/check-words.mjs']);

/** What reads the sources, with every rule. */
export const lintSteps = [formatStep, lintStep('eslint', ['.']), typesStep, specStep, textsStep];
export const unitStep = vitestStep('unit');

const uncommitted = uncommittedFiles();
const written = uncommitted ?? ['.'];
const code = uncommitted?.filter((file) => /\.(?:[jt]s|mjs|svelte)$/.test(file)) ?? ['.'];

/**
 * The same for between two commits: format, lint without the rules that need types, and unit tests of what is not committed
 * yet, one process for many files of them, fewer random cases; types, of everything.
 */
export const checkSteps = [
  ...(code.length > 0 ? [{ ...lintStep('eslint-quick', code), env: { ROOST_LINT: 'quick' } }] : []),
  { ...vitestStep('unit', ['--no-isolate', '--changed', '--passWithNoTests']), env: { ROOST_PROPERTY_RUNS: 'few' } },
  { ...typesStep, args: [...typesStep.args, '--incremental'] },
  ...(written.length > 0 ? [formatOf(written)] : []),
  ...[specStep, textsStep]
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

/** @param {string[]} files or folders */
function formatOf(files) {
  const args = ['--check', '--log-level=warn', '--cache', '--cache-strategy=content', '--ignore-unknown'];
  return step('format', 'prettier', [...args, ...files]);
}

/**
 * @param {string} cache of its own for each set of rules: another set forgets all that is there
 * @param {string[]} files or folders
 */
function lintStep(cache, files) {
  const args = [
    '--cache',
    '--cache-strategy=content',
    `--cache-location=${cacheDir}/${cache}`,
    '--max-warnings=0',
    '--no-warn-ignored',
    ...files
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
