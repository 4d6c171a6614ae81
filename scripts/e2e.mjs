// `npm run test:e2e`: Chromium and Firefox, then WebKit. With arguments only what they say: `webkit`, or
// anything Playwright takes (`-- --project firefox offline.spec.ts`).
import { runStep } from './run-step.mjs';
import { playwrightStep, webkitStep } from './steps.mjs';

process.env['ROOST_E2E'] = 'whole';
const args = process.argv.slice(2);
const steps =
  args[0] === 'webkit' ? [webkitStep] : args.length > 0 ? [playwrightStep(args)] : [playwrightStep(), webkitStep];
for (const step of steps) {
  const { ok } = await runStep(step);
  if (!ok) process.exit(1);
}
