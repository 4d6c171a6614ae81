// Lists that may be longer than one control message.

import { CONTROL_MAX_BYTES } from '#protocol/limits.ts';

/** Two lists and a few fields fit into one message. */
const LIST_MAX_BYTES = CONTROL_MAX_BYTES / 2 - 4_096;

/** @returns the items in order, in lists whose JSON stays below `maxBytes`; none for no items */
export function splitBySize<Item>(items: readonly Item[], maxBytes = LIST_MAX_BYTES): Item[][] {
  const lists: Item[][] = [];
  let bytes = Infinity;
  for (const item of items) {
    const itemBytes = Buffer.byteLength(JSON.stringify(item)) + 1;
    if (bytes + itemBytes > maxBytes) {
      lists.push([]);
      bytes = 2;
    }
    lists.at(-1)!.push(item);
    bytes += itemBytes;
  }
  return lists;
}
