// Merging Yjs updates without the superlinear cost of handing mergeUpdates hundreds of them at once.

import * as Y from 'yjs';

/** mergeUpdates sorts its readers at each step, so few at a time. */
const FAN_IN = 16;

/** @param updates at least one; together without gaps, the first clocks included or already with the receiver */
export function mergeInSteps(updates: readonly Uint8Array[]): Uint8Array {
  let level = updates;
  while (level.length > 1) {
    const merged: Uint8Array[] = [];
    for (let at = 0; at < level.length; at += FAN_IN) {
      const group = level.slice(at, at + FAN_IN);
      merged.push(group.length === 1 ? group[0]! : Y.mergeUpdates(group));
    }
    level = merged;
  }
  return level[0]!;
}
