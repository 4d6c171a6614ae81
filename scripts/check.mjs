// `npm run check`: format, quick lint, types, texts, spec ids and unit tests, side by side and with their caches. Prints
// each step's time, and the whole output of those that failed.
import { runStep } from './run-step.mjs';
import { checkSteps } from './steps.mjs';

const results = await Promise.all(checkSteps.map((step) => runStep(step, { quiet: true })));
const failed = results.filter(({ ok }) => !ok);
for (const { name, output } of failed) console.log(`\n── ${name} ──\n${output.trim()}`);
console.log(`\n${checkSteps.length - failed.length} of ${checkSteps.length} checks passed`);
process.exitCode = failed.length > 0 ? 1 : 0;
