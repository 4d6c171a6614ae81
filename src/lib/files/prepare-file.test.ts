import { expect, test } from 'vitest';
import { PICTURES } from '#protocol/media/testing/pictures.ts';
import { prepareFile } from './prepare-file.ts';
import type { MadePicture } from './picture-worker.ts';

const asFile = (bytes: Uint8Array<ArrayBuffer>, name = 'a.jpg') => new File([bytes], name);
/** @param made null: this browser cannot read it */
const browser = (made: MadePicture | null = null) => ({ make: () => Promise.resolve(made) });
const prepared = (file: File, made: MadePicture | null = null) => prepareFile(file, null, null, browser(made));

test('[PICTURE-4] a picture that the server would refuse is refused where it is chosen, with its reason', async () => {
  expect(await prepared(asFile(PICTURES.jpeg.slice(0, -4)))).toEqual({ kind: 'unsound', code: 'file-broken' });
  const commented = Uint8Array.from([
    ...PICTURES.jpeg.slice(0, 2),
    0xff,
    0xfe,
    0,
    4,
    104,
    105,
    ...PICTURES.jpeg.slice(2)
  ]);
  expect(await prepared(asFile(commented))).toEqual({ kind: 'unsound', code: 'file-metadata' });
  expect(await prepared(asFile(PICTURES.jpeg))).toMatchObject({ kind: 'ready', unread: true });
});

test('[PICTURE-4] so is what a browser made of it, and the small one beside it', async () => {
  const made = (bytes: Uint8Array<ArrayBuffer>, thumbnail: Uint8Array<ArrayBuffer>): MadePicture => ({
    ...{ bytes: new Blob([bytes], { type: 'image/webp' }), width: 64, height: 48, thumbhash: 'AAAAAAAAAAA' },
    given: { width: 64, height: 48 },
    thumbnail: { bytes: new Blob([thumbnail], { type: 'image/webp' }), width: 8, height: 6 }
  });
  const { canvasWebp, webp } = PICTURES;
  expect(await prepared(asFile(PICTURES.jpeg), made(canvasWebp, webp))).toMatchObject({ kind: 'ready', unread: false });
  expect(await prepared(asFile(PICTURES.jpeg), made(canvasWebp, webp.slice(0, -2)))).toMatchObject({ kind: 'unsound' });
});

test('[PICTURE-4] what is no picture is not read as one', async () => {
  expect(await prepared(asFile(Uint8Array.from([1, 2, 3]), 'a.jpg'))).toMatchObject({ kind: 'ready' });
  expect(await prepared(asFile(new Uint8Array()))).toEqual({ kind: 'empty' });
});

test('[VOICE-4] a recording says what was measured of it, and what it is its bytes say', async () => {
  const recorded = { bytes: new Blob(), duration: 12_400, waveform: [0, 255, 128] };
  const webm = new File(['\x1aE\xdf\xa3B\x82\x84webm A_OPUS'].map(bytesOf), 'Voice message.webm');
  expect(await prepareFile(webm, null, recorded, browser())).toMatchObject({
    attachment: { type: 'audio/webm', voice: true, duration: 12_400, waveform: [0, 255, 128] }
  });
  expect(await prepareFile(webm, null, { ...recorded, waveform: [] }, browser())).not.toHaveProperty(
    'attachment.waveform'
  );
  const none = new File(['no sound at all'], 'Voice message.webm');
  expect(await prepareFile(none, null, recorded, browser())).not.toHaveProperty('attachment.voice');
});

const bytesOf = (latin1: string): Uint8Array<ArrayBuffer> => Uint8Array.from(latin1, (sign) => sign.charCodeAt(0));
