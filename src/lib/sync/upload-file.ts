// Brings one file to the server, piece by piece, from where it is there already.
// Invariants: how far it is is asked of the server, never remembered; an upload is written down before its first byte goes.

import type { BlobHash } from '#protocol/ids.ts';
import { UPLOAD_KEPT_MS } from '#protocol/limits.ts';
import type { UploadRow } from '../storage/blob-rows.ts';
import type { UploadFailure } from '../storage/user-db.ts';
import type { Step, Tus } from './tus.ts';

/** The first piece; the next are so large that one takes a second or two. */
const PIECE_BYTES = 256 * 1024;
const PIECE_MIN_BYTES = 64 * 1024;
const PIECE_MAX_BYTES = 8 * 1024 * 1024;
const PIECE_FAST_MS = 1_000;
const PIECE_SLOW_MS = 4_000;
/** What lies at the server without a message for longer may be gone: it is asked again. */
const TRUSTED_MS = UPLOAD_KEPT_MS / 2;

export interface FileToUpload {
  readonly hash: BlobHash;
  /** Bytes. */
  readonly size: number;
  /** Of the upload that was begun earlier; null: none was. */
  readonly id: string | null;
}

export interface UploadFileOptions {
  readonly tus: Pick<Tus, 'begin' | 'where' | 'send'>;
  /** Epoch ms. */
  readonly now: () => number;
  /** null: not on this device any more. Rejects where the disk cannot say. */
  readonly bytes: () => Promise<Blob | null>;
  readonly begun: (id: string) => Promise<unknown>;
  /** The server has so many bytes. */
  readonly progress?: (bytes: number) => void;
  readonly signal: AbortSignal;
}

/** `later`: another try may bring it; `gone`: the same, from its beginning; `stopped`: by the signal. */
export type UploadEnd =
  { readonly kind: 'there' | 'later' | 'gone' | 'stopped' } | { readonly kind: 'failed'; readonly code: UploadFailure };

/** Whether the server has all of the file, as far as is known. @param nowMs epoch ms */
export function isUploaded(row: UploadRow | undefined, nowMs: number): boolean {
  const doneAt = row?.doneAt ?? null;
  return doneAt !== null && nowMs - doneAt < TRUSTED_MS;
}

export async function uploadFile(file: FileToUpload, options: UploadFileOptions): Promise<UploadEnd> {
  const { tus, now, progress, signal } = options;
  const { size } = file;
  let pieceBytes = PIECE_BYTES;
  let step = await resume(file, options);
  // What the server has already is not read at all: it may be on this device no more.
  const wants = step.kind === 'at' && step.offset < size;
  const bytes = wants ? await options.bytes().catch(() => 'unread' as const) : null;
  // The disk may answer at the next try: the database was taken from under it.
  if (bytes === 'unread') return { kind: 'later' };
  if (wants && bytes?.size !== size) return { kind: 'failed', code: 'upload-lost' };
  for (;;) {
    if (signal.aborted) return { kind: 'stopped' };
    if (step.kind === 'failed') return { kind: 'failed', code: `upload-${step.code}` };
    if (step.kind === 'gone') return { kind: 'gone' };
    if (step.kind !== 'at') return { kind: 'later' };
    const { id, offset } = step;
    progress?.(offset);
    if (offset >= size) return { kind: 'there' };
    const piece = bytes!.slice(offset, offset + pieceBytes);
    const began = now();
    step = await tus.send(id, offset, piece, signal);
    const tookMs = now() - began;
    if (step.kind === 'at' && tookMs < PIECE_FAST_MS) pieceBytes = Math.min(PIECE_MAX_BYTES, pieceBytes * 2);
    else if (tookMs > PIECE_SLOW_MS) pieceBytes = Math.max(PIECE_MIN_BYTES, pieceBytes / 2);
  }
}

async function resume({ hash, size, id }: FileToUpload, { tus, begun, signal }: UploadFileOptions): Promise<Step> {
  const there: Step = id === null ? { kind: 'gone' } : await tus.where(id, signal);
  if (there.kind !== 'gone') return there;
  const step = await tus.begin(hash, size, signal);
  // Written down before the first byte goes, so that a restart finds it again.
  if (step.kind === 'at' && step.offset < size) await begun(step.id);
  return step;
}
