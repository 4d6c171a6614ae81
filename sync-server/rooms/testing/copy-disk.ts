// A backup: another disk with what this one holds now.

import { unsealValue } from '../../store/checked-value.ts';
import { MemoryDisk } from '../../store/memory-disk.ts';

export async function copyDisk(disk: MemoryDisk): Promise<MemoryDisk> {
  const copy = new MemoryDisk();
  const puts = disk.entries.map(([key, sealed]) => ({ type: 'put' as const, key, value: unsealValue(key, sealed) }));
  await copy.write(puts, true);
  return copy;
}
