// Carries one command out and says what came of it: results on standard output, words for people on standard error.

import type { Administration } from '../admin-socket/administration.ts';
import type { Command } from './arguments.ts';
import { importFile } from './import-file.ts';
import { ProgressBar } from './progress-bar.ts';
import { readPassword } from './read-password.ts';

export interface Terminal {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

/** @returns the exit status */
export async function runCommand(
  command: Exclude<Command, { kind: 'help' }>,
  administration: Administration,
  { stdin, stdout, stderr }: Terminal
): Promise<number> {
  switch (command.kind) {
    case 'user-add': {
      const password = await readPassword(stdin, stderr);
      const { name, admin } = await administration.addUser({ name: command.name, password, admin: command.admin });
      const first = admin && !command.admin ? ', as the first account' : '';
      stderr.write(`Added ${name}${admin ? `, an administrator${first}` : ''}.\n`);
      return 0;
    }
    case 'user-password': {
      const { name } = await administration.findUser(command.name);
      await administration.setPassword(name, await readPassword(stdin, stderr));
      stderr.write(`${name} has another password, and is signed out of all browsers.\n`);
      return 0;
    }
    case 'token':
      stdout.write(`${await administration.issueToken(command.name)}\n`);
      return 0;
    case 'room-add':
      stdout.write(`${await administration.addRoom(command)}\n`);
      return 0;
    case 'import': {
      const room = await administration.findRoom(command.room);
      const bar = new ProgressBar(stderr);
      try {
        const { imported, alreadyThere, skipped } = await importFile(command.file, room, administration, bar);
        bar.end();
        stdout.write(`${imported} imported, ${alreadyThere} already there, ${skipped} skipped\n`);
        return skipped === 0 ? 0 : 1;
      } finally {
        bar.end();
      }
    }
  }
}
