// What the browser says about this device's storage, in words. null where it says nothing (plain http).

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
    return { used: bytesInWords(usage), persistent: await storage.persisted() };
  } catch {
    // Private windows of some browsers refuse; the page does without.
    return null;
  }
}

export function bytesInWords(bytes: number): string {
  if (bytes < 1_000_000) return `${Math.max(1, Math.round(bytes / 1_000))} kB`;
  if (bytes < 1_000_000_000) return `${Math.round(bytes / 1_000_000)} MB`;
  return `${(bytes / 1_000_000_000).toFixed(1)} GB`;
}
