import { describe, expect, test } from 'vitest';
import { HEAD_BYTES, isShown, mediaTypeOf } from './media-type.ts';
import { PICTURES } from './testing/pictures.ts';

const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const box = (type: string, data: string): string => {
  const length = data.length + 8;
  return String.fromCharCode(length >>> 24, (length >>> 16) & 255, (length >>> 8) & 255, length & 255) + type + data;
};
const track = (handler: string): string => box('moov', box('trak', box('mdia', box('hdlr', '\0'.repeat(8) + handler))));

describe('[FILE-4] a file is what its bytes say', () => {
  test.each([
    ['image/jpeg', PICTURES.jpeg],
    ['image/png', PICTURES.png],
    ['image/webp', PICTURES.webp],
    ['image/avif', PICTURES.avif],
    ['image/gif', PICTURES.gif],
    ['image/heic', latin1(box('ftyp', 'heic\0\0\0\0mif1heic'))],
    ['image/tiff', latin1('II*\0\x08\0\0\0')],
    ['audio/mpeg', latin1('ID3\x04\0\0')],
    ['audio/mpeg', latin1('\xff\xfb\x90\x44')],
    ['audio/wav', latin1('RIFF\x24\0\0\0WAVEfmt ')],
    ['audio/mp4', latin1(box('ftyp', 'M4A \0\0\0\0isom'))],
    ['audio/mp4', latin1(box('ftyp', 'iso5\0\0\0\0iso5') + track('soun'))],
    ['video/mp4', latin1(box('ftyp', 'iso5\0\0\0\0iso5') + track('soun') + track('vide'))],
    ['video/mp4', latin1(box('ftyp', 'isom\0\0\0\0isom') + box('mdat', 'x'))],
    ['video/quicktime', latin1(box('ftyp', 'qt  \0\0\0\0qt  '))],
    ['audio/webm', latin1('\x1a\x45\xdf\xa3\x01\0\0B\x82\x84webm…A_OPUS')],
    ['video/webm', latin1('\x1a\x45\xdf\xa3\x01\0\0B\x82\x84webmA_OPUS V_VP9')],
    ['video/x-matroska', latin1('\x1a\x45\xdf\xa3\x01\0\0B\x82\x88matroska')],
    ['audio/ogg', latin1('OggS\0\x02' + '\0'.repeat(22) + 'OpusHead')],
    ['video/ogg', latin1('OggS\0\x02' + '\0'.repeat(22) + '\x80theora')],
    ['application/pdf', latin1('%PDF-1.7')],
    ['application/zip', latin1('PK\x03\x04\x14\0')],
    ['application/octet-stream', latin1('\x7fELF\x02\x01\x01\0')],
    ['application/octet-stream', latin1('MZ\x90\0\x03')],
    ['application/octet-stream', new Uint8Array()],
    ['text/plain', utf8('Bring milk, and bread.')],
    ['text/plain', utf8('BMX on Sunday')],
    ['text/plain', utf8('<- that way')],
    ['text/plain', utf8('ä'.repeat(HEAD_BYTES))],
    ['text/xml', utf8('<?xml version="1.0"?><rss/>')]
  ])('%s (%#)', (type, bytes) => expect(mediaTypeOf(bytes)).toBe(type));

  test.each([
    ['text/html', '<!DOCTYPE html><p>'],
    ['text/html', '\ufeff \n<html><script>alert(1)</script>'],
    ['text/html', '<!-- x --><script>alert(1)</script>'],
    ['text/html', '<SCRIPT src=//evil.example></SCRIPT>'],
    ['text/html', '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>'],
    ['image/svg+xml', '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'],
    ['image/svg+xml', '<?xml version="1.0"?><!-- a --><svg onload="alert(1)"/>']
  ])('[FILE-11] %s runs, so it is none of what is shown (%#)', (type, text) => {
    expect(mediaTypeOf(utf8(text))).toBe(type);
    expect(isShown(type)).toBe(false);
  });
});
