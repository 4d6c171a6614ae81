// What a picture is like, where that decides how it is kept. Pure.

interface Size {
  readonly width: number;
  readonly height: number;
}

/** As large as it is, or smaller in the same shape; never without a pixel. */
export function fittedSize({ width, height }: Size, longestSide: number): Size {
  const scale = Math.min(1, longestSide / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/** Photographs have far more in as many pixels, drawings and screens fewer. */
const FEW = 4_096;

/** @param rgba of a sample taken without smoothing, which makes colours that are not in it */
export function hasFewColours(rgba: Uint8ClampedArray): boolean {
  const seen = new Set<number>();
  for (let at = 0; at < rgba.length; at += 4) {
    seen.add((rgba[at]! << 16) | (rgba[at + 1]! << 8) | rgba[at + 2]!);
    if (seen.size > FEW) return false;
  }
  return true;
}

/** Made anew it would stand still. */
export function isAnimated(type: string, bytes: Uint8Array): boolean {
  // The header of an extended file has a bit for it.
  if (type === 'image/webp') return latin1(bytes, 12, 16) === 'VP8X' && (bytes[20]! & 0x02) !== 0;
  if (type !== 'image/gif') return false;
  let frames = 0;
  // Before each frame: how long it is shown.
  for (let at = 0; at + 7 < bytes.length && frames < 2; at += 1)
    if (bytes[at] === 0x21 && bytes[at + 1] === 0xf9 && bytes[at + 2] === 4 && bytes[at + 7] === 0) frames += 1;
  return frames > 1;
}

const latin1 = (bytes: Uint8Array, from: number, to: number): string =>
  String.fromCharCode(...bytes.subarray(from, to));
