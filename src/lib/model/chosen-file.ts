// A file that was chosen, until what is made of it stands in the composer. Invariant: whenever the page goes meanwhile, it
// is on this device's disk, or the browser asks whether the page may go.

import type { SyncClient } from '../sync/sync-client.ts';

/** What is larger is not written twice: made ready it is hardly smaller, and soon. */
const CHOSEN_KEPT_MAX_BYTES = 64 * 1024 * 1024;
/** So many tabs may end over one file: the next would, too. */
export const CHOSEN_ENDED_MAX = 3;

export interface ChosenPlace {
  /** The composer, as of drafts. */
  readonly of: string;
  readonly client: Pick<SyncClient, 'composedFiles'> | null;
  /** The browser asks before the page goes, until what is returned is called. */
  readonly askBeforeLeaving: () => () => void;
}

export class ChosenFile {
  readonly file: File;
  readonly #place: ChosenPlace;
  /** Its row on the disk; null: it has none. */
  readonly row: Promise<string | null>;
  #mayLeave = (): void => undefined;

  /** @param id that it is to be kept under; of what has a place on the disk already null */
  constructor(file: File, place: ChosenPlace, id: string | null, row: Promise<string | null> = Promise.resolve(null)) {
    this.file = file;
    this.#place = place;
    this.row = id === null ? row : this.#keep(id);
  }

  async #keep(id: string): Promise<string | null> {
    const { client, of, askBeforeLeaving } = this.#place;
    this.#mayLeave = askBeforeLeaving();
    const { file } = this;
    if (!client || file.size > CHOSEN_KEPT_MAX_BYTES) return null;
    const bytes = file.slice(0, file.size, file.type);
    const stored = await client.composedFiles.keepChosen(of, id, { name: file.name, bytes }).catch(() => null);
    if (!stored?.ok) return null;
    this.#mayLeave();
    return id;
  }

  /** It stands in the composer, or was refused. */
  async end(): Promise<void> {
    const row = await this.row;
    this.#mayLeave();
    if (row !== null) await this.#place.client?.composedFiles.dropChosen(this.#place.of, row);
  }
}
