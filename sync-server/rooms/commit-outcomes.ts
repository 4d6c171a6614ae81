// What a commit means to each who asked for a part of it. Nobody is told before the commit is on disk.

import { CLOSE } from '#protocol/close-codes.ts';
import type { RefusalCode } from '#protocol/refusal-codes.ts';
import type { RefusedEntry } from '../gate/gate-contract.ts';
import type { PageChannel } from './page-channel.ts';
import type { CommitJob, EntryJob, UpdateJob } from './room-job.ts';
import { isServerClientId } from '../gate/server-client-ids.ts';
import type { StagedCommit } from './staged-commit.ts';

export class CommitOutcomes {
  readonly refused: { readonly channel: PageChannel; readonly refused: RefusedEntry }[] = [];
  /** Channels that sent something out of reach. */
  readonly gaps = new Set<PageChannel>();
  readonly #settled: (() => void)[] = [];

  take(job: CommitJob, commit: StagedCommit): void {
    if (job.kind === 'update') this.#receive(job, commit);
    else this.#append(job, commit);
  }

  /** Answers those who wait for their entry. */
  settle(): void {
    for (const settle of this.#settled) settle();
  }

  #receive({ channel, update }: UpdateJob, commit: StagedCommit): void {
    if (channel.muted) return;
    const outcome = commit.receive(channel, update);
    switch (outcome.kind) {
      case 'malformed':
        return channel.end(CLOSE.malformed);
      case 'foreign-client':
        // Nobody writes under the server's ids: who offers such a struct got it from a store newer than this one.
        if (isServerClientId(outcome.clientId)) return channel.aheadOfStore();
        return channel.end(CLOSE.clientIdTaken);
      case 'checked':
        for (const refused of outcome.refused) this.refused.push({ channel, refused });
        if (outcome.gap) this.gaps.add(channel);
    }
  }

  #append(job: EntryJob, commit: StagedCommit): void {
    const code: RefusalCode | null = job.vouched ? commit.appendVouched(job.entry) : commit.append(job.entry);
    this.#settled.push(() => job.resolve(code));
  }
}
