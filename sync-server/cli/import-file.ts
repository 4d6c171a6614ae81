// Imports a file, line by line, in batches: the next is read only when the last is on disk, so that a file of any
// length takes little memory. A bad line is named and passed over.

import type { Entry } from '#protocol/entry.ts';
import type { RoomId } from '#protocol/ids.ts';
import type { Administration } from '../admin-socket/administration.ts';
import { fileLines } from './file-lines.ts';
import { readImportLine } from './import-line.ts';

const BATCH = 1_000;

export interface Imported {
  readonly imported: number;
  readonly alreadyThere: number;
  readonly skipped: number;
}

export interface ImportProgress {
  /** @param done 0 to 1 */
  show(done: number, lines: number): void;
  bad(lineNumber: number, reason: string): void;
}

export async function importFile(
  file: string,
  room: RoomId,
  administration: Administration,
  progress: ImportProgress
): Promise<Imported> {
  let imported = 0;
  let alreadyThere = 0;
  let skipped = 0;
  let batch: Entry[] = [];
  const flush = async (): Promise<void> => {
    const count = await administration.importEntries(room, batch);
    imported += count.imported;
    alreadyThere += count.alreadyThere;
    batch = [];
  };
  for await (const { number, bytes, done } of fileLines(file)) {
    if (bytes !== null && isBlank(bytes)) continue;
    const line = bytes === null ? ({ ok: false, reason: 'is too long' } as const) : readImportLine(bytes);
    if (line.ok) batch.push(line.entry);
    else {
      skipped += 1;
      progress.bad(number, line.reason);
    }
    if (batch.length < BATCH) continue;
    await flush();
    progress.show(done, number);
  }
  await flush();
  return { imported, alreadyThere, skipped };
}

const isBlank = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);
