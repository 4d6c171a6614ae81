// Ids and names of things on the wire. All are opaque, URL-safe and case-sensitive.

export type RoomId = string;
export type EntryId = string;
export type UserId = string;
export type DeviceId = string;
export type AvatarId = string;
export type BlobHash = string;

/** 22 base64url characters: the 128 random bits of a room id (DESIGN §1). */
const ROOM_ID = /^[A-Za-z0-9_-]{22}$/;
const ENTRY_ID = /^[A-Za-z0-9_-]{8,64}$/;
/** A user id is `u` and 22 base64url characters; made by the server. */
const USER_ID = /^u[A-Za-z0-9_-]{22}$/;
/** An imported author has no account: a tilde, then the name as it stood in the imported file. */
const IMPORTED_AUTHOR = /^~[^\p{Cc}]{1,80}$/u;

/** A device id: the first 16 bytes of the SHA-256 of its public key (signing.ts), base64url. */
const DEVICE_ID = /^[A-Za-z0-9_-]{22}$/;
/** An avatar's id: the first 16 bytes of the SHA-256 of its file, base64url. */
const AVATAR_ID = /^[A-Za-z0-9_-]{22}$/;

/** A file by its content: the SHA-256 of its bytes, base64url. Its last character holds four bits. */
const BLOB_HASH = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;

export const isBlobHash = (value: unknown): value is BlobHash => typeof value === 'string' && BLOB_HASH.test(value);
export const isDeviceId = (value: unknown): value is DeviceId => typeof value === 'string' && DEVICE_ID.test(value);
export const isAvatarId = (value: unknown): value is AvatarId => typeof value === 'string' && AVATAR_ID.test(value);
export const isRoomId = (value: unknown): value is RoomId => typeof value === 'string' && ROOM_ID.test(value);
export const isEntryId = (value: unknown): value is EntryId => typeof value === 'string' && ENTRY_ID.test(value);
export const isUserId = (value: unknown): value is UserId => typeof value === 'string' && USER_ID.test(value);
export const isImportedAuthor = (value: unknown): value is string =>
  typeof value === 'string' && IMPORTED_AUTHOR.test(value);

/** The name of an imported author, without its tilde. */
export const importedName = (author: string): string => author.slice(1);

export function base64url(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

const randomBytes = (length: number): Uint8Array => globalThis.crypto.getRandomValues(new Uint8Array(length));

/** A fresh room id: 128 random bits, base64url. Works without a secure context. */
export const newRoomId = (): RoomId => base64url(randomBytes(16));

/** A fresh user id (server only). */
export const newUserId = (): UserId => `u${base64url(randomBytes(16))}`;

/**
 * A fresh entry id: UUIDv7 (RFC 9562 §5.7).
 * @param atMs time in epoch ms that the id sorts by; only its order matters, not its truth.
 */
export function newEntryId(atMs: number): EntryId {
  const bytes = randomBytes(16);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, Math.floor(atMs / 2 ** 32));
  view.setUint32(2, atMs % 2 ** 32);
  bytes[6] = (bytes[6]! & 0x0f) | 0x70;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

export interface PageRef {
  readonly room: RoomId;
  /** 0, 1, 2 … */
  readonly page: number;
}

/** The document name of a page: `<roomId>/<n>`. */
export const docName = (ref: PageRef): string => `${ref.room}/${ref.page}`;

/** The page of a document name, or null when it is none. */
export function parseDocName(name: string): PageRef | null {
  const match = /^([A-Za-z0-9_-]{22})\/(0|[1-9]\d{0,8})$/.exec(name);
  return match ? { room: match[1]!, page: Number(match[2]) } : null;
}
