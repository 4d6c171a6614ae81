// The test projects. `unit` sits beside the code and is fast; the others cross modules.
import { defineConfig } from 'vitest/config';
import { svelte } from '@sveltejs/vite-plugin-svelte';

const soak = process.env['ROOST_SOAK'] === '1';

export default defineConfig({
  // For `.svelte.ts` state files under test; there is no Kit here, so no `$app/*` in what is tested.
  plugins: [svelte({ configFile: false })],
  resolve: { conditions: ['browser'] },
  test: {
    environment: 'node',
    projects: [
      { test: { name: 'unit', include: ['src/**/*.test.ts', 'sync-server/**/*.test.ts'] } },
      {
        test: {
          name: 'server',
          include: ['tests/sync/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 30_000
        }
      },
      {
        test: {
          name: 'fault',
          include: ['tests/fault/**/*.test.ts'],
          testTimeout: soak ? 3_600_000 : 300_000,
          hookTimeout: 60_000,
          fileParallelism: false
        }
      },
      {
        test: {
          name: 'webkit',
          include: ['tests/e2e/webkit.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 60_000,
          fileParallelism: false
        }
      }
    ]
  }
});
