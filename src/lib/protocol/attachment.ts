// What a message says of the files that go with it. The bytes are elsewhere, named by their SHA-256 (a blob): what is
// said here is signed with the message, and the server holds it against the bytes before it takes the message.

import * as v from 'valibot';
import { isBlobHash, type BlobHash } from './ids.ts';
import { ATTACHMENTS_MAX, FILE_NAME_MAX_CHARS, WAVEFORM_MAX } from './limits.ts';

const hash = v.pipe(
  v.string(),
  v.check((value) => isBlobHash(value), 'not the hash of a file')
);
/** Media type as `mediaTypeOf` reads it off the first bytes, without parameters. */
const type = v.pipe(v.string(), v.regex(/^[a-z]{1,32}\/[a-z0-9][a-z0-9.+-]{0,94}$/, 'not a media type'));
const size = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(Number.MAX_SAFE_INTEGER));
const pixels = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(0xffff_ffff));

/** What stands for a name in a folder, or turns what is read around: no file that people know has it. */
const UNFIT_IN_NAME = /[\p{Cc}\p{Zl}\p{Zp}/\\\u202a-\u202e\u2066-\u2069]/u;
const SOMETHING_TO_SEE = /[^\p{Cc}\p{Cf}\p{Z}.]/u;

/** Whether a file can go by this name. */
export const isFileName = (name: string): boolean =>
  name.length <= FILE_NAME_MAX_CHARS && SOMETHING_TO_SEE.test(name) && !UNFIT_IN_NAME.test(name);

/** A smaller picture of a picture or a video, a blob of its own. */
const thumbnail = v.strictObject({ hash, type, size, width: pixels, height: pixels });

const attachment = v.pipe(
  v.strictObject({
    hash,
    name: v.pipe(
      v.string(),
      v.maxLength(FILE_NAME_MAX_CHARS, 'too-large'),
      v.check((value) => isFileName(value), 'not a file name')
    ),
    type,
    /** Bytes. */
    size,
    /** Of a picture or a video, as it is shown. */
    width: v.optional(pixels),
    height: v.optional(pixels),
    /** Of a picture or a video: a ThumbHash, base64url. */
    thumbhash: v.optional(v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{7,64}$/, 'not a thumbhash'))),
    thumbnail: v.optional(thumbnail),
    /** Of audio or video, ms. */
    duration: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER))),
    /** Of audio: how loud it is from its beginning to its end, 0 to 255. */
    waveform: v.optional(
      v.pipe(
        v.array(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(255))),
        v.minLength(1),
        v.maxLength(WAVEFORM_MAX, 'too-large')
      )
    ),
    /** Recorded to be sent, as one speaks. */
    voice: v.optional(v.literal(true))
  }),
  v.check((one) => (one.width === undefined) === (one.height === undefined), 'width and height go together'),
  v.check(
    (one) => isPictureOrVideo(one.type) || !('width' in one || 'thumbhash' in one || 'thumbnail' in one),
    'no view'
  ),
  v.check((one) => isAudioOrVideo(one.type) || !('duration' in one), 'no duration'),
  v.check((one) => one.type.startsWith('audio/') || !('waveform' in one || 'voice' in one), 'no audio')
);

const isPictureOrVideo = (media: string): boolean => media.startsWith('image/') || media.startsWith('video/');
const isAudioOrVideo = (media: string): boolean => media.startsWith('audio/') || media.startsWith('video/');

export const attachments = v.pipe(
  v.array(attachment),
  v.minLength(1),
  v.maxLength(ATTACHMENTS_MAX, 'too-large'),
  v.check((all) => new Set(all.map((one) => one.hash)).size === all.length, 'a file twice')
);
export type Attachment = v.InferOutput<typeof attachment>;

/** What has to be true of the bytes of a blob for a message to name it so. */
export interface BlobClaim {
  readonly hash: BlobHash;
  readonly type: string;
  readonly size: number;
}

/** All blobs that attachments name, thumbnails too; one may be named more than once. */
export const blobClaims = (of: readonly Attachment[]): BlobClaim[] =>
  of.flatMap(({ hash, type, size, thumbnail }) => [{ hash, type, size }, ...(thumbnail ? [thumbnail] : [])]);

/** How long it plays, or where one is in it: 0:12, or 1:02:03. @param least seconds: nothing lasts none */
export function playTime(ms: number, least = 1): string {
  const all = Math.max(least, Math.round(ms / 1_000));
  const two = (value: number): string => `${value}`.padStart(2, '0');
  const [hours, minutes, seconds] = [Math.floor(all / 3_600), Math.floor(all / 60) % 60, all % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
}

/** What a list of rooms calls it by. */
export const ATTACHMENT_KINDS = ['image', 'video', 'audio', 'voice', 'file'] as const;
export type AttachmentKind = (typeof ATTACHMENT_KINDS)[number];

export function attachmentKind({ type, voice }: Pick<Attachment, 'type' | 'voice'>): AttachmentKind {
  if (voice) return 'voice';
  const [kind] = type.split('/');
  return kind === 'image' || kind === 'video' || kind === 'audio' ? kind : 'file';
}

/** Of several: what all of them are, else files. */
export function kindOfAll(attachments: readonly Pick<Attachment, 'type' | 'voice'>[]): AttachmentKind {
  const [kind, ...others] = new Set(attachments.map(attachmentKind));
  return kind && others.length === 0 ? kind : 'file';
}
