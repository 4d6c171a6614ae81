// A word about the disk of this device.

/** What threatens that which is on this device alone. */
export interface StorageWarning {
  /** null: nothing, or the person has seen it. */
  readonly words: string | null;
  hide(): void;
}
