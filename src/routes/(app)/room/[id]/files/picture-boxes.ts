// How pictures of one message stand together: one as it is, two to four as a grid, of more the last says how many. Pure.
// Invariant: where they stand is known before any of them is there.

import type { Attachment } from '#protocol/attachment.ts';

/** px: what there is room for in a bubble, and on a wide page. */
export interface PictureRoom {
  readonly width: number;
  readonly height: number;
}
export const BUBBLE_ROOM: PictureRoom = { width: 296, height: 360 };
export const PAGE_ROOM: PictureRoom = { width: 400, height: 400 };
const LEAST = 96;
const SHOWN_MAX = 4;

export interface PictureBox {
  readonly of: Attachment;
  /** Width by height. */
  readonly ratio: number;
  /** Over both columns. */
  readonly wide: boolean;
  /** How many more there are than are shown. */
  readonly more: number;
}

/** px, of one that stands alone. */
export function boxOf({ width, height }: Pick<Attachment, 'width' | 'height'>, room: PictureRoom): PictureRoom {
  const [w, h] = [width ?? room.width, height ?? room.width];
  const scale = Math.min(room.width / w, room.height / h, 1);
  // What is very long or very small is cut or framed, so that a finger finds it.
  return { width: Math.max(LEAST, Math.round(w * scale)), height: Math.max(LEAST / 2, Math.round(h * scale)) };
}

export function pictureBoxes(pictures: readonly Attachment[]): readonly PictureBox[] {
  const shown = pictures.slice(0, SHOWN_MAX);
  return shown.map((of, at) => {
    const wide = shown.length === 3 && at === 0;
    const more = at === SHOWN_MAX - 1 ? pictures.length - SHOWN_MAX : 0;
    return { of, ratio: wide ? 2 : 1, wide, more };
  });
}
