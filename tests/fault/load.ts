// What the fault tests share: an account with a room made by the command line, a paced stream of messages, and the
// checks on what was acknowledged.

import { expect } from 'vitest';
import type { Me } from '#protocol/api.ts';
import type { RoostProcess } from '../process/roost-process.ts';

export interface Account {
  readonly user: string;
  readonly token: string;
  readonly room: string;
}

/** Makes an administrator, a token and a public room, by the command line of a running server. */
export async function makeAccount(roost: RoostProcess, name = 'ann'): Promise<Account> {
  const run = async (args: string[], stdin = ''): Promise<string> => {
    const { code, stdout, stderr } = await roost.roost(args, stdin);
    expect(code, `${args.join(' ')}: ${stderr}`).toBe(0);
    return stdout.trim().split('\n').at(-1)!;
  };
  await run(['user', 'add', name, '--admin'], 'correct horse battery\n');
  const token = await run(['token', name]);
  const room = await run(['room', 'add', 'Load']);
  const me = await fetch(`${roost.url}/api/me`, { headers: { authorization: `Bearer ${token}` } });
  expect(me.status).toBe(200);
  return { user: ((await me.json()) as Me).id, token, room };
}

/** Calls `say` so many times a second until stopped; it resends nothing by itself. */
export function pace(perSecond: number, say: (index: number) => string) {
  const ids: string[] = [];
  const startedAt = performance.now();
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - startedAt) / 1_000) * perSecond);
    while (ids.length < due) ids.push(say(ids.length));
  }, 5);
  const stop = () => clearInterval(timer);
  return { stop, sent: () => ids, [Symbol.dispose]: stop };
}

/** What was seen in order must stand in that order. */
export function assertSameOrder(seen: readonly { readonly id: string }[], order: readonly string[]): void {
  const place = new Map(order.map((id, index) => [id, index]));
  let last = -1;
  const once = new Set<string>();
  for (const { id } of seen) {
    if (once.has(id)) continue;
    once.add(id);
    const at = place.get(id)!;
    expect(at, `${id} moved`).toBeGreaterThan(last);
    last = at;
  }
}
