// The files of messages that are yet to be sent: nothing refers to them until then, and they are kept all the same.

import { blobClaimsOf } from '#protocol/entry.ts';
import type { BlobHash, UserId } from '#protocol/ids.ts';
import type { KeyValue } from '../store/key-value.ts';
import { decodeStored } from '../store/stored-json.ts';
import { ALL_SCHEDULED, refOfScheduled } from './scheduled-keys.ts';
import { scheduledRecordSchema } from './scheduled-records.ts';

/** By hash, whose messages name it. @throws StoreError */
export async function scheduledBlobs(kv: KeyValue): Promise<Map<BlobHash, Set<UserId>>> {
  const named = new Map<BlobHash, Set<UserId>>();
  for await (const [key, value] of kv.range(ALL_SCHEDULED)) {
    const { user } = refOfScheduled(key);
    for (const { hash } of blobClaimsOf(decodeStored(scheduledRecordSchema, key, value).entry)) {
      const people = named.get(hash) ?? new Set();
      named.set(hash, people.add(user));
    }
  }
  return named;
}
