// An account with a token and a public room, made through the command line of a running server.

import type { Me } from '#protocol/api/session.ts';
import type { RoostProcess } from './roost-process.ts';

export interface Account {
  readonly user: string;
  readonly token: string;
  readonly room: string;
}

export async function makeAccount(roost: RoostProcess, name = 'ann', roomName = 'Load'): Promise<Account> {
  const run = async (args: string[], stdin = ''): Promise<string> => {
    const { code, stdout, stderr } = await roost.roost(args, stdin);
    if (code !== 0) throw new Error(`roost ${args.join(' ')}: ${stderr}`);
    return stdout.trim().split('\n').at(-1)!;
  };
  await run(['user', 'add', name, '--admin'], 'correct horse battery\n');
  const token = await run(['token', name]);
  const room = await run(['room', 'add', roomName]);
  const me = await fetch(`${roost.url}/api/me`, { headers: { authorization: `Bearer ${token}` } });
  if (!me.ok) throw new Error(`GET /api/me: ${me.status}`);
  return { user: ((await me.json()) as Me).id, token, room };
}
