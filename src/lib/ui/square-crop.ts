// Which square of a picture is taken. Pure. Invariant: the square lies wholly within the picture.

export const ZOOM_MAX = 8;

export interface SquareCrop {
  /** The picture, in pixels. */
  readonly width: number;
  readonly height: number;
  /** 1: the largest square that fits. */
  readonly zoom: number;
  /** Middle of the square, in pixels of the picture. */
  readonly x: number;
  readonly y: number;
}

export const sideOf = ({ width, height, zoom }: SquareCrop): number => Math.min(width, height) / zoom;

/** The largest square, in the middle. */
export function wholeCrop(width: number, height: number): SquareCrop {
  return { width, height, zoom: 1, x: width / 2, y: height / 2 };
}

/** @param dx,dy how far the square goes, in its own sides */
export function moved(crop: SquareCrop, dx: number, dy: number): SquareCrop {
  const side = sideOf(crop);
  return within({ ...crop, x: crop.x + dx * side, y: crop.y + dy * side });
}

export function zoomed(crop: SquareCrop, zoom: number): SquareCrop {
  return within({ ...crop, zoom: Math.min(ZOOM_MAX, Math.max(1, zoom)) });
}

function within(crop: SquareCrop): SquareCrop {
  const half = sideOf(crop) / 2;
  const clamp = (value: number, length: number): number => Math.min(length - half, Math.max(half, value));
  return { ...crop, x: clamp(crop.x, crop.width), y: clamp(crop.y, crop.height) };
}
