// `npm test`: everything, one step after the other, up to the first that fails; what the system lacks for it
// is installed first. Ends with one plain line: how many tests passed and failed, over all runners.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { runStep } from './run-step.mjs';
import * as steps from './steps.mjs';
import { installSystemPackages } from './system-packages.mjs';

const startedAt = Date.now();
const total = { passed: 0, failed: 0 };

installSystemPackages();
rmSync('test-results', { recursive: true, force: true });
mkdirSync('test-results');

const failedStep = await runAll();
const minutes = ((Date.now() - startedAt) / 60_000).toFixed(1);
console.log(failedStep ? `\nFailed at "${failedStep}" after ${minutes} min` : `\nAll steps passed in ${minutes} min`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = failedStep ? 1 : 0;

/** @returns {Promise<string | undefined>} the name of the step that failed */
async function runAll() {
  const linted = await Promise.all(steps.lintSteps.map((step) => runStep(step, { quiet: true })));
  for (const { name, ok, output } of linted) {
    if (ok) continue;
    console.log(`\n── ${name} ──\n${output.trim()}`);
    total.failed += 1;
  }
  const badLint = linted.find(({ ok }) => !ok);
  if (badLint) return badLint.name;

  const { unitStep, serverStep, faultStep, buildStep, bundleStep, playwrightStep, webkitStep } = steps;
  for (const step of [unitStep, buildStep, bundleStep, serverStep, faultStep, playwrightStep(), webkitStep]) {
    console.log(`\n── ${step.name} ──`);
    const { ok } = await runStep(step);
    const { passed, failed } = step.report ? countsIn(step.report) : { passed: 0, failed: 0 };
    total.passed += passed;
    // A step without tests, or a runner that broke off before its tests, counts as one failure.
    total.failed += ok ? failed : Math.max(failed, 1);
    if (!ok) return step.name;
    if (step.report && passed === 0) {
      console.log(`${step.name} ran no test`);
      total.failed += 1;
      return step.name;
    }
  }
  return undefined;
}

/** Reads Vitest's or Playwright's JSON report. A flaky test is a failed one. */
function countsIn(file) {
  let report;
  try {
    report = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { passed: 0, failed: 0 };
  }
  if (report.stats) return { passed: report.stats.expected, failed: report.stats.unexpected + report.stats.flaky };
  return { passed: report.numPassedTests, failed: report.numFailedTests };
}
