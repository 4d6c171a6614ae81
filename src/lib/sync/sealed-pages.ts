// Sealed pages: from this device's disk, else from the server, kept after. Invariant: a page whose revision is known
// to have changed is asked for again before it is trusted, and as soon as there is a line, looked at or not, so that
// erased content does not live on here.

import type { ArrivedEntry, SealedPage } from '#protocol/api/sealed-page.ts';
import { parseEntry } from '#protocol/parse-entry.ts';
import { docName, parseDocName, type PageRef } from '#protocol/ids.ts';
import type { ApiClient } from '../session/api-client.ts';
import type { Stored } from '../storage/storage-failure.ts';
import type { SealedRow, UserDb } from '../storage/user-db.ts';
import { isDue } from './erased-entry.ts';
import { Rerun } from './rerun.ts';
import type { ServerTime } from './server-clock.ts';

export type LoadedPage =
  | { readonly kind: 'page'; readonly body: SealedPage }
  /** No line, and not on this device. */
  | { readonly kind: 'offline' }
  /** The server has no such sealed page for this person. */
  | { readonly kind: 'absent' };

export interface SealedPagesOptions {
  readonly time: ServerTime;
  /** The first of what is on a page on this disk is to be deleted then. */
  readonly fleeting: (ref: PageRef, until: number) => void;
  /** The content of these messages is gone. */
  readonly erased: (room: string, entries: readonly string[]) => void;
}

/** Where the names of pages lie that are here and have changed since. */
const CHANGED_PAGES = 'changedPages';

export class SealedPages {
  readonly #db: UserDb;
  readonly #api: ApiClient;
  readonly #options: SealedPagesOptions;
  /** Loads under way, so that two that want one page fetch it once. */
  readonly #loading = new Map<string, Promise<LoadedPage>>();
  /** Revisions told of while their page was under way: what arrives then may be older. */
  readonly #told = new Map<string, number>();
  readonly #changed = new Set<string>();
  readonly #refreshing = new Rerun(() => this.#refresh());

  constructor(db: UserDb, api: ApiClient, options: SealedPagesOptions) {
    this.#db = db;
    this.#api = api;
    this.#options = options;
  }

