// Where files of messages lie in the key-value store; their bytes are in blobs/ of the data folder.
//
//   blob/<hash>                     BlobRecord: what the bytes are; there if and only if the file is
//   blob-owner/<hash>/<user>        who has sent all of its bytes, and may refer to it anywhere
//   blob-of/<user>/<hash>           Owned: what counts against the person's quota
//   blob-fresh/<at>/<hash>/<user>   nothing: a message of theirs should name it by a day after that, epoch ms
//   blob-ref/<hash>/<room>/<entry>  author of a message that stands there and names it
//   blob-loose/<hash>/<user>        nothing: a reference of theirs has gone, so the file may have to go
//   upload/<id>                     UploadRecord

import type { BlobHash, EntryId, RoomId, UserId } from '#protocol/ids.ts';

interface Range {
  readonly gte: string;
  readonly lt: string;
}

const within = (prefix: string): Range => ({ gte: prefix, lt: `${prefix.slice(0, -1)}0` });

export const blobKey = (hash: BlobHash): string => `blob/${hash}`;

export const ownerKey = (hash: BlobHash, user: UserId): string => `blob-owner/${hash}/${user}`;
export const ownersOf = (hash: BlobHash): Range => within(`blob-owner/${hash}/`);
export const ownedKey = (user: UserId, hash: BlobHash): string => `blob-of/${user}/${hash}`;
export const ownedBy = (user: UserId): Range => within(`blob-of/${user}/`);
/** The last part of a key. */
export const lastOf = (key: string): string => key.slice(key.lastIndexOf('/') + 1);

const at16 = (at: number): string => String(at).padStart(16, '0');
export const freshKey = (at: number, hash: BlobHash, user: UserId): string => `blob-fresh/${at16(at)}/${hash}/${user}`;
/** @param at epoch ms, itself included */
export const freshUpTo = (at: number): Range => ({ gte: 'blob-fresh/', lt: `blob-fresh/${at16(at + 1)}/` });
/** When what it marks was brought, epoch ms; Infinity: it marks that a reference has gone. */
export const timeOfMark = (key: string): number =>
  key.startsWith('blob-fresh/') ? Number(key.split('/')[1]) : Infinity;
/** Hash and user of a key that ends with both. */
export function pairOf(key: string): [BlobHash, UserId] {
  const parts = key.split('/');
  return [parts.at(-2)!, parts.at(-1)!];
}

export const blobRefKey = (hash: BlobHash, room: RoomId, entry: EntryId): string => `blob-ref/${hash}/${room}/${entry}`;
export const refsOf = (hash: BlobHash): Range => within(`blob-ref/${hash}/`);
export const refsIn = (hash: BlobHash, room: RoomId): Range => within(`blob-ref/${hash}/${room}/`);
export const roomOfRef = (key: string): RoomId => key.split('/')[2]!;

export const looseKey = (hash: BlobHash, user: UserId): string => `blob-loose/${hash}/${user}`;
export const ALL_LOOSE = within('blob-loose/');

export const uploadKey = (id: string): string => `upload/${id}`;
export const ALL_UPLOADS = within('upload/');
