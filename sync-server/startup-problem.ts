// Why Roost could not start, or a command could not be carried out, in one line that says what to do.

import { AdministrationError } from './admin-socket/administration.ts';
import { ConfigError } from './config-error.ts';
import { StoreError } from './store/key-value.ts';

/** null: not foreseen; then the whole error is worth showing. */
export function startupProblem(error: unknown, port: number): string | null {
  if (error instanceof ConfigError || error instanceof AdministrationError) return error.message;
  if (error instanceof StoreError) return sentence(error.message);
  const { code, path } = (error ?? {}) as NodeJS.ErrnoException;
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} is taken. Stop what uses it, or choose another: PORT=${port + 1} npm start`;
    case 'EACCES':
      if (path !== undefined) return `Permission denied: ${path}`;
      return `This account may not listen on port ${port}. Choose one above 1023: PORT=3000 npm start`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'HOST is no address of this machine.';
    case 'ENOENT':
      return `${path ?? 'A file'} is not there.`;
    case 'EISDIR':
      return `${path ?? 'The file'} is a folder.`;
    case 'EROFS':
    case 'ENOSPC':
      return `${path ?? 'The disk'} cannot be written (${code}).`;
    default:
      return null;
  }
}

const sentence = (text: string): string => {
  const [line] = text.split('\n', 1);
  return `${line!.charAt(0).toUpperCase()}${line!.slice(1)}${/[.!?]$/.test(line!) ? '' : '.'}`;
};
