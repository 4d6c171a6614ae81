// Types of everything: app, server, tests and scripts in one program, the service worker in its own, since
// it lives in another global scope.
import { spawnSync } from 'node:child_process';

const runs = [
  ['node_modules/@sveltejs/kit/svelte-kit.js', 'sync'],
  [
    'node_modules/svelte-check/bin/svelte-check',
    '--tsconfig',
    'tsconfig.json',
    '--fail-on-warnings',
    '--output',
    'human'
  ],
  ['node_modules/typescript/bin/tsc', '--project', 'src/service-worker/tsconfig.json']
];

for (const argv of runs) {
  const { status } = spawnSync(process.execPath, argv, { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
