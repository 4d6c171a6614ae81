// The keys of a person's devices, to compare with them.

export interface PersonKeys {
  /** `offline`: what is shown is as it was last known here. */
  readonly status: 'loading' | 'ready' | 'offline';
  /** Oldest first, revoked ones too. */
  readonly devices: readonly PersonKeyView[];
  /**
   * How far the keys in use were compared; `new`: there are others since this person compared, be it that the other has a
   * new device, be it that somebody names a key as theirs that is not.
   */
  readonly comparison: 'none' | 'some' | 'all' | 'new';
  /** This person has compared the fingerprint with the other's. Kept on this device alone. */
  setVerified(id: string, verified: boolean): Promise<void>;
}

export interface PersonKeyView {
  readonly id: string;
  /** "Firefox on Linux". */
  readonly label: string;
  /** Epoch ms. */
  readonly createdAt: number;
  readonly revokedAt: number | null;
  /** Six groups of five digits. */
  readonly fingerprint: string;
  readonly verified: boolean;
  /** In use, not compared, and not there when this person last compared. */
  readonly isNew: boolean;
}
