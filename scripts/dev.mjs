// `npm run dev`: Vite's dev server in front (PORT, default 3000) and the sync server behind it, restarted
// on change. Vite passes /api, /sync, /files and /healthz on (vite.config.ts). ROOST_URL tells the sync
// server which origin the browser shows; every other ROOST_* variable works as in `npm start`.
import { spawn } from 'node:child_process';

const port = Number(process.env.PORT ?? 3000);
const syncPort = Number(process.env.ROOST_DEV_SYNC_PORT ?? port + 1);
const env = { ...process.env, ROOST_DEV_SYNC_PORT: String(syncPort) };

const children = [
  start(['--watch', '--watch-preserve-output', 'sync-server/main.ts', ...process.argv.slice(2)], {
    PORT: String(syncPort),
    ROOST_URL: process.env.ROOST_URL ?? `http://localhost:${port}`
  }),
  start(['node_modules/vite/bin/vite.js', 'dev', '--port', String(port), '--strictPort'], {})
];

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stopAll(signal));

function start(argv, more) {
  const child = spawn(process.execPath, argv, { stdio: 'inherit', env: { ...env, ...more } });
  child.on('exit', (code) => {
    process.exitCode ??= code ?? 0;
    stopAll('SIGTERM');
  });
  return child;
}

function stopAll(signal) {
  for (const child of children) if (child.exitCode === null && child.signalCode === null) child.kill(signal);
}
