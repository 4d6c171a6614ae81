// What the person chose about files on this device: which come unasked, and how many bytes of them stay.

import { DECIDED_METAS } from '../storage/decided-metas.ts';
import type { UserDb } from '../storage/user-db.ts';
import { NOT_CHOSEN, type DownloadRule } from './download-rule.ts';

const { filesKeepMost: KEEP_MOST, filesFetched: FETCHED } = DECIDED_METAS;
/** Until the person says otherwise. */
const KEPT_BYTES = 500_000_000;

export class FileSettings {
  readonly #db: Pick<UserDb, 'meta' | 'putMeta'>;
  #keepMost = KEPT_BYTES;
  #downloadRule: DownloadRule = NOT_CHOSEN;

  constructor(db: Pick<UserDb, 'meta' | 'putMeta'>) {
    this.#db = db;
  }

  async load(): Promise<void> {
    this.#downloadRule = (await this.#db.meta<DownloadRule>(FETCHED)) ?? NOT_CHOSEN;
    this.#keepMost = (await this.#db.meta<number>(KEEP_MOST)) ?? KEPT_BYTES;
  }

  /** Bytes of fetched files that this device keeps at most. */
  get keepMost(): number {
    return this.#keepMost;
  }
  async setKeepMost(bytes: number): Promise<void> {
    this.#keepMost = bytes;
    await this.#db.putMeta(KEEP_MOST, bytes);
  }

  /** Which files this device fetches without being asked. */
  get downloadRule(): DownloadRule {
    return this.#downloadRule;
  }
  async setDownloadRule(rule: DownloadRule): Promise<void> {
    this.#downloadRule = rule;
    await this.#db.putMeta(FETCHED, rule);
  }
}
