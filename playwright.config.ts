// End-to-end tests in the system's Chromium and Firefox. Each test starts the servers it needs (and kills
// them): there is no shared one. WebKit has no driver Playwright knows: tests/e2e/webkit.test.ts.
import { defineConfig } from '@playwright/test';
import { chromiumLaunch, firefoxLaunch } from './scripts/browsers.ts';

export default defineConfig({
  testDir: 'tests/e2e',
  testMatch: '**/*.spec.ts',
  outputDir: 'test-results/playwright',
  workers: 1,
  retries: 0,
  timeout: 90_000,
  expect: { timeout: 10_000 },
  reporter: [['list'], ['json', { outputFile: 'test-results/e2e.json' }]],
  use: { screenshot: 'only-on-failure', locale: 'en-GB', timezoneId: 'Europe/Oslo' },
  projects: [
    { name: 'chromium', use: { browserName: 'chromium', launchOptions: chromiumLaunch } },
    {
      name: 'firefox',
      use: { browserName: 'firefox', channel: 'moz-firefox', launchOptions: firefoxLaunch }
    }
  ]
});
