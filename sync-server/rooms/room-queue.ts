// What waits for a room, in the order it came. Imports and erasures are taken alone, read markers by themselves; all else
// goes into commits, as much at a time as holds the process up for no long while.

import { writerOf, type CommitJob, type EraseJob, type ImportJob, type ReadJob, type RoomJob } from './room-job.ts';

/** The rest waits for the next commit, so that none holds the process up for long. */
const JOBS_PER_COMMIT = 256;

const isAlone = (job: RoomJob): job is ImportJob | EraseJob => job.kind === 'import' || job.kind === 'erase';
const isRead = (job: RoomJob): job is ReadJob => job.kind === 'read';

export class RoomQueue {
  #jobs: RoomJob[] = [];
  /** The last commit took only a part of what it was to take. */
  #leftOver = false;

  get length(): number {
    return this.#jobs.length;
  }

  get leftOver(): boolean {
    return this.#leftOver;
  }

  push(job: RoomJob): void {
    this.#jobs.push(job);
  }

  takeAll(): RoomJob[] {
    return this.#jobs.splice(0);
  }

  takeReads(): readonly ReadJob[] {
    const reads = this.#jobs.filter(isRead);
    if (reads.length > 0) this.#jobs = this.#jobs.filter((job) => !isRead(job));
    return reads;
  }

  /** What the next commit is to hold, or one job that is alone. */
  takeNext(): readonly Exclude<RoomJob, ReadJob>[] {
    // One person's long work must not keep the others waiting behind it.
    if (this.#leftOver) this.#jobs = inTurn(this.#jobs);
    const alone = this.#jobs.findIndex(isAlone);
    const count = alone === -1 ? JOBS_PER_COMMIT : Math.max(1, Math.min(alone, JOBS_PER_COMMIT));
    const taken = this.#jobs.splice(0, count);
    // Markers that came in while the commit was waited for have their turn before the next one.
    this.#jobs.unshift(...taken.filter(isRead));
    return taken.filter((job) => job.kind !== 'read');
  }

  /** What a commit did not come to. */
  leave(jobs: readonly RoomJob[]): void {
    this.#jobs.unshift(...jobs);
    this.#leftOver = jobs.length > 0;
  }
}

/**
 * Everybody's first job, then everybody's second; each person's own stay in order. What is taken alone stays behind all
 * that came before it, and before all that came after: it would else wait for as long as more comes.
 */
function inTurn(jobs: readonly RoomJob[]): RoomJob[] {
  const before: (CommitJob | ReadJob)[] = [];
  for (const job of jobs) {
    if (isAlone(job)) break;
    before.push(job);
  }
  const byPerson = Map.groupBy(before, writerOf);
  const rounds = Math.max(0, ...[...byPerson.values()].map(({ length }) => length));
  const turns: RoomJob[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const own of byPerson.values()) if (own[round]) turns.push(own[round]!);
  }
  return [...turns, ...jobs.slice(before.length)];
}
