// What people may say of files: that the bytes are here, are what is said of them, and are theirs to refer to. They are
// theirs if they have sent all of them, or may read a message that names them, in whatever room.

import * as v from 'valibot';
import type { BlobHash, RoomId } from '#protocol/ids.ts';
import { mayReadRoom } from '../rooms/may-read.ts';
import type { BlobWish, HeldBlobs } from '../rooms/room-blobs.ts';
import type { KeyValue } from '../store/key-value.ts';
import { decodeStored } from '../store/stored-json.ts';
import { blobKey, ownerKey, refsIn, refsOf, roomOfRef } from './blob-keys.ts';
import type { FileFacts } from './file-inspection.ts';

export const blobRecordSchema = v.strictObject({ type: v.string(), size: v.number() });

/** Keys that are asked for together: one update may name thousands of files. */
const AT_ONCE = 1_000;

const nameOf = ({ author, hash }: BlobWish): string => `${hash}/${author}`;

/** Of these wishes alone. @throws StoreError */
export async function readRights(kv: KeyValue, wishes: readonly BlobWish[]): Promise<HeldBlobs['admits']> {
  const facts = await readFacts(kv, new Set(wishes.map(({ hash }) => hash)));
  const pairs = [...new Map(wishes.filter(({ hash }) => facts.has(hash)).map((wish) => [nameOf(wish), wish])).values()];
  const owned = await getMany(
    kv,
    pairs.map(({ author, hash }) => ownerKey(hash, author))
  );
  const allowed = new Set<string>();
  for (const [at, wish] of pairs.entries()) if (owned[at] || (await isReadable(kv, wish))) allowed.add(nameOf(wish));
  return (author, { hash, type, size }) => {
    const known = facts.get(hash);
    return known?.type === type && known.size === size && allowed.has(nameOf({ author, hash }));
  };
}

async function readFacts(kv: KeyValue, hashes: ReadonlySet<BlobHash>): Promise<Map<BlobHash, FileFacts>> {
  const keys = [...hashes].map((hash) => blobKey(hash));
  const values = await getMany(kv, keys);
  const facts = new Map<BlobHash, FileFacts>();
  for (const [at, hash] of [...hashes].entries()) {
    const value = values[at];
    if (value) facts.set(hash, decodeStored(blobRecordSchema, keys[at]!, value));
  }
  return facts;
}

async function isReadable(kv: KeyValue, { author, hash }: BlobWish): Promise<boolean> {
  const all = refsOf(hash);
  for (let { gte } = all; ;) {
    let room: RoomId | null = null;
    for await (const [key] of kv.range({ gte, lt: all.lt, limit: 1 })) room = roomOfRef(key);
    if (room === null) return false;
    if (await mayReadRoom(kv, author, room)) return true;
    gte = refsIn(hash, room).lt;
  }
}

async function getMany(kv: KeyValue, keys: readonly string[]): Promise<(Uint8Array | undefined)[]> {
  const values: (Uint8Array | undefined)[] = [];
  for (let at = 0; at < keys.length; at += AT_ONCE) values.push(...(await kv.getMany(keys.slice(at, at + AT_ONCE))));
  return values;
}
