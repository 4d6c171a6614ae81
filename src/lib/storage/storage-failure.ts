// What can go wrong when this device is asked to keep something, as codes and as words for people.
// Invariant: a write is good only once its transaction is complete; everything else is one of these.

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

const STORAGE_WORDS: Record<StorageFailure, string> = {
  quota:
    'This device has no room left for Roost. New messages are sent but not kept here; free some space, then reload.',
  unavailable:
    'This browser does not let Roost keep anything, as in a private window. Closing it loses what is unsent.',
  failed: 'Saving on this device failed. New messages are sent but not kept here; reload to try again.'
};

export const storageWords = (failure: StorageFailure): string => STORAGE_WORDS[failure];
