// LevelDB's tables, as it lists them itself in the property `leveldb.sstables`. A table never changes: one with a
// number above those of a moment ago was written since.

import type { LevelDown } from 'leveldown';

export interface LevelTable {
  readonly number: number;
  /** The bytes of its first and its last key. */
  readonly first: Buffer;
  readonly last: Buffer;
}

/** `17:123['first' @ 3 : 1 .. 'last' @ 4 : 1]`, a line each (Version::DebugString of LevelDB 1.20). */
const TABLE = /^ (\d+):\d+\['(.*)' @ \d+ : \d \.\. '(.*)' @ \d+ : \d\]$/;

/** The tables that hold keys from `from` to `to`, both included. */
export function tablesBetween(db: LevelDown, from: Buffer, to: Buffer): LevelTable[] {
  return tablesOf(db).filter(({ first, last }) => Buffer.compare(first, to) <= 0 && Buffer.compare(last, from) >= 0);
}

/** The highest number of any table, 0 when there is none. */
export function newestTable(db: LevelDown): number {
  return tablesOf(db).reduce((newest, { number }) => Math.max(newest, number), 0);
}

function tablesOf(db: LevelDown): LevelTable[] {
  const lines = db.getProperty('leveldb.sstables').split('\n');
  return lines.flatMap((line) => {
    if (line === '' || line.startsWith('--- ')) return [];
    const match = TABLE.exec(line);
    // Not to be passed over: what a table holds could not be told to be erased.
    if (match === null) throw new Error(`LevelDB lists a table in a form that is not known: ${line}`);
    return [{ number: Number(match[1]), first: unescaped(match[2]!), last: unescaped(match[3]!) }];
  });
}

/** LevelDB writes bytes outside of printable ASCII as `\xHH`. A backslash stands for itself; no key of ours has one. */
function unescaped(text: string): Buffer {
  return Buffer.from(
    text.replace(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1'
  );
}
