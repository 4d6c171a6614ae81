// Which files are fetched without being asked for, by what the person chose on this device and what the line costs. Pure.
// Invariant: what stands for a file in a conversation, and a voice message, is always fetched: both are small.

import { attachmentKind, type Attachment } from '#protocol/attachment.ts';

export type PicturesRule = 'always' | 'unmetered' | 'never';

/** null: not chosen. */
export interface DownloadRule {
  readonly pictures: PicturesRule | null;
  /** Files, films and sound up to this size, bytes; 0: none. */
  readonly filesMostBytes: number | null;
}

/** What the browser tells of the line. */
export interface LineCost {
  /** The person asked their browser to save data. */
  readonly saves: boolean;
  /** null: it does not tell. */
  readonly metered: boolean | null;
}

export const NOT_CHOSEN: DownloadRule = { pictures: null, filesMostBytes: null };
/** Where nothing was chosen. */
const FILES_MOST_BYTES = 5_000_000;
/** A picture without a smaller one that is no larger than this stands for itself. */
const STANDS_FOR_ITSELF_BYTES = 100_000;

/** What holds where nothing was chosen. */
export const effectiveRule = ({ pictures, filesMostBytes }: DownloadRule, { saves }: LineCost) => ({
  pictures: pictures ?? (saves ? 'never' : 'always'),
  filesMostBytes: filesMostBytes ?? (saves ? 0 : FILES_MOST_BYTES)
});

export function fetchesItself(
  of: Pick<Attachment, 'type' | 'voice' | 'size' | 'thumbnail'>,
  chosen: DownloadRule,
  line: LineCost
): boolean {
  const { pictures, filesMostBytes } = effectiveRule(chosen, line);
  const kind = attachmentKind(of);
  if (kind === 'voice') return true;
  if (kind !== 'image') return of.size <= filesMostBytes;
  if (!of.thumbnail && of.size <= STANDS_FOR_ITSELF_BYTES) return true;
  return pictures === 'always' || (pictures === 'unmetered' && line.metered === false);
}
