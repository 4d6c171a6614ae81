import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runs } from '../../../../tests/property-runs.ts';
import type { ByteSource } from './byte-reader.ts';
import { isRaster, mediaTypeOf, type RasterType } from './media-type.ts';
import { checkPicture, type PictureCheck } from './picture-check.ts';
import { PICTURES, TELLING_PICTURES } from './testing/pictures.ts';

const sourceOf = (bytes: Uint8Array): ByteSource => ({
  size: bytes.length,
  read: (at, length) => Promise.resolve(bytes.slice(at, at + length))
});
const check = (bytes: Uint8Array): Promise<PictureCheck> =>
  checkPicture(mediaTypeOf(bytes) as RasterType, sourceOf(bytes));
const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));
const joined = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));
const refused = (code: string): object => ({ ok: false, code });
const withBytes = (bytes: Uint8Array, at: number, ...put: number[]): Uint8Array => {
  const changed = bytes.slice();
  changed.set(put, at);
  return changed;
};
/** A chunk after the header of a PNG; its checksum is not looked at. */
const pngWith = (type: string, data: string): Uint8Array =>
  joined(
    PICTURES.png.subarray(0, 33),
    latin1(`\0\0${String.fromCharCode(data.length >>> 8, data.length & 255)}${type}${data}\0\0\0\0`),
    PICTURES.png.subarray(33)
  );
const jpegWith = (marker: number, data: string): Uint8Array => {
  const length = data.length + 2;
  const segment = latin1(String.fromCharCode(0xff, marker, length >>> 8, length & 255) + data);
  return joined(PICTURES.jpeg.subarray(0, 2), segment, PICTURES.jpeg.subarray(2));
};
/** Which way is up, and nothing else. */
const ORIENTATION = 'II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0';

