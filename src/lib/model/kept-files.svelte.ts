// Files on this device as the settings show them. Invariant: nothing that is unsent or stands in a composer is let go of.

import type { SyncClient } from '../sync/sync-client.ts';
import type { Attachment } from '#protocol/attachment.ts';
import { effectiveRule, fetchesItself, NOT_CHOSEN, type LineCost } from '../sync/download-rule.ts';
import type { Downloads, KeptFiles } from './room-files.ts';

type Client = Pick<SyncClient, 'files' | 'fileSettings'>;

export class FilesOfDevice implements KeptFiles {
  readonly #client: () => Client | null;
  readonly #lineCost: () => LineCost;
  /** Grows with each choice. */
  #chosen = $state(0);

  /** @param lineCost what the browser tells of the line now */
  constructor(client: () => Client | null, lineCost: () => LineCost) {
    this.#client = client;
    this.#lineCost = lineCost;
  }

  async size(): Promise<{ readonly all: number; readonly free: number }> {
    const size = await this.#client()
      ?.files.size()
      .catch(() => null);
    return size ?? { all: 0, free: 0 };
  }

  async letGo(): Promise<void> {
    await this.#client()?.files.trim(0);
  }

  get keepMost(): number {
    void this.#chosen;
    return this.#client()?.fileSettings.keepMost ?? 0;
  }

  get downloads(): Downloads {
    return effectiveRule(this.#rule, this.#lineCost());
  }
  async setDownloads(choice: Partial<Downloads>): Promise<void> {
    await this.#client()?.fileSettings.setDownloadRule({ ...this.#rule, ...choice });
    this.#chosen += 1;
  }
  get tellsCost(): boolean {
    return this.#lineCost().metered !== null;
  }
  get savesData(): boolean {
    return this.#lineCost().saves;
  }
  fetchesItself(of: Attachment): boolean {
    return fetchesItself(of, this.#rule, this.#lineCost());
  }
  get #rule() {
    void this.#chosen;
    return this.#client()?.fileSettings.downloadRule ?? NOT_CHOSEN;
  }

  async setKeepMost(bytes: number): Promise<void> {
    const client = this.#client();
    await client?.fileSettings.setKeepMost(bytes);
    await client?.files.trim();
    this.#chosen += 1;
  }
}
