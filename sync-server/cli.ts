// `npm run roost -- COMMAND`: the host's command line. Exit status 0 done, 1 failed or lines skipped, 2 not understood.

import path from 'node:path';
import { readArguments, USAGE, UsageError } from './cli/arguments.ts';
import { openAdministration } from './cli/open-administration.ts';
import { runCommand } from './cli/run-command.ts';
import { readConfig } from './config.ts';
import { startupProblem } from './startup-problem.ts';

process.exitCode = await main();

async function main(): Promise<number> {
  try {
    const command = readArguments(process.argv.slice(2));
    if (command.kind === 'help') {
      process.stdout.write(USAGE);
      return 0;
    }
    const { dataDir } = readConfig({ args: [], env: process.env, root: path.resolve(import.meta.dirname, '..') });
    const administration = await openAdministration(dataDir, process.cwd());
    try {
      return await runCommand(command, administration, process);
    } finally {
      await administration.close();
    }
  } catch (error) {
    const line = startupProblem(error, 0) ?? (error instanceof Error ? error.message.split('\n', 1)[0] : String(error));
    if (error instanceof UsageError) process.stderr.write(`roost: ${line} (try: npm run roost -- help)\n`);
    else process.stderr.write(`roost: ${line}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}
