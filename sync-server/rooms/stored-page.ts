// A sealed page as it lies in the store, and the list of what was erased on any page.

import * as v from 'valibot';
import type { ArrivedEntry, ErasedEntry } from '#protocol/api/sealed-page.ts';
import type { Entry } from '#protocol/entry.ts';
import type { PageRef } from '#protocol/ids.ts';
import type { KeyValue } from '../store/key-value.ts';
import { decodeStored } from '../store/stored-json.ts';
import { decodeBase, type StoredBase } from './committed-page.ts';
import { baseKey, erasedKey, sealedKey } from './keys.ts';

// Entries were checked on their way in, and unknown ones are looser than a schema could say.
export const arrivedSchema = v.strictObject({
  entry: v.custom<Entry>((value) => typeof value === 'object' && value !== null),
  at: v.number(),
  n: v.number(),
  until: v.optional(v.number())
});
/** Value of sealed/<room>/<page>. */
export const sealedSchema = v.strictObject({ entries: v.array(arrivedSchema) });
/** Value of erased/<room>/<page>. */
export const erasedSchema = v.strictObject({
  entries: v.array(
    v.strictObject({
      id: v.string(),
      at: v.number(),
      n: v.number(),
      edit: v.optional(v.literal(true)),
      thread: v.optional(v.string()),
      of: v.optional(v.string()),
      until: v.optional(v.number())
    })
  )
});

export interface StoredPage {
  readonly base: StoredBase;
  /** Arrived entries; none while the page is not sealed. */
  readonly entries: readonly ArrivedEntry[];
  readonly erased: readonly ErasedEntry[];
}

const NO_BASE: StoredBase = { from: 0, update: Uint8Array.of(0, 0) };

/** @throws StoreError */
export async function readStoredPage(kv: KeyValue, ref: PageRef): Promise<StoredPage> {
  const keys = [baseKey(ref), sealedKey(ref), erasedKey(ref)] as const;
  const [base, sealed, erased] = await kv.getMany(keys);
  return {
    base: base ? decodeBase(base) : NO_BASE,
    entries: sealed ? decodeStored(sealedSchema, keys[1], sealed).entries : [],
    erased: erased ? decodeStored(erasedSchema, keys[2], erased).entries : []
  };
}
