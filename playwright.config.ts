// End-to-end tests in the system's Chromium and Firefox. Each test starts the servers it needs (and kills
// them): there is no shared one. WebKit has no driver Playwright knows: tests/e2e/webkit.test.ts.
import { defineConfig } from '@playwright/test';
import { chromiumShellLaunch, firefoxLaunch } from './scripts/browsers.ts';

/** `npm run test:e2e` sets this: all there is in both browsers. `npm test` has to be done in minutes. */
const whole = process.env['ROOST_E2E'] === 'whole';

/** What one browser proves for both: markup, screens over the JSON API, and what Chromium alone can measure. */
const ONE_BROWSER_PROVES = [
  'account',
  'admin',
  'avatar-picture',
  'away',
  'axe',
  'conversation',
  'files',
  'gallery',
  'hostile-files',
  'installability',
  'keys',
  'lan',
  'late',
  'later-parts',
  'link-preview',
  'layout',
  'markdown',
  'mentions',
  'message-acts',
  // Its faults are put in by scripts, above what the browsers' stores do by themselves.
  'rebuild',
  'push',
  'refused',
  'restored-server',
  'receipts',
  'room-made-offline',
  'rooms',
  'sealed-page',
  'send-later',
  'threads',
  'update',
  // Firefox's microphone of tests is asked for by hand.
  'voice',
  'zombie-line'
].map((name) => `**/${name}.spec.ts`);

export default defineConfig({
  testDir: 'tests/e2e',
  testMatch: '**/*.spec.ts',
  outputDir: 'test-results/playwright',
  // Their servers take a free port each and their own data folder.
  // More than cores: half of the time they wait for each other.
  workers: 3,
  fullyParallel: true,
  retries: 0,
  // Far above what any takes: a busy machine is no failure.
  timeout: 180_000,
  expect: { timeout: 60_000 },
  reporter: [['list'], ['json', { outputFile: 'test-results/e2e.json' }]],
  // Whatever cannot be clicked says so by its name, rather than that the test took too long.
  use: { actionTimeout: 60_000, screenshot: 'only-on-failure', locale: 'en-GB', timezoneId: 'Europe/Oslo' },
  projects: [
    { name: 'chromium', use: { browserName: 'chromium', launchOptions: chromiumShellLaunch } },
    {
      name: 'firefox',
      testIgnore: whole ? [] : ONE_BROWSER_PROVES,
      use: { browserName: 'firefox', channel: 'moz-firefox', launchOptions: firefoxLaunch }
    }
  ]
});
