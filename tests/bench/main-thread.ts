// The tasks of a page's own thread, as Chromium's trace has them. Each has two lengths: on the clock, which a busy machine
// makes longer, and the processor's, which is the page's own doing.

import type { CDPSession, Page } from '@playwright/test';

export interface Task {
  readonly clockMs: number;
  readonly processorMs: number;
  /** What took longest within it, as the trace names it. */
  readonly chief: string;
}

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  /** µs */
  readonly ts: number;
  readonly dur?: number;
  readonly tdur?: number;
  readonly args?: {
    readonly name?: string;
    readonly data?: { readonly url?: string; readonly functionName?: string };
  };
}

/** @returns all that the page's thread did meanwhile, what took most of the processor first */
export async function tasksOf(page: Page, work: () => Promise<void>): Promise<Task[]> {
  const session = await page.context().newCDPSession(page);
  const events: TraceEvent[] = [];
  session.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as TraceEvent[])));
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: {
      recordMode: 'recordUntilFull',
      includedCategories: ['devtools.timeline', 'disabled-by-default-devtools.timeline', 'blink.user_timing']
    }
  });
  const mark = `roost-bench-${Math.random()}`;
  await page.evaluate((name) => performance.mark(name), mark);
  try {
    await work();
  } finally {
    await end(session);
  }
  const marked = events.find(({ name }) => name === mark);
  if (!marked) throw new Error('the trace does not have the page');
  const own = events.filter(
    ({ pid, tid, ph, ts }) => pid === marked.pid && tid === marked.tid && ph === 'X' && ts >= marked.ts
  );
  const tasks = own.filter(({ name }) => name === 'RunTask');
  return tasks
    .map((task) => ({
      clockMs: (task.dur ?? 0) / 1_000,
      processorMs: (task.tdur ?? 0) / 1_000,
      chief: chiefOf(task, own)
    }))
    .sort((a, b) => b.processorMs - a.processorMs);
}

async function end(session: CDPSession): Promise<void> {
  const complete = new Promise<void>((resolve) => session.once('Tracing.tracingComplete', () => resolve()));
  await session.send('Tracing.end');
  await complete;
  await session.detach();
}

function chiefOf(task: TraceEvent, all: readonly TraceEvent[]): string {
  const until = task.ts + (task.dur ?? 0);
  return all
    .filter((event) => event !== task && event.ts >= task.ts && event.ts + (event.dur ?? 0) <= until)
    .sort((a, b) => (b.tdur ?? 0) - (a.tdur ?? 0))
    .slice(0, 6)
    .map(
      ({ name, tdur, args }) =>
        `${name} ${args?.data?.functionName ?? ''} ${Math.round((tdur ?? 0) / 1_000)} ms ${args?.data?.url?.split('/').at(-1) ?? ''}`
    )
    .join(' | ');
}
