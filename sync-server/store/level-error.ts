// LevelDB tells what went wrong only in words: the status it ended in, a file, and the system's message. This is
// the one place that reads them.

import { StoreError } from './key-value.ts';
import type { StoreErrorCode } from './key-value.ts';

const PATTERNS: readonly (readonly [RegExp, StoreErrorCode])[] = [
  [/No space left|File too large|Disk quota exceeded/i, 'full'],
  [/^IO error: lock |already held by process/i, 'locked'],
  [/Permission denied|Read-only file system|Operation not permitted/i, 'read-only'],
  [/^Corruption/i, 'corrupt'],
  [/Database is not open/i, 'closed']
];

export function levelError(cause: unknown): StoreError {
  if (cause instanceof StoreError) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  const code = PATTERNS.find(([pattern]) => pattern.test(message))?.[1] ?? 'io';
  return new StoreError(code, message, { cause });
}
