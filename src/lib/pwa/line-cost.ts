// What the browser tells of the line that it is on: most tell nothing.

import type { LineCost } from '../sync/download-rule.ts';

interface NetworkInformation {
  readonly saveData?: boolean;
  readonly type?: string;
}

const METERED: Readonly<Record<string, boolean>> = {
  ...{ cellular: true, wimax: true, bluetooth: true },
  ...{ wifi: false, ethernet: false }
};

export function browserLineCost(): LineCost {
  const { connection } = navigator as { connection?: NetworkInformation };
  return { saves: connection?.saveData === true, metered: METERED[connection?.type ?? ''] ?? null };
}
