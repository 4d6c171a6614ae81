// What becomes of a request for an upload.

import type { UploadState } from '#protocol/api/file.ts';
import type { ApiErrorCode } from '#protocol/api/problem.ts';

export type UploadProblem = Extract<
  ApiErrorCode,
  | 'too-large'
  | 'quota'
  | 'too-many'
  | 'disk-full'
  | 'upload-offset'
  | 'upload-checksum'
  | 'file-differs'
  | 'file-type'
  | 'file-broken'
  | 'file-pixels'
  | 'file-metadata'
>;
export type UploadOutcome =
  | { readonly ok: true; readonly state: UploadState }
  | { readonly ok: false; readonly code: UploadProblem }
  /** Expired, another's, or never there. */
  | null;
