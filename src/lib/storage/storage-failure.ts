// What can go wrong when this device is asked to keep something, as codes and as words for people.
// Invariant: a write is good only once its transaction is complete; everything else is one of these.

import { m } from '../words/generated/messages.js';

export type StorageFailure = 'quota' | 'unavailable' | 'failed';

export type Stored = { readonly ok: true } | { readonly ok: false; readonly failure: StorageFailure };

export const STORED: Stored = { ok: true };

/** Quota errors come as a transaction's abort; some browsers name them only in the abort's cause. */
export function storageFailure(error: unknown): StorageFailure {
  const name = (error as { name?: unknown } | null)?.name;
  if (name === 'QuotaExceededError' || name === 'NS_ERROR_DOM_INDEXEDDB_QUOTA_ERR') return 'quota';
  if (name === 'SecurityError' || name === 'InvalidAccessError' || error instanceof ReferenceError)
    return 'unavailable';
  const cause = (error as { cause?: unknown } | null)?.cause;
  return cause === undefined || cause === error ? 'failed' : storageFailure(cause);
}

const STORAGE_WORDS: Record<StorageFailure, () => string> = {
  quota: m.storage_quota,
  unavailable: m.storage_unavailable,
  failed: m.storage_failed
};

export const storageWords = (failure: StorageFailure): string => STORAGE_WORDS[failure]();
