// Sealed pages: from this device's disk, else from the server, kept after. Invariant: a page whose revision is known
// to have changed is asked for again before it is trusted, so that erased content does not live on here.

import type { ArrivedEntry, SealedPage } from '#protocol/api.ts';
import { parseEntry } from '#protocol/entry.ts';
import { docName, type PageRef } from '#protocol/ids.ts';
import type { ApiClient } from '../session/api-client.ts';
import type { SealedRow, UserDb } from '../storage/user-db.ts';

export type LoadedPage =
  | { readonly kind: 'page'; readonly body: SealedPage }
  /** No line, and not on this device. */
  | { readonly kind: 'offline' }
  /** The server has no such sealed page for this person. */
  | { readonly kind: 'absent' };

export class SealedPages {
  readonly #db: UserDb;
  readonly #api: ApiClient;
  /** Loads under way, so that two that want one page fetch it once. */
  readonly #loading = new Map<string, Promise<LoadedPage>>();
  /** Revisions told of while their page was under way: what arrives then may be older. */
  readonly #told = new Map<string, number>();

  constructor(db: UserDb, api: ApiClient) {
    this.#db = db;
    this.#api = api;
  }

  load(ref: PageRef): Promise<LoadedPage> {
    const key = docName(ref);
    const under = this.#loading.get(key);
    if (under) return under;
    const loading = this.#load(ref).finally(() => {
      this.#loading.delete(key);
      this.#told.delete(key);
    });
    this.#loading.set(key, loading);
    return loading;
  }

  /** The page was sealed under our eyes: its document holds all of it. Late effects are asked for when there is a line. */
  async keep(body: SealedPage): Promise<boolean> {
    const stored = await this.#db.putSealedPage({ ...pageKey(body), etag: null, stale: true, body });
    return stored.ok;
  }

  /** The server says that the page has a newer revision. */
  async markChanged(ref: PageRef, revision: number): Promise<void> {
    const key = docName(ref);
    if (this.#loading.has(key)) this.#told.set(key, Math.max(revision, this.#told.get(key) ?? 0));
    const row = await this.#cached(ref);
    if (!row || row.stale || row.body.revision >= revision) return;
    await this.#db.putSealedPage({ ...row, stale: true });
  }

  async #load(ref: PageRef): Promise<LoadedPage> {
    const row = await this.#cached(ref);
    if (row && !row.stale) return { kind: 'page', body: row.body };
    const answer = await this.#api.getChanged<SealedPage>(
      `/api/rooms/${ref.room}/pages/${ref.page}`,
      row?.etag ?? null
    );
    if (!answer.ok) {
      if (row && answer.code !== 'not-found' && answer.code !== 'forbidden') return { kind: 'page', body: row.body };
      return { kind: answer.code === 'not-found' || answer.code === 'not-sealed' ? 'absent' : 'offline' };
    }
    if (!answer.changed) {
      if (row) await this.#db.putSealedPage({ ...row, stale: this.#isOlder(row.body) });
      return row ? { kind: 'page', body: row.body } : { kind: 'offline' };
    }
    const body = readable(answer.value);
    await this.#db.putSealedPage({ ...ref, etag: answer.etag, stale: this.#isOlder(body), body });
    return { kind: 'page', body };
  }

  #isOlder(body: SealedPage): boolean {
    return body.revision < (this.#told.get(docName(body)) ?? 0);
  }

  async #cached({ room, page }: PageRef): Promise<SealedRow | undefined> {
    return this.#db.sealedPage(room, page).catch(() => undefined);
  }
}

const pageKey = ({ room, page }: SealedPage): PageRef => ({ room, page });

/** Less what this version cannot read at all; unknown types stay. */
function readable(body: SealedPage): SealedPage {
  const keep = ({ entry }: ArrivedEntry): boolean => parseEntry(entry).ok;
  return { ...body, entries: body.entries.filter(keep), late: body.late.filter(keep) };
}
