// Writes imported entries into a room, page after page, one commit each: what is in memory is bounded by a page.

import { effectTarget, type Entry } from '#protocol/entry.ts';
import { parseEntry } from '#protocol/parse-entry.ts';
import { isImportedAuthor, type EntryId } from '#protocol/ids.ts';
import { PAGE_MAX_ENTRIES } from '#protocol/limits.ts';
import { readEntries } from './known-records.ts';
import type { RoomContents } from './room-contents.ts';
import type { ImportCount } from './room-service.ts';
import type { RoomSurroundings } from './room-surroundings.ts';
import { StagedCommit, type Written } from './staged-commit.ts';

/** The caller asked for what an import may not do; said in words for the person at the command line. */
export class ImportRefused extends Error {
  override readonly name = 'ImportRefused';
}

/** @throws ImportRefused */
export function checkImported(entries: readonly Entry[]): void {
  for (const entry of entries) {
    const parsed = parseEntry(entry);
    if (!parsed.ok) throw new ImportRefused(`The entry ${entry.id} cannot be imported: ${parsed.detail}.`);
    if (entry.type !== 'message' || !isImportedAuthor(entry.author))
      throw new ImportRefused(`The entry ${entry.id} is not a message by an imported author.`);
    if (effectTarget(entry) !== null)
      throw new ImportRefused(`The entry ${entry.id} is a reply in a thread, which an import cannot bring.`);
  }
}

/**
 * @param committed told of each commit
 * @throws ImportRefused before anything is written
 * @throws StoreError
 */
export async function importEntries(
  contents: RoomContents,
  surroundings: RoomSurroundings,
  entries: readonly Entry[],
  committed: (written: Written) => void
): Promise<ImportCount> {
  const { meta } = contents.view;
  if (!meta) throw new ImportRefused('There is no such room.');
  const fresh = await notThere(contents, surroundings, entries);
  if (fresh.length > 0 && meta.chatted)
    throw new ImportRefused('People have written in this room: import into an empty one.');
  for (let from = 0; from < fresh.length;) {
    const page = fresh.slice(from, from + PAGE_MAX_ENTRIES);
    const commit = await StagedCommit.prepare(contents, surroundings, [], []);
    from += commit.appendImported(page);
    committed(await commit.write());
  }
  return { imported: fresh.length, alreadyThere: entries.length - fresh.length };
}

/** Those whose id the room does not have, each once. */
async function notThere(
  { id: room }: RoomContents,
  { kv }: RoomSurroundings,
  entries: readonly Entry[]
): Promise<Entry[]> {
  const seen = new Set<EntryId>();
  const fresh: Entry[] = [];
  for (let from = 0; from < entries.length; from += PAGE_MAX_ENTRIES) {
    const some = entries.slice(from, from + PAGE_MAX_ENTRIES);
    const there = await readEntries(
      kv,
      room,
      some.map(({ id }) => id)
    );
    for (const entry of some) {
      if (there.has(entry.id) || seen.has(entry.id)) continue;
      seen.add(entry.id);
      fresh.push(entry);
    }
  }
  return fresh;
}