  /** What was left to be fetched anew at an earlier start. */
  async start(): Promise<void> {
    for (const key of (await this.#db.meta<string[]>(CHANGED_PAGES)) ?? []) this.#changed.add(key);
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

  /** What is on this device of it, be it as it was. */
  async cached(ref: PageRef): Promise<SealedPage | null> {
    const row = await this.#cached(ref);
    return row ? this.#inSight(row.body) : null;
  }

  /** The page was sealed under our eyes: its document holds all of it. Late effects are asked for when there is a line. */
  async keep(body: SealedPage): Promise<boolean> {
    const stored = await this.#put({ ...pageKey(body), etag: null, stale: true, body });
    return stored.ok;
  }

  /** The server says that the page has a newer revision. */
  async markChanged(ref: PageRef, revision: number): Promise<void> {
    const key = docName(ref);
    const underWay = this.#loading.has(key);
    if (underWay) this.#told.set(key, Math.max(revision, this.#told.get(key) ?? 0));
    const row = await this.#cached(ref);
    if (!underWay && (!row || row.body.revision >= revision)) return;
    if (row && !row.stale && row.body.revision < revision) await this.#put({ ...row, stale: true });
    this.#changed.add(key);
    await this.#db.putMeta(CHANGED_PAGES, [...this.#changed]);
  }

  /** Nobody tells of what changes on pages of this room: all that are here are to be fetched anew. */
  async doubt(room: string): Promise<void> {
    for (const page of await this.#db.sealedNumbers(room)) {
      const row = await this.#cached({ room, page });
      if (!row) continue;
      await this.#put({ ...row, stale: true });
      this.#changed.add(docName({ room, page }));
    }
    await this.#db.putMeta(CHANGED_PAGES, [...this.#changed]);
  }

  /** The room is closed to this person. */
  async drop(room: string): Promise<void> {
    for (const page of await this.#db.sealedNumbers(room)) await this.#db.deleteSealedPage(room, page);
  }

  /** There is a line: fetches anew what has changed. What cannot be had now is left for the next line. */
  refresh(): Promise<void> {
    return this.#refreshing.run();
  }

  async #refresh(): Promise<void> {
    for (const key of this.#changed) {
      const ref = parseDocName(key)!;
      const loaded = await this.load(ref);
      const row = await this.#cached(ref);
      if (loaded.kind === 'absent' && row) await this.#db.deleteSealedPage(ref.room, ref.page);
      else if (loaded.kind === 'offline' || row?.stale) continue;
      this.#changed.delete(key);
      await this.#db.putMeta(CHANGED_PAGES, [...this.#changed]);
    }
  }

  async #load(ref: PageRef): Promise<LoadedPage> {
    const row = await this.#cached(ref);
    if (row && !row.stale) return { kind: 'page', body: this.#inSight(row.body) };
    const answer = await this.#api.getChanged<SealedPage>(
      `/api/rooms/${ref.room}/pages/${ref.page}`,
      row?.etag ?? null
    );
    if (!answer.ok) {
      if (row && answer.code !== 'not-found' && answer.code !== 'forbidden')
        return { kind: 'page', body: this.#inSight(row.body) };
      return { kind: answer.code === 'not-found' || answer.code === 'not-sealed' ? 'absent' : 'offline' };
    }
    if (!answer.changed) {
      if (row) await this.#put({ ...row, stale: this.#isOlder(row.body) });
      return row ? { kind: 'page', body: this.#inSight(row.body) } : { kind: 'offline' };
    }
    const body = lasting(readable(answer.value), this.#options.time.proven());
    await this.#put({ ...ref, etag: answer.etag, stale: this.#isOlder(body), body });
    return { kind: 'page', body: this.#inSight(body) };
  }

  #isOlder(body: SealedPage): boolean {
    return body.revision < (this.#told.get(docName(body)) ?? 0);
  }

  /** Less what has disappeared as far as this device knows; on the disk it stays until that is certain. */
  #inSight(body: SealedPage): SealedPage {
    return lasting(body, this.#options.time.now());
  }

  /** Takes what has disappeared off the disk. @returns when the next does; Infinity: nothing, or there is no such page */
  async expire(ref: PageRef): Promise<number> {
    const row = await this.#cached(ref);
    return row ? nextUntil(row.body) : Infinity;
  }

  /** As it is on this disk, where nothing stays beyond its time by the server's word. */
  async #cached({ room, page }: PageRef): Promise<SealedRow | undefined> {
    const row = await this.#db.sealedPage(room, page).catch(() => undefined);
    if (!row) return undefined;
    const body = lasting(row.body, this.#options.time.proven());
    if (body === row.body) return row;
    const after = { ...row, body };
    await this.#put(after);
    return after;
  }

  async #put(row: SealedRow): Promise<Stored> {
    const stored = await this.#db.putSealedPage(row);
    this.#options.fleeting(pageKey(row.body), nextUntil(row.body));
    this.#options.erased(
      row.room,
      row.body.erased.map(({ id }) => id)
    );
    return stored;
  }
}

const pageKey = ({ room, page }: SealedPage): PageRef => ({ room, page });

/** Less what this version cannot read at all; unknown types stay. */
function readable(body: SealedPage): SealedPage {
  const keep = ({ entry }: ArrivedEntry): boolean => parseEntry(entry).ok;
  return { ...body, entries: body.entries.filter(keep), late: body.late.filter(keep) };
}

const nextUntil = ({ entries, late }: SealedPage): number =>
  [...entries, ...late].reduce((first, { until = Infinity }) => Math.min(first, until), Infinity);

/** Less the content of what has disappeared; the same object where nothing has. */
function lasting(body: SealedPage, nowMs: number): SealedPage {
  if (nextUntil(body) > nowMs) return body;
  const gone = body.entries.filter((one) => isDue(one, nowMs));
  return {
    ...body,
    entries: body.entries.filter((one) => !isDue(one, nowMs)),
    erased: [...body.erased, ...gone.map(({ entry, at, n, until }) => ({ id: entry.id, at, n, until }))],
    late: body.late.filter((one) => !isDue(one, nowMs))
  };
}
