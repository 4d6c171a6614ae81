// The face of a room until a picture is set: one of the twelve author colours by its id, so that it keeps it
// when renamed and on every device; initials of its name.

import { colourOf, initialsOf } from '../model/person.ts';

export interface RoomGlyph {
  /** 1–12 */
  readonly colour: number;
  readonly initials: string;
}

export function roomGlyph(id: string, name: string): RoomGlyph {
  return { colour: colourOf(id), initials: initialsOf(name) };
}
