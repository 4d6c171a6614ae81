// Types of everything: app, server, tests and scripts in one program, the service worker in its own, since
// it lives in another global scope. `--incremental` looks again only at what changed since the last time, and does not
// notice where a component is imported that is not there.
import { spawn, spawnSync } from 'node:child_process';

const incremental = process.argv.includes('--incremental');
const workerBuildInfo = '.svelte-kit/tsbuildinfo/service-worker.json';

const sync = ['node_modules/@sveltejs/kit/svelte-kit.js', 'sync'];
/** Side by side. */
const programs = [
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

const { status } = spawnSync(process.execPath, sync, { stdio: 'inherit' });
if (status !== 0) process.exit(status ?? 1);
const checked = programs.map(
  (argv) =>
    new Promise((resolve) => {
      const program = spawn(process.execPath, argv, { stdio: 'inherit' });
      program.on('error', () => resolve(1));
      program.on('close', (code) => resolve(code ?? 1));
    })
);
if ((await Promise.all(checked)).some((code) => code !== 0)) process.exitCode = 1;
