// What is said once a message was forwarded: without a line, that it will be. Pure.

import { m } from '#lib/words/generated/messages.js';

/** @param rooms how many; `name` of the only one, where it is known */
export function forwardedWords(rooms: number, name: string | undefined, hasLine: boolean): string {
  if (rooms > 1) return hasLine ? m.forward_done_several({ n: rooms }) : m.forward_will_several({ n: rooms });
  if (name === undefined) return hasLine ? m.forward_done_unnamed() : m.forward_will_unnamed();
  return hasLine ? m.forward_done({ room: name }) : m.forward_will({ room: name });
}
