// The steps that `npm run check`, `npm test` and `npm run test:e2e` are made of, each one command.
// Steps with a `report` run tests: the JSON file that their runner leaves there holds the counts.

const cacheDir = 'node_modules/.cache';
const reportDir = 'test-results';

export const lintSteps = [
  step('format', 'prettier', ['--check', '--log-level=warn', '--cache', '--cache-strategy=content', '.']),
  step('lint', 'eslint', [
    ...['--cache', '--cache-strategy=content', `--cache-location=${cacheDir}/eslint`, '--max-warnings=0', '.']
  ]),
  step('types', process.execPath, ['scripts/check-types.mjs']),
  step('spec ids', process.execPath, ['scripts/check-spec.mjs']),
  step('texts', process.execPath, ['scripts/check-words.mjs'])
];

export const unitStep = vitestStep('unit');
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

/** @param {string} project of vitest.config.ts */
function vitestStep(project) {
  const report = `${reportDir}/${project}.json`;
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--allowOnly=false', '--project', project, ...reporters];
  return { ...step(project, process.execPath, args), report };
}

function underDisplay({ command, args, ...rest }) {
  return { ...rest, command: 'xvfb-run', args: ['-a', command, ...args] };
}

function step(name, command, args) {
  return { name, command, args };
}
