// The face of a room until a picture is set: one of the twelve author colours by its id, initials of its name.

import { initialsOf } from './initials.ts';

export interface RoomGlyph {
  /** 1–12 */
  readonly colour: number;
  readonly initials: string;
}

export function roomGlyph(id: string, name: string): RoomGlyph {
  return { colour: colourOf(id), initials: initialsOf(name) };
}

/** FNV-1a over the id, so that a room keeps its colour when renamed and on every device. */
function colourOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
  return ((hash >>> 0) % 12) + 1;
}
