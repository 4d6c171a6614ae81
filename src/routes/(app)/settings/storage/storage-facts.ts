// What the browser says about this device's storage, in words. null where it says nothing (plain http).

import { bytesWords } from '#lib/words/byte-words.ts';

export interface StorageFacts {
  readonly used: string;
  /** Whether the browser promised not to clear it by itself. */
  readonly persistent: boolean;
}

export async function storageFacts(): Promise<StorageFacts | null> {
  const storage = (navigator as { storage?: StorageManager }).storage;
  if (!storage) return null;
  try {
    const { usage = 0 } = await storage.estimate();
    return { used: bytesWords(usage), persistent: await storage.persisted() };
  } catch {
    // Private windows of some browsers refuse; the page does without.
    return null;
  }
}
