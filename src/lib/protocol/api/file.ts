// Files of messages. They go up by tus 1.0.0 (creation, checksum with sha256 and sha1, termination, expiration), each at
// most 24 h after the last byte of it came. A message may name a file once all its bytes are here.
//
// GET /api/rooms/:id/blobs/:hash: the bytes, where a message that stands in the room names them; one Range. Pictures, audio
// and video of usual types to be shown, all else as a download without a name (`<a download="…">` gives one). 404 alike for
// a closed room, one that is not there, and a file that no message there names. `rate-limited` where hundreds are asked for
// at once.

/** GET /api/uploads: what may be uploaded. */
export interface UploadAllowance {
  /** Bytes of one file. */
  readonly maxBytes: number;
  /** Bytes of all that one has uploaded and that is there, or was left with, and of uploads under way; at least 4 KiB a file. */
  readonly used: number;
  readonly quota: number;
  /** Media types that are taken: `image/*`, `application/pdf`; null: all. */
  readonly types: readonly string[] | null;
}
/**
 * POST /api/uploads (tus creation): `Upload-Length`, and `Upload-Metadata: hash <the BlobHash, base64>`. 201 with Location,
 * Upload-Offset and Upload-Expires, and the same as UploadState. `offset` is `length` where all bytes are here and one's
 * own already: then there is nothing to send, and the upload is over. Problems: `too-large`, `quota`, `too-many`, `disk-full`.
 * GET and HEAD /api/uploads/:id → UploadState, the same headers. 404: finished, expired, another's, or never there: begin anew.
 * PATCH /api/uploads/:id, application/offset+octet-stream with Upload-Offset, and Upload-Checksum if wished → 204. A
 * later request for the upload ends one that is under way. Problems: `upload-offset` (ask for the offset), 460
 * `upload-checksum` (send the same bytes again); with the last bytes also `file-differs`, `file-type`, `file-broken`,
 * `file-pixels`, `file-metadata`, all final: the upload is gone.
 * DELETE /api/uploads/:id → 204.
 */
export interface UploadState {
  readonly id: string;
  /** Bytes that are here. */
  readonly offset: number;
  readonly length: number;
  /** Epoch ms. */
  readonly expiresAt: number;
}
