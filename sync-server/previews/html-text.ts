// The text of an HTML file, by the encoding that it is in: as its first bytes say, else as the site says, else as the page itself
// says (HTML, "encoding sniffing"). Pure; bytes that mean nothing become U+FFFD.

/** Within these a page says how it is encoded. */
const SNIFFED_BYTES = 1_024;
const META = /<meta[^>]{1,200}?charset\s*=\s*["']?\s*([\w:.-]{1,40})/i;

export function htmlText(bytes: Uint8Array, contentType: string): string {
  const said = /;\s*charset\s*=\s*["']?([\w:.-]{1,40})/i.exec(contentType)?.[1];
  const label = markOf(bytes) ?? said ?? metaOf(bytes) ?? 'utf-8';
  return decoderOf(label).decode(bytes);
}

function markOf(bytes: Uint8Array): string | null {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  return bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : null;
}

function metaOf(bytes: Uint8Array): string | undefined {
  const label = META.exec(Buffer.from(bytes.subarray(0, SNIFFED_BYTES)).toString('latin1'))?.[1];
  // Who can be read so far is not in UTF-16.
  return label !== undefined && /^utf-?16/i.test(label) ? 'utf-8' : label;
}

function decoderOf(label: string): TextDecoder {
  try {
    return new TextDecoder(label);
  } catch {
    return new TextDecoder();
  }
}
