// Types of everything: app, server, tests and scripts in one program, the service worker in its own, since
// it lives in another global scope. `--incremental` looks again only at what changed since the last time, and does not
// notice where a component is imported that is not there.
import { spawnSync } from 'node:child_process';

const incremental = process.argv.includes('--incremental');
const workerBuildInfo = '.svelte-kit/tsbuildinfo/service-worker.json';

const runs = [
  ['node_modules/@sveltejs/kit/svelte-kit.js', 'sync'],
  [
    'node_modules/svelte-check/bin/svelte-check',
    '--tsconfig',
    'tsconfig.json',
    '--fail-on-warnings',
    '--output',
    'human',
    ...(incremental ? ['--incremental'] : [])
  ],
  [
    'node_modules/typescript/bin/tsc',
    '--project',
    'src/service-worker/tsconfig.json',
    ...(incremental ? ['--incremental', '--tsBuildInfoFile', workerBuildInfo] : [])
  ]
];

for (const argv of runs) {
  const { status } = spawnSync(process.execPath, argv, { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
