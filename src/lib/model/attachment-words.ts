// What files are called in one line: in the list of rooms, in quotes and notices. Pure.

import { kindOfAll, playTime, type Attachment, type AttachmentKind } from '#protocol/attachment.ts';
import { m } from '../words/generated/messages.js';

const KINDS: Record<AttachmentKind, readonly [sign: string, words: (values: { n: number }) => string]> = {
  image: ['📷', m.files_kind_image],
  video: ['🎬', m.files_kind_video],
  audio: ['🎵', m.files_kind_audio],
  voice: ['🎤', m.files_kind_voice],
  file: ['📎', m.files_kind_file]
};

interface FilesSum {
  readonly kind: AttachmentKind;
  readonly count: number;
  /** Of a voice message alone, ms. */
  readonly duration?: number | undefined;
}

/** "2 photos", as the server's summary has it; "Voice message 0:12". */
function filesWords({ kind, count, duration }: FilesSum): string {
  const [sign, words] = KINDS[kind];
  return `${sign} ${words({ n: count })}${kind === 'voice' && duration !== undefined ? ` ${playTime(duration)}` : ''}`;
}

/** A message in one line: its words, with a sign for what goes with them; where there are none, what goes with it. */
export function lineWords(words: string, attachments: readonly Attachment[] = []): string {
  if (words === '' || attachments.length === 0) return words || attachmentsWords(attachments);
  return `${KINDS[kindOfAll(attachments)][0]} ${words}`;
}

/** The same of what the server's summary says. */
export function summaryWords(words: string, files: FilesSum | null | undefined): string {
  if (!files) return words;
  return words === '' ? filesWords(files) : `${KINDS[files.kind][0]} ${words}`;
}

/** Files alone; of a single file its name. */
function attachmentsWords(attachments: readonly Attachment[]): string {
  const [first] = attachments;
  if (!first) return '';
  const kind = kindOfAll(attachments);
  if (kind === 'file' && attachments.length === 1) return `${KINDS.file[0]} ${first.name}`;
  return filesWords({ kind, count: attachments.length, ...(attachments.length === 1 && { duration: first.duration }) });
}
