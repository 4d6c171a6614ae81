// What the rooms ask of the files that messages name. A commit is checked without a pause, so what it may ask is read
// before, and held: none of it is erased until the commit is over.

import type { BlobClaim } from '#protocol/attachment.ts';
import type { BlobHash, UserId } from '#protocol/ids.ts';

/** Somebody refers to a blob, in whatever entry. */
export interface BlobWish {
  readonly author: UserId;
  readonly hash: BlobHash;
}

export interface HeldBlobs {
  /** Whether the bytes are here, are what is said of them, and are this person's to refer to. Of what was held alone. */
  admits(author: UserId, claim: BlobClaim): boolean;
  release(): void;
}

export interface RoomBlobs {
  /** @throws StoreError */
  hold(wishes: readonly BlobWish[]): Promise<HeldBlobs>;
  /** A commit has dropped references: files may have to go. */
  dropped(): void;
  /** Resolves when what was dropped so far has left the disk. */
  settled(): Promise<void>;
}

export const NOTHING_HELD: HeldBlobs = { admits: () => false, release: () => undefined };

/** A server that keeps no files: for tests of what this does not concern. */
export const NO_BLOBS: RoomBlobs = {
  hold: () => Promise.resolve(NOTHING_HELD),
  dropped: () => undefined,
  settled: () => Promise.resolve()
};
