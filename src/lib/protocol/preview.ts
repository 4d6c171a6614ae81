// What a message shows of the page that its words link to. The sender's server reads that page while they write, and what it
// says is signed with the message: whoever reads it asks nobody. Invariant: a preview is of a link in the words, as they
// are now, and its picture is as small as it says.

import * as v from 'valibot';
import { isBlank } from './entry-fields.ts';
import { isLinkIn, isWebLink } from './links.ts';
import {
  PREVIEW_PICTURE_MAX_CHARS,
  PREVIEW_PICTURE_MAX_PX,
  PREVIEW_SITE_MAX_CHARS,
  PREVIEW_TEXT_MAX_CHARS,
  PREVIEW_TITLE_MAX_CHARS
} from './limits.ts';
import { PREVIEW_PICTURE_TYPES, smallPictureSize } from './preview-picture.ts';

/** Control characters, line breaks, and marks that turn the direction of text: no line of words needs them. */
const UNFIT = /[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/u;

/** Whether a card can show it as a line. */
export const isPreviewLine = (text: string, maxChars: number): boolean =>
  text.length <= maxChars && !isBlank(text) && !UNFIT.test(text);

const line = (maxChars: number) =>
  v.pipe(
    v.string(),
    v.maxLength(maxChars, 'too-large'),
    v.check((text) => isPreviewLine(text, maxChars), 'no line of words')
  );
const pixels = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(PREVIEW_PICTURE_MAX_PX));

const picture = v.pipe(
  v.strictObject({
    type: v.picklist(PREVIEW_PICTURE_TYPES),
    width: pixels,
    height: pixels,
    /** The file in base64. */
    data: v.pipe(v.string(), v.maxLength(PREVIEW_PICTURE_MAX_CHARS, 'too-large'))
  }),
  // A few bytes can claim more pixels than a device has memory: every reader would draw them.
  v.check(({ type, data, width, height }) => {
    const size = smallPictureSize(type, data);
    return size !== null && size.width === width && size.height === height;
  }, 'not such a picture')
);
export type PreviewPicture = v.InferOutput<typeof picture>;

export const preview = v.strictObject({
  /** As it stands in the words. */
  url: v.pipe(
    v.string(),
    v.check((url) => isWebLink(url), 'not a web address')
  ),
  title: line(PREVIEW_TITLE_MAX_CHARS),
  description: v.optional(line(PREVIEW_TEXT_MAX_CHARS)),
  /** What the site calls itself. */
  site: v.optional(line(PREVIEW_SITE_MAX_CHARS)),
  picture: v.optional(picture)
});
export type Preview = v.InferOutput<typeof preview>;

/** Whether the words hold the address that the preview is of. */
export const isPreviewOf = ({ url }: Preview, words: string): boolean => isLinkIn(url, words);

/** null: no preview that a message may carry. */
export function readPreview(value: unknown): Preview | null {
  const result = v.safeParse(preview, value);
  return result.success ? result.output : null;
}
