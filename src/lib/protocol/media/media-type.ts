// What a file is, by its first bytes and never by its name or by what is said of it. The same on both sides: a device
// signs the type before the server has a byte, and the server serves the file as what it found.

import { ascii, u32be } from './byte-reader.ts';

/** As many bytes as the answer may depend on. */
export const HEAD_BYTES = 4_096;
export const UNKNOWN_TYPE = 'application/octet-stream';

/** Pictures whose every byte is accounted for (picture-check.ts). */
const RASTER_TYPES = ['image/jpeg', 'image/png', 'image/webp', 'image/avif', 'image/gif'] as const;
export type RasterType = (typeof RASTER_TYPES)[number];
export const isRaster = (type: string): type is RasterType => (RASTER_TYPES as readonly string[]).includes(type);

const SHOWN: readonly string[] = [
  ...RASTER_TYPES,
  ...['audio/mpeg', 'audio/mp4', 'audio/aac', 'audio/ogg', 'audio/webm', 'audio/wav', 'audio/flac'],
  ...['video/mp4', 'video/webm', 'video/ogg', 'video/quicktime']
];
/** Whether a browser may show it in its place; all else is a download. */
export const isShown = (type: string): boolean => SHOWN.includes(type);

/** Whether a server that takes these (`image/*`, `application/pdf`; null: all) takes one of this type. */
export const covers = (types: readonly string[] | null, type: string): boolean =>
  types === null ||
  types.some((taken) => (taken.endsWith('/*') ? type.startsWith(taken.slice(0, -1)) : taken === type));

const SIGNATURES: readonly (readonly [string, string])[] = [
  ['\xff\xd8\xff', 'image/jpeg'],
  ['\x89PNG\r\n\x1a\n', 'image/png'],
  ['GIF87a', 'image/gif'],
  ['GIF89a', 'image/gif'],
  ['BM', 'image/bmp'],
  ['II*\0', 'image/tiff'],
  ['MM\0*', 'image/tiff'],
  ['fLaC', 'audio/flac'],
  ['ID3', 'audio/mpeg'],
  ['#!AMR', 'audio/amr'],
  ['%PDF-', 'application/pdf'],
  ['PK\x03\x04', 'application/zip'],
  ['\x1f\x8b', 'application/gzip'],
  ['7z\xbc\xaf\x27\x1c', 'application/x-7z-compressed'],
  ['Rar!\x1a\x07', 'application/vnd.rar']
];

/** @param head the first HEAD_BYTES, or all of a shorter file */
export function mediaTypeOf(head: Uint8Array): string {
  const bytes = head.subarray(0, HEAD_BYTES);
  const start = ascii(bytes, 0, 16);
  const signed = SIGNATURES.find(([signature]) => start.startsWith(signature));
  // Two letters alone are a text as well.
  if (signed && !(signed[1] === 'image/bmp' && isText(bytes))) return signed[1];
  if (start.startsWith('RIFF')) return riffType(start.slice(8, 12));
  if (start.slice(4, 8) === 'ftyp') return isoType(bytes);
  if (start.startsWith('\x1a\x45\xdf\xa3')) return matroskaType(bytes);
  if (start.startsWith('OggS')) return oggType(bytes);
  if (bytes[0] === 0xff && [0xfb, 0xfa, 0xf3, 0xf2].includes(bytes[1]!)) return 'audio/mpeg';
  if (bytes[0] === 0xff && [0xf1, 0xf9].includes(bytes[1]!)) return 'audio/aac';
  return isText(bytes) ? textType(bytes) : UNKNOWN_TYPE;
}

function riffType(form: string): string {
  if (form === 'WEBP') return 'image/webp';
  if (form === 'WAVE') return 'audio/wav';
  return form === 'AVI ' ? 'video/x-msvideo' : UNKNOWN_TYPE;
}

/** ISO base media: the brands, and where a recorder writes its tracks first, whether one of them is to be seen. */
function isoType(bytes: Uint8Array): string {
  const end = Math.min(u32be(bytes), bytes.length);
  const brands: string[] = [];
  for (let at = 8; at + 4 <= end; at += 4) if (at !== 12) brands.push(ascii(bytes, at, at + 4));
  const [major = ''] = brands;
  if (brands.includes('avif') || brands.includes('avis')) return 'image/avif';
  if (['heic', 'heix', 'hevc', 'heim', 'heis', 'mif1', 'msf1'].includes(major)) return 'image/heic';
  if (major === 'M4A ' || major === 'M4B ') return 'audio/mp4';
  if (major === 'qt  ') return 'video/quicktime';
  const text = latin1(bytes);
  const handlers = [...text.matchAll(/hdlr[^]{8}(soun|vide)/g)].map(([, handler]) => handler);
  return handlers.includes('soun') && !handlers.includes('vide') ? 'audio/mp4' : 'video/mp4';
}

function matroskaType(bytes: Uint8Array): string {
  const text = latin1(bytes);
  if (!text.slice(0, 64).includes('webm')) return 'video/x-matroska';
  return /A_(?:OPUS|VORBIS)/.test(text) && !text.includes('V_') ? 'audio/webm' : 'video/webm';
}

function oggType(bytes: Uint8Array): string {
  const text = latin1(bytes);
  if (text.includes('\x80theora')) return 'video/ogg';
  return /OpusHead|vorbis|Speex {3}|\x7fFLAC/.test(text) ? 'audio/ogg' : UNKNOWN_TYPE;
}

/** What a browser would run, wherever it begins. */
const HTML = /^<(?:!doctype html|html|head|body|script|iframe|style|title|meta|link|img|a|div|p|table|h1|br|!--)\b/;

function textType(bytes: Uint8Array): string {
  const text = decoded(bytes)
    .replace(/^\ufeff/, '')
    .trimStart()
    .toLowerCase();
  if (!text.startsWith('<')) return 'text/plain';
  if (/<svg[\s>]|<!doctype svg/.test(text)) return 'image/svg+xml';
  if (HTML.test(text) || text.startsWith('<!--') || text.includes('http://www.w3.org/1999/xhtml')) return 'text/html';
  return text.startsWith('<?xml') ? 'text/xml' : 'text/plain';
}

function isText(bytes: Uint8Array): boolean {
  if (bytes.length === 0) return false;
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) return true;
  if (bytes.some((byte) => byte < 0x20 && ![0x09, 0x0a, 0x0c, 0x0d, 0x1b].includes(byte))) return false;
  try {
    // What is cut off at the end of the head is no flaw.
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

function decoded(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  return new TextDecoder().decode(bytes);
}

const latin1 = (bytes: Uint8Array): string => ascii(bytes);