describe('pictures', () => {
  test.each(Object.entries(PICTURES))('[FILE-5] %s is taken as it is', async (name, bytes) => {
    const size = /canvas/i.test(name) ? { width: 64, height: 48 } : { width: 8, height: 6 };
    expect(await check(bytes)).toEqual({ ok: true, ...size });
  });

  test.each(Object.entries(PICTURES))(
    '[FILE-6] %s with anything behind it, or cut short, is broken',
    async (_name, bytes) => {
      const tails = ['\0', '<script>alert(1)</script>', 'PK\x03\x04'];
      for (const tail of tails) expect(await check(joined(bytes, latin1(tail)))).toMatchObject({ ok: false });
      for (const length of [bytes.length - 1, bytes.length >> 1, 40]) {
        if (length < bytes.length)
          expect(await check(bytes.subarray(0, length)), String(length)).toEqual(refused('file-broken'));
      }
    }
  );

  test.each([
    [
      'a JPEG of 65,500 × 65,500',
      (() => {
        const at = PICTURES.jpeg.findIndex((byte, i) => byte === 0xff && [0xc0, 0xc2].includes(PICTURES.jpeg[i + 1]!));
        return withBytes(PICTURES.jpeg, at + 5, 0xff, 0xdc, 0xff, 0xdc);
      })()
    ],
    ['a PNG of 2 billion lines', withBytes(PICTURES.png, 16, 0x7f, 0xff, 0xff, 0xff)],
    ['a WebP canvas of 16 million a side', withBytes(PICTURES.animatedWebp, 24, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)],
    ['a lossless WebP of 16,384 a side', withBytes(PICTURES.losslessWebp, 21, 0xff, 0xff, 0xff, 0x0f)],
    ['a GIF of 65,535 a side', withBytes(PICTURES.gif, 6, 0xff, 0xff, 0xff, 0xff)],
    [
      'an AVIF of 4 billion a side',
      (() => {
        const at = PICTURES.avif.findIndex(
          (_byte, i) => String.fromCharCode(...PICTURES.avif.subarray(i, i + 4)) === 'ispe'
        );
        return withBytes(PICTURES.avif, at + 8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff);
      })()
    ]
  ])('[FILE-7] %s is a bomb', async (_what, bytes) => {
    expect(await check(bytes)).toEqual(refused('file-pixels'));
  });

  test.each([
    ['JPEG with Exif', TELLING_PICTURES.jpeg],
    ['WebP with Exif', TELLING_PICTURES.webp],
    ['AVIF with Exif', TELLING_PICTURES.avif],
    ['JPEG with XMP', jpegWith(0xe1, 'http://ns.adobe.com/xap/1.0/\0<x/>')],
    ['JPEG with a comment', jpegWith(0xfe, '*/alert(1)/*')],
    ['JPEG with a maker’s notes', jpegWith(0xe2, 'MPF\0II*\0')],
    ['JPEG with a profile that is none', jpegWith(0xe2, 'ICC_PROFILE\0\x01\x01hidden')],
    ['JPEG with a thumbnail', jpegWith(0xe0, 'JFXX\0\x10')],
    ['PNG with text', pngWith('tEXt', 'Author\0Ann')],
    ['PNG with XMP', pngWith('iTXt', 'XML:com.adobe.xmp\0\0\0\0\0<x/>')],
    ['PNG with Exif', pngWith('eXIf', 'II*\0\x08\0\0\0\x02\0')],
    ['PNG with a chunk of its own', pngWith('prVt', '<script>')],
    ['GIF with a comment', joined(PICTURES.gif.subarray(0, -1), latin1('\x21\xfe\x03abc\0\x3b'))],
    ['GIF with XMP', joined(PICTURES.gif.subarray(0, -1), latin1('\x21\xff\x0bXMP DataXMP<x/>\0\x3b'))]
  ])('[FILE-8] %s says more than it shows', async (_what, bytes) => {
    expect(await check(bytes)).toEqual(refused('file-metadata'));
  });

  test('[FILE-8] which way is up may be said', async () => {
    expect(await check(jpegWith(0xe1, `Exif\0\0${ORIENTATION}`))).toMatchObject({ ok: true });
    expect(await check(pngWith('eXIf', ORIENTATION))).toMatchObject({ ok: true });
  });

  test('[FILE-6] a picture whose parts contradict each other is broken', async () => {
    // The canvas says one size, the picture in it another.
    expect(await check(withBytes(PICTURES.canvasWebp, 24, 1, 0, 0, 1, 0, 0))).toEqual(refused('file-broken'));
    // A scan before the frame that it is of.
    expect(await check(latin1('\xff\xd8\xff\xda\0\x02\xff\xd9'))).toEqual(refused('file-broken'));
    expect(await check(latin1('GIF89a\x01\0\x01\0\0\0\0\x3b'))).toEqual(refused('file-broken'));
    expect(await check(withBytes(PICTURES.gif, 6, 0, 0))).toEqual(refused('file-broken'));
  });

  test('[FILE-6] no bytes make it throw, hang or read beyond the end', async () => {
    const seeds = Object.values(PICTURES);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(seeds.length - 1),
        fc.array(fc.tuple(fc.nat(1_200), fc.nat(255)), { minLength: 1, maxLength: 12 }),
        async (of, changes) => {
          const bytes = seeds[of]!.slice();
          for (const [at, value] of changes) bytes[at % bytes.length] = value;
          const type = mediaTypeOf(bytes);
          if (!isRaster(type)) return;
          const source: ByteSource = {
            size: bytes.length,
            read: (at, length) => {
              expect(at >= 0 && length >= 0 && at + length <= bytes.length).toBe(true);
              return Promise.resolve(bytes.slice(at, at + length));
            }
          };
          const checked = await checkPicture(type, source);
          if (checked.ok) expect(checked.width * checked.height).toBeLessThanOrEqual(100_000_000);
        }
      ),
      runs(2_000)
    );
  });

  /** 600 KiB of the smallest parts that a format has, so that they lie across all ends of what is read at once. */
  const LONG_BYTES = 600 * 1024;
  const many = (part: Uint8Array): Uint8Array => {
    const bytes = new Uint8Array(LONG_BYTES - (LONG_BYTES % part.length));
    for (let at = 0; at < bytes.length; at += part.length) bytes.set(part, at);
    return bytes;
  };
  const stuffed = (bytes: Uint8Array, at: number, part: string): Uint8Array => {
    const long = new Uint8Array(bytes.length + many(latin1(part)).length);
    long.set(bytes.subarray(0, at));
    long.set(many(latin1(part)), at);
    long.set(bytes.subarray(at), long.length - bytes.length + at);
    return long;
  };
  const { jpeg, png, gif, avif, canvasWebp } = PICTURES;
  const riffLength = (webp: Uint8Array): Uint8Array => {
    new DataView(webp.buffer).setUint32(4, webp.length - 8, true);
    return webp;
  };
  test.each([
    ['bytes of a JPEG that look like markers', stuffed(jpeg, jpeg.length - 2, '\xff\0')],
    ['bytes of a JPEG, an odd one first', stuffed(jpeg, jpeg.length - 2, '\x07')],
    ['empty tables of a JPEG', stuffed(jpeg, 2, '\xff\xdb\0\x02')],
    ['fill bytes of a JPEG', stuffed(jpeg, 2, '\xff')],
    ['empty chunks of a PNG', stuffed(png, 33, '\0\0\0\0IDAT\0\0\0\0')],
    ['blocks of one byte in a GIF', stuffed(gif, gif.length - 2, '\x01\0')],
    ['extensions of a GIF', stuffed(gif, gif.length - 1, '\x21\xf9\x04\0\0\0\0\0')],
    ['empty boxes of an AVIF', stuffed(avif, avif.length, '\0\0\0\x08mdat')],
    ['empty chunks of a WebP', riffLength(stuffed(canvasWebp, canvasWebp.length, 'ALPH\0\0\0\0'))]
  ])('[FILE-6] %s take no time, wherever they are cut', async (_what, bytes) => {
    let turns = 0;
    let isOver = false;
    const count = async (): Promise<void> => {
      while (!isOver) {
        turns += 1;
        await Promise.resolve();
      }
    };
    const counted = count();
    expect(await check(bytes)).toMatchObject({ ok: true });
    isOver = true;
    await counted;
    // It waits for what is read from the disk, and not for each part.
    expect(turns).toBeLessThan(100);
    for (const from of [64 * 1024, 192 * 1024, 256 * 1024, 512 * 1024])
      for (const by of [-2, -1, 0, 1, 2])
        expect(await check(bytes.subarray(0, from + by)), String(from + by)).toEqual(refused('file-broken'));
  });
});
