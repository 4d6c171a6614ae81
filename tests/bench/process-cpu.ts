// CPU time of another process, from /proc (proc(5), fields 14 and 15 of stat, in clock ticks of 10 ms on Linux).

import { readFileSync } from 'node:fs';

const TICK_MS = 10;

/** User and system time that a process has used so far, ms. */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}
