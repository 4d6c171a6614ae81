// The test projects. `unit` sits beside the code and is fast; the others cross modules.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { wordsInOne } from './scripts/vite/words-in-one.ts';

const soak = process.env['ROOST_SOAK'] === '1';

/** `expect.poll` gives up after a second by itself, which a busy machine may need. */
const patient = { expect: { poll: { timeout: 40_000 } } };

export default defineConfig({
  // State files (`.svelte.ts`) are tested as the browser has them, with live runes, though Node runs them;
  // their tests use runes too where they are named `*.svelte.test.ts`. No Kit here: no `$app/*`.
  plugins: [wordsInOne(), svelte({ configFile: false, dynamicCompileOptions: () => ({ generate: 'client' }) })],
  ssr: { resolve: { conditions: ['browser'] } },
  // The server is tested as Node runs it: ws for browsers is a stub that throws.
  resolve: { alias: [{ find: /^ws$/, replacement: fileURLToPath(import.meta.resolve('ws')) }] },
  test: {
    environment: 'node',
    // Of two cores it would use one by itself; most of what is tested here waits for sockets and disks.
    maxWorkers: 3,
    projects: [
      {
        test: {
          name: 'unit',
          ...patient,
          include: ['src/**/*.test.ts', 'sync-server/**/*.test.ts'],
          // Far above what any takes: a busy machine is no failure.
          testTimeout: 240_000
        }
      },
      {
        test: {
          name: 'server',
          ...patient,
          include: ['tests/sync/**/*.test.ts'],
          testTimeout: 240_000,
          hookTimeout: 60_000
        }
      },
      {
        test: {
          name: 'fault',
          ...patient,
          include: ['tests/fault/**/*.test.ts'],
          testTimeout: soak ? 3_600_000 : 300_000,
          hookTimeout: 60_000
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
