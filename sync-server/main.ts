// `npm start`: reads what the host has decided, starts the server, says where it is, and ends it on a signal.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { renderUnicodeCompact } from 'uqr';
import { readConfig, type Config } from './config.ts';
import { startServer, type RunningServer } from './server.ts';
import { startupProblem } from './startup-problem.ts';

const root = path.resolve(import.meta.dirname, '..');

await main();

async function main(): Promise<void> {
  let port = 3000;
  try {
    const config = readConfig({ args: process.argv.slice(2), env: process.env, root });
    ({ port } = config);
    const server = await start(config);
    // Before the greeting: whoever waits for it may end us at once.
    endOnSignal(server);
    process.stdout.write(greeting(server));
  } catch (error) {
    const line = startupProblem(error, port);
    console.error(line ?? error);
    process.exitCode = 1;
  }
}

function start(config: Config): Promise<RunningServer> {
  const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };
  // On a terminal the lines for people say it better; in a log file the start belongs there.
  const logLevel = config.logLevel ?? (process.stderr.isTTY ? 'warn' : 'info');
  return startServer({ ...config, logLevel }, { version, logTo: process.stderr });
}

function greeting({ url, port, lanUrls, trust, setupLink }: RunningServer): string {
  const lines = [`Roost is at ${url}`];
  if (setupLink) lines.push(`Make the first account, the administrator's: ${setupLink}`);
  if (lanUrls.length > 0) lines.push(`On your network: ${lanUrls.join('  ')}`);
  const firstLan = lanUrls[0];
  if (trust) {
    lines.push(`First let each device trust it: ${trust.url}`, `Fingerprint: ${trust.fingerprint}`);
    lines.push(renderUnicodeCompact(trust.url));
  } else if (firstLan) lines.push(renderUnicodeCompact(firstLan));
  const local = `http://localhost:${port}`;
  if (url !== local && !url.startsWith('http://')) lines.splice(1, 0, `On this machine: ${local}`);
  return `${lines.join('\n')}\n`;
}

function endOnSignal(server: RunningServer): void {
  let ending = false;
  const end = (): void => {
    // The second time the person means it: what was acknowledged is on disk in any case.
    if (ending) process.exit(130);
    ending = true;
    server.close().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      }
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
}
