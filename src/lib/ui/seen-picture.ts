// Which files are seen in their place, and which of a message stands for it where it is quoted. Pure.

import { attachmentKind, type Attachment } from '#protocol/attachment.ts';
import { isShown } from '#protocol/media/media-type.ts';

/** Whether it is seen in its place, by what its bytes are: whatever its message says of it, what could run is a row. */
export const isView = (of: Pick<Attachment, 'type' | 'width' | 'voice'>): boolean =>
  of.width !== undefined && isShown(of.type) && ['image', 'video'].includes(attachmentKind(of));

/** What there is to be seen of a film: a still of it, in full or as a few bytes that stand for it. */
const hasSight = (of: Attachment): boolean =>
  attachmentKind(of) === 'image' || of.thumbnail !== undefined || of.thumbhash !== undefined;

/** null: nothing of them is to be seen. */
export const firstPicture = (files: readonly Attachment[] | undefined): Attachment | null =>
  files?.find((of) => isView(of) && hasSight(of)) ?? null;
