// `npm run check`: format, lint, types, spec ids and unit tests, side by side and with their caches. Prints
// each step's time, and the whole output of those that failed.
import { runStep } from './run-step.mjs';
import { lintSteps, unitStep } from './steps.mjs';

const steps = [...lintSteps, unitStep];
// Lint is the longest that cannot be shared between cores: what can gives way to it.
const results = await Promise.all(
  steps.map((step) => runStep(step, { quiet: true, nice: step.name === 'lint' ? 0 : 10 }))
);
const failed = results.filter(({ ok }) => !ok);
for (const { name, output } of failed) console.log(`\n── ${name} ──\n${output.trim()}`);
console.log(`\n${steps.length - failed.length} of ${steps.length} checks passed`);
process.exitCode = failed.length > 0 ? 1 : 0;
