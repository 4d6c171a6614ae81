// What a room asks of the store before a commit, read in two sweeps, so that the commit itself runs without a pause.

import type { EntryId, RoomId, UserId } from '#protocol/ids.ts';
import type { KeyValue } from '../store/key-value.ts';
import { pageRevisionSchema, type PageRevision } from './change-sequence.ts';
import { entryKey, readKey, revisionKey } from './keys.ts';
import { readMarkerSchema, type ReadMarker } from './read-marker.ts';
import { decodeStored } from '../store/stored-json.ts';
import { storedEntrySchema, type StoredEntry } from './stored-entry.ts';

/** @throws StoreError @returns those that the room has */
export async function readEntries(
  kv: KeyValue,
  room: RoomId,
  ids: Iterable<EntryId>
): Promise<Map<EntryId, StoredEntry>> {
  const wanted = [...new Set(ids)];
  const found = new Map<EntryId, StoredEntry>();
  if (wanted.length === 0) return found;
  const keys = wanted.map((id) => entryKey(room, id));
  for (const [index, value] of (await kv.getMany(keys)).entries()) {
    if (value) found.set(wanted[index]!, decodeStored(storedEntrySchema, keys[index]!, value));
  }
  return found;
}

/** @throws StoreError */
export async function readRevisions(
  kv: KeyValue,
  room: RoomId,
  pages: Iterable<number>
): Promise<Map<number, PageRevision>> {
  const wanted = [...new Set(pages)];
  const found = new Map<number, PageRevision>();
  if (wanted.length === 0) return found;
  const keys = wanted.map((page) => revisionKey({ room, page }));
  for (const [index, value] of (await kv.getMany(keys)).entries()) {
    if (value) found.set(wanted[index]!, decodeStored(pageRevisionSchema, keys[index]!, value));
  }
  return found;
}

/** @throws StoreError @returns null for who has none */
export async function readMarkers(
  kv: KeyValue,
  room: RoomId,
  users: readonly UserId[]
): Promise<Map<UserId, ReadMarker | null>> {
  const keys = users.map((user) => readKey(room, user));
  const values = users.length === 0 ? [] : await kv.getMany(keys);
  return new Map(
    users.map((user, index) => {
      const value = values[index];
      return [user, value ? decodeStored(readMarkerSchema, keys[index]!, value) : null];
    })
  );
}
