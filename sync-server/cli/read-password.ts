// A password from standard input: typed without echo, twice, by a person; else its first line.

import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { AdministrationError } from '../admin-socket/administration.ts';

export async function readPassword(input: NodeJS.ReadStream, prompt: NodeJS.WriteStream): Promise<string> {
  if (!input.isTTY) {
    const [line] = (await text(input)).split(/\r?\n/, 1);
    if (!line) throw new AdministrationError('The password is to come on standard input.');
    return line;
  }
  const password = await typed('Password: ', input, prompt);
  const again = await typed('The same again: ', input, prompt);
  if (password !== again) throw new AdministrationError('The two passwords differ.');
  return password;
}

async function typed(question: string, input: NodeJS.ReadStream, prompt: NodeJS.WriteStream): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const line = createInterface({ input, output: silent, terminal: true });
  const stopped = new AbortController();
  line.on('SIGINT', () => stopped.abort());
  prompt.write(question);
  try {
    return await line.question('', { signal: stopped.signal });
  } catch (cause) {
    throw new AdministrationError('Nothing was changed.', { cause });
  } finally {
    line.close();
    prompt.write('\n');
  }
}
