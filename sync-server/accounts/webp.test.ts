import { expect, test } from 'vitest';
import { readStillWebp } from './webp.ts';

const chunk = (name: string, data: Buffer): Buffer => {
  const head = Buffer.alloc(8);
  head.write(name, 'latin1');
  head.writeUInt32LE(data.length, 4);
  return Buffer.concat([head, data, Buffer.alloc(data.length % 2)]);
};
const webp = (...chunks: Buffer[]): Buffer => {
  const body = Buffer.concat([Buffer.from('WEBP'), ...chunks]);
  const head = Buffer.alloc(8);
  head.write('RIFF', 'latin1');
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body]);
};
const lossless = (width: number, height: number): Buffer => {
  const data = Buffer.alloc(9, 7);
  data[0] = 0x2f;
  data.writeUInt32LE((width - 1) | ((height - 1) << 14), 1);
  return chunk('VP8L', data);
};
const lossy = (width: number, height: number, first = 0x10): Buffer => {
  const data = Buffer.from([first, 0, 0, 0x9d, 0x01, 0x2a, 0, 0, 0, 0, 1, 2, 3]);
  data.writeUInt16LE(width, 6);
  data.writeUInt16LE(height, 8);
  return chunk('VP8 ', data);
};
const canvas = (width: number, height: number, flags = 0): Buffer => {
  const data = Buffer.alloc(10);
  data[0] = flags;
  data.writeUIntLE(width - 1, 4, 3);
  data.writeUIntLE(height - 1, 7, 3);
  return chunk('VP8X', data);
};

test.each([
  ['lossless', webp(lossless(64, 64))],
  ['lossy', webp(lossy(64, 64))],
  ['lossy with transparency', webp(canvas(64, 64, 0x10), chunk('ALPH', Buffer.from([1, 2])), lossy(64, 64))]
])('[PROF-2] a %s still is read, and stored as it is', (_what, file) => {
  expect(readStillWebp(file)).toEqual({ width: 64, height: 64, bytes: file });
});

test('[PROF-2] where and with what it was taken, and what else lies in the file, is left behind', () => {
  const secret = Buffer.from('canary: GPS 52.5 N');
  const extras = ['EXIF', 'XMP ', 'ICCP', 'JUNK'].map((name) => chunk(name, secret));
  const file = webp(canvas(64, 64, 0x2c), extras[2]!, lossless(64, 64), extras[0]!, extras[1]!, extras[3]!);
  const picture = readStillWebp(file)!;
  expect(picture.bytes).toEqual(webp(lossless(64, 64)));
  expect(picture.bytes.includes('canary')).toBe(false);
});

const whole = webp(lossless(64, 64));
test.each([
  ['nothing', Buffer.alloc(0)],
  ['a PNG', Buffer.from('89504e470d0a1a0a0000000d4948445200000001', 'hex')],
  ['a page', Buffer.from('<!doctype html><script>alert(1)</script>')],
  ['an animation', webp(canvas(64, 64, 2), chunk('ANIM', Buffer.alloc(6)), chunk('ANMF', Buffer.alloc(30)))],
  ['an animation around a still', webp(chunk('ANIM', Buffer.alloc(6)), lossless(64, 64))],
  ['two images', webp(lossless(64, 64), lossless(64, 64))],
  ['no image', webp(canvas(64, 64))],
  ['a canvas of another size', webp(canvas(64, 65), lossless(64, 64))],
  ['a frame that is none of its own', webp(lossy(64, 64, 0x11))],
  ['bytes after the end', Buffer.concat([whole, Buffer.from('<script>')])],
  ['a chunk beyond the end', webp(chunk('VP8L', Buffer.alloc(9)).subarray(0, 12))],
  ['another signature', webp(chunk('VP8L', Buffer.alloc(9)))]
])('[PROF-2] %s is no picture', (_what, file) => {
  expect(readStillWebp(file)).toBeNull();
});

test('[PROF-2] no cut of a picture, and no changed byte of its frame, throws', () => {
  for (let length = 0; length < whole.length; length++) expect(readStillWebp(whole.subarray(0, length))).toBeNull();
  for (let at = 0; at < whole.length; at++) {
    const changed = Buffer.from(whole);
    changed[at] = changed[at]! ^ 0xff;
    expect(() => readStillWebp(changed)).not.toThrow();
  }
});
