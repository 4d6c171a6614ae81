// The command line's words, from arguments to one of its commands.

import { parseArgs } from 'node:util';
import { isRoomId } from '#protocol/ids.ts';

export type Command =
  | { readonly kind: 'user-add'; readonly name: string; readonly admin: boolean }
  | { readonly kind: 'user-password'; readonly name: string }
  | { readonly kind: 'token'; readonly name: string }
  | { readonly kind: 'room-add'; readonly name: string; readonly private: boolean; readonly owner: string | null }
  | { readonly kind: 'import'; readonly file: string; readonly room: string }
  | { readonly kind: 'help' };

/** The arguments are none of the commands; exit status 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const USAGE = `npm run roost -- COMMAND

  user add NAME [--admin]          makes an account; the password comes on standard input
  user password NAME               sets another password, and ends the person's browser sessions
  token NAME                       prints a new bearer token of the account
  room add NAME [--private] [--owner NAME]
                                   makes a room and prints its id
  import FILE.jsonl[.gz] --room NAME
                                   imports messages into a room that is empty or holds imports only

It works whether or not the server runs. The data folder is ROOST_DATA_DIR, by default ./data.
`;

const OPTIONS = {
  admin: { type: 'boolean' },
  private: { type: 'boolean' },
  owner: { type: 'string' },
  room: { type: 'string' },
  help: { type: 'boolean', short: 'h' }
} as const;
type Option = keyof typeof OPTIONS;

/** @throws UsageError */
export function readArguments(args: readonly string[]): Command {
  const { values, positionals } = parse(args);
  const [first, second] = positionals;
  if (values.help || first === 'help') return { kind: 'help' };
  const allow = (...options: Option[]): void => {
    const other = (Object.keys(values) as Option[]).find((option) => !options.includes(option));
    if (other) throw new UsageError(`${[first, second].join(' ')} has no option --${other}`);
  };
  if (first === 'user' && second === 'add') {
    allow('admin');
    return { kind: 'user-add', name: only(positionals, 2, 'NAME'), admin: values.admin ?? false };
  }
  if (first === 'user' && second === 'password') {
    allow();
    return { kind: 'user-password', name: only(positionals, 2, 'NAME') };
  }
  if (first === 'token') {
    allow();
    return { kind: 'token', name: only(positionals, 1, 'NAME') };
  }
  if (first === 'room' && second === 'add') {
    allow('private', 'owner');
    const name = only(positionals, 2, 'NAME');
    return { kind: 'room-add', name, private: values.private ?? false, owner: values.owner ?? null };
  }
  if (first === 'import') {
    allow('room');
    if (values.room === undefined) throw new UsageError('import needs --room NAME');
    return { kind: 'import', file: only(positionals, 1, 'FILE'), room: values.room };
  }
  throw new UsageError(first === undefined ? 'a command is missing' : `there is no command ${positionals.join(' ')}`);
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: withRoomIds(args), options: OPTIONS, allowPositionals: true, strict: true });
  } catch (cause) {
    const [line] = (cause as Error).message.split(/\.\s|\n/);
    throw new UsageError(line ?? 'the arguments cannot be read', { cause });
  }
}

/** A room's id may begin with a hyphen: apart from its option it would be taken for another one. */
function withRoomIds(args: readonly string[]): string[] {
  const joined: string[] = [];
  for (const arg of args) {
    if (joined.at(-1) === '--room' && isRoomId(arg)) joined.push(`${joined.pop()}=${arg}`);
    else joined.push(arg);
  }
  return joined;
}

function only(positionals: readonly string[], at: number, what: string): string {
  const words = positionals.slice(0, at).join(' ');
  if (positionals.length > at + 1) throw new UsageError(`${words} takes one ${what}; quote one that has spaces`);
  const value = positionals[at];
  if (value === undefined || value === '') throw new UsageError(`${words} needs a ${what}`);
  return value;
}
