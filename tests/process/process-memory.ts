// Memory of another process, from /proc (proc(5), VmRSS and RssAnon of status).

import { readFileSync } from 'node:fs';

/** What it has of the machine's memory now, KiB; 0: it has ended. */
export const memoryKib = (pid: number): number => statusKib(pid, 'VmRSS');

/** The same without what it shares with others and what is of files, KiB. */
export const ownMemoryKib = (pid: number): number => statusKib(pid, 'RssAnon');

function statusKib(pid: number, field: string): number {
  try {
    return Number(
      new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0
    );
  } catch {
    return 0;
  }
}
