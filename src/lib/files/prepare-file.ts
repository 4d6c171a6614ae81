// Makes of a file that was chosen what a message says of it, and the bytes that go with it. Invariant: what is said is
// what the bytes are: type, size and measures are read off them, never off the name.

import type { Attachment } from '#protocol/attachment.ts';
import { isFileName } from '#protocol/attachment.ts';
import { FILE_NAME_MAX_CHARS } from '#protocol/limits.ts';
import type { ByteSource } from '#protocol/media/byte-reader.ts';
import { HEAD_BYTES, isRaster, isShown, mediaTypeOf } from '#protocol/media/media-type.ts';
import { checkPicture } from '#protocol/media/picture-check.ts';
import type { PictureFlawCode } from '#protocol/media/picture-flaw.ts';
import type { Recorded } from '../model/room-files.ts';
import type { KeptBlob } from '../storage/blob-rows.ts';
import { blobHash } from '../storage/blob-hash.ts';
import { readMedia } from './media-facts.ts';
import { Pictures } from './pictures.ts';
import type { MadePicture } from './picture-worker.ts';

export type Prepared =
  | {
      readonly kind: 'ready';
      readonly attachment: Attachment;
      readonly blobs: readonly KeptBlob[];
      /** A picture that this browser cannot read: it goes as it is, and nobody sees it before they open it. */
      readonly unread: boolean;
      /** Of a picture that has fewer pixels now: how many it had. */
      readonly larger?: { readonly width: number; readonly height: number };
    }
  | { readonly kind: 'empty' }
  /** A picture that no server would take as one. */
  | { readonly kind: 'unsound'; readonly code: PictureFlawCode }
  | { readonly kind: 'unreadable' };

const allPictures = new Pictures();

export async function prepareFile(
  file: File,
  subtle: SubtleCrypto | null,
  recorded: Recorded | null = null,
  pictures: Pick<Pictures, 'make'> = allPictures,
  full = false
): Promise<Prepared> {
  try {
    if (file.size === 0) return { kind: 'empty' };
    const prepared = await prepare(file, subtle, recorded, pictures, full);
    // By the server's own code: one of them would hold up the whole message there, long after it was written.
    for (const { bytes } of prepared.blobs) {
      const code = await flawOf(bytes);
      if (code !== null) return { kind: 'unsound', code };
    }
    return prepared;
  } catch {
    // Taken away meanwhile, or a folder.
    return { kind: 'unreadable' };
  }
}

/** null: it is sound, or no picture whose bytes are looked at. */
async function flawOf(bytes: Blob): Promise<PictureFlawCode | null> {
  const source = sourceOf(bytes);
  const type = mediaTypeOf(await source.read(0, Math.min(bytes.size, HEAD_BYTES)));
  if (!isRaster(type)) return null;
  const checked = await checkPicture(type, source);
  return checked.ok ? null : checked.code;
}

const sourceOf = (bytes: Blob): ByteSource => ({
  size: bytes.size,
  read: async (at, length) => new Uint8Array(await bytes.slice(at, at + length).arrayBuffer())
});

type Ready = Extract<Prepared, { kind: 'ready' }>;

async function prepare(
  file: File,
  subtle: SubtleCrypto | null,
  recorded: Recorded | null,
  pictures: Pick<Pictures, 'make'>,
  full: boolean
): Promise<Ready> {
  const type = mediaTypeOf(new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer()));
  if (type.startsWith('image/') && type !== 'image/svg+xml') return preparePicture(file, type, subtle, pictures, full);
  const bytes = file.slice(0, file.size, type);
  const hash = await blobHash(bytes, subtle);
  const plain = { hash, name: fileName(file.name), type, size: bytes.size };
  if (!isShown(type)) return { kind: 'ready', attachment: plain, blobs: [{ hash, bytes }], unread: false };
  if (recorded && type.startsWith('audio/')) {
    const { duration, waveform } = recorded;
    const voice = { ...plain, voice: true as const, duration, ...(waveform.length > 0 && { waveform: [...waveform] }) };
    return { kind: 'ready', attachment: voice, blobs: [{ hash, bytes }], unread: false };
  }
  const { poster, ...facts } = await readMedia(bytes);
  const still = poster && (await pictures.make(poster, 'image/png'));
  const view = still && facts.width !== undefined ? await stillOf(still, subtle) : null;
  return {
    kind: 'ready',
    attachment: { ...plain, ...facts, ...view?.claims },
    blobs: [{ hash, bytes }, ...(view?.blobs ?? [])],
    unread: false
  };
}

async function preparePicture(
  file: File,
  type: string,
  subtle: SubtleCrypto | null,
  pictures: Pick<Pictures, 'make'>,
  full: boolean
): Promise<Ready> {
  const made = await pictures.make(file, type, full);
  if (!made) {
    const bytes = file.slice(0, file.size, type);
    const hash = await blobHash(bytes, subtle);
    const attachment = { hash, name: fileName(file.name), type, size: bytes.size };
    return { kind: 'ready', attachment, blobs: [{ hash, bytes }], unread: true };
  }
  const { bytes, width, height, thumbhash } = made;
  const hash = await blobHash(bytes, subtle);
  const small = made.thumbnail && (await thumbnailOf(made.thumbnail, subtle));
  const attachment: Attachment = {
    ...{ hash, name: fileName(file.name, bytes.type), type: bytes.type, size: bytes.size, width, height, thumbhash },
    ...(small && { thumbnail: small.claim })
  };
  const { given } = made;
  return {
    ...{ kind: 'ready', attachment, blobs: [{ hash, bytes }, ...(small ? [small.blob] : [])], unread: false },
    ...(given.width > width && { larger: given })
  };
}

/** What stands for a film: its first picture, small. */
async function stillOf(made: MadePicture, subtle: SubtleCrypto | null) {
  const { claim, blob } = await thumbnailOf(made.thumbnail ?? made, subtle);
  return { claims: { thumbhash: made.thumbhash, thumbnail: claim }, blobs: [blob] };
}

async function thumbnailOf(
  { bytes, width, height }: { readonly bytes: Blob; readonly width: number; readonly height: number },
  subtle: SubtleCrypto | null
) {
  const hash = await blobHash(bytes, subtle);
  return { claim: { hash, type: bytes.type, size: bytes.size, width, height }, blob: { hash, bytes } };
}

/** What stands for a path, hides, or turns what is read around. */
const UNFIT = /[\p{Cc}\p{Zl}\p{Zp}/\\\u202a-\u202e\u2066-\u2069]/gu;

const ENDINGS: Readonly<Record<string, readonly string[]>> = {
  'image/webp': ['webp'],
  'image/jpeg': ['jpg', 'jpeg'],
  'image/png': ['png'],
  'image/gif': ['gif']
};

/**
 * The name that it goes by: without what no file's name may have, and with the ending of what it has become.
 * @param type of a picture that was made anew
 */
export function fileName(given: string, type: string | null = null): string {
  const fit = given.toWellFormed().replace(UNFIT, '_');
  const dot = fit.lastIndexOf('.');
  const [stem, ending] = dot > 0 ? [fit.slice(0, dot), fit.slice(dot + 1)] : [fit, ''];
  const endings = type === null ? undefined : ENDINGS[type];
  const kept = endings && !endings.includes(ending.toLowerCase()) ? endings[0]! : ending;
  const tail = kept === '' ? '' : `.${kept.slice(0, 20)}`;
  const name = stem.slice(0, FILE_NAME_MAX_CHARS - tail.length).toWellFormed() + tail;
  return isFileName(name) && stem.trim() !== '' ? name : `file${tail}`;
}
