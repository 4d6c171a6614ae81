// Brings files of messages in the outbox, and of those that are to be sent later, to the server; their messages wait for
// them, others do not.
//
//   in the outbox → begun, or found half there → piece by piece → all there → its message goes out as any other
//                        └─ no line, another tab leads, paused: waits where it is, over a restart too
//                        └─ refused for good → its messages fail, with the reason, and can be tried again
//
// Invariants: one tab does it for all of them; a file that several messages name goes up once.

import { blobClaimsOf, type Entry } from '#protocol/entry.ts';
import type { BlobClaim } from '#protocol/attachment.ts';
import type { BlobHash } from '#protocol/ids.ts';
import type { BlobDb } from '../storage/blob-db.ts';
import type { UploadRow } from '../storage/blob-rows.ts';
import type { FailureCode } from '../storage/user-db.ts';
import type { Outbox, PendingEntry } from './outbox.ts';
import { retryDelayMs } from './retry-delay.ts';
import type { ScheduledMessages } from './scheduled-messages.ts';
import type { Tus } from './tus.ts';
import { isUploaded, uploadFile } from './upload-file.ts';

const AT_ONCE = 2;

export interface UploadProgress {
  /** Bytes of all its files together. */
  readonly sent: number;
  readonly total: number;
  /** `waiting`: for the network; `queued`: for its turn, or for the next try. */
  readonly state: 'waiting' | 'queued' | 'sending' | 'paused';
}

/** What tabs tell each other of uploads. */
export type UploadNews =
  | { readonly type: 'upload-sent'; readonly hash: BlobHash; readonly sent: number }
  | { readonly type: 'upload-done' }
  | { readonly type: 'upload-paused'; readonly entry: string; readonly paused: boolean };

export interface UploadsOptions {
  readonly db: Pick<BlobDb, 'get' | 'uploads' | 'putUpload' | 'deleteUpload'>;
  readonly outbox: Pick<Outbox, 'rooms' | 'of' | 'fail' | 'listen' | 'removals'>;
  /** What is to be sent later, and was not handed over yet. */
  readonly scheduled: Pick<ScheduledMessages, 'waiting' | 'fail'>;
  readonly tus: Pick<Tus, 'begin' | 'where' | 'send' | 'end'>;
  /** Epoch ms. */
  readonly now: () => number;
  readonly random: () => number;
  /** Whether this tab does it. */
  readonly leads: () => boolean;
  readonly announce: (news: UploadNews) => void;
  /** A message that waited may go out. */
  readonly ready: () => void;
}

interface Waiting {
  readonly id: string;
  readonly entry: Entry;
  readonly saved: boolean;
  readonly fail: (code: FailureCode) => Promise<void>;
}

interface Running {
  readonly stop: AbortController;
  readonly done: Promise<void>;
}

export class Uploads {
  readonly #options: UploadsOptions;
  readonly #rows = new Map<BlobHash, UploadRow>();
  readonly #sent = new Map<BlobHash, number>();
  readonly #running = new Map<BlobHash, Running>();
  readonly #paused = new Set<string>();
  readonly #listeners = new Set<() => void>();
  readonly #stopOutbox: () => void;
  #lineUp = false;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(options: UploadsOptions) {
    this.#options = options;
    this.#stopOutbox = options.outbox.listen(() => this.check());
  }

  async load(): Promise<void> {
    const rows = await this.#options.db.uploads();
    this.#rows.clear();
    for (const row of rows) this.#rows.set(row.hash, row);
  }

  lineUp(): void {
    this.#lineUp = true;
    this.#failures = 0;
    this.check();
  }
  lineDown(): void {
    this.#lineUp = false;
    this.#tell();
  }

  /** Whether the server has all that the entry names, as far as is known. */
  ready(entry: Entry): boolean {
    return blobClaimsOf(entry).every(({ hash }) => this.#isThere(hash));
  }

  /** The server lacks a file of it after all. */
  missing(entry: Entry): void {
    for (const { hash } of blobClaimsOf(entry)) void this.#forget(hash);
    this.check();
  }

  /** null: it has no files, or they are all there. */
  progress({ id, entry }: Pick<PendingEntry, 'id' | 'entry'>): UploadProgress | null {
    const claims = distinct(blobClaimsOf(entry));
    if (claims.every(({ hash }) => this.#isThere(hash))) return null;
    const total = claims.reduce((sum, { size }) => sum + size, 0);
    const sent = claims.reduce(
      (sum, { hash, size }) => sum + (this.#isThere(hash) ? size : Math.min(size, this.#sent.get(hash) ?? 0)),
      0
    );
    if (this.#paused.has(id)) return { sent, total, state: 'paused' };
    if (!this.#lineUp) return { sent, total, state: 'waiting' };
    const sends = claims.some(({ hash }) => this.#sent.has(hash) && !this.#isThere(hash));
    return { sent, total, state: sends ? 'sending' : 'queued' };
  }

  setPaused(entry: string, paused: boolean): void {
    this.#pause(entry, paused);
    this.#options.announce({ type: 'upload-paused', entry, paused });
  }

  heard(news: UploadNews): void {
    if (news.type === 'upload-paused') return this.#pause(news.entry, news.paused);
    if (news.type === 'upload-sent') {
      this.#sent.set(news.hash, news.sent);
      return this.#tell();
    }
    void this.load().then(
      () => {
        this.#tell();
        this.#options.ready();
      },
      () => undefined
    );
  }

  /** Called when something of what is shown has changed. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Something changed that may give it work, or take some away. */
  check(): void {
    if (this.#closed) return;
    const wanted = this.#wanted();
    for (const [hash, { stop }] of this.#running) if (!wanted.has(hash)) stop.abort();
    if (!this.#options.leads()) return;
    this.#tidy();
    if (!this.#lineUp) return;
    for (const [hash, size] of wanted) {
      if (this.#running.size >= AT_ONCE) return;
      if (!this.#running.has(hash)) this.#start(hash, size);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#stopOutbox();
    clearTimeout(this.#timer);
    for (const { stop } of this.#running.values()) stop.abort();
    await Promise.all([...this.#running.values()].map(({ done }) => done));
  }

  #entries(): Waiting[] {
    const { outbox, scheduled } = this.#options;
    const pending = outbox.rooms().flatMap((room) => {
      // Nothing more goes up of what is to go itself, though that can still be called back.
      const notNow = outbox.removals.notNow(room);
      return outbox.of(room).filter(({ id, state }) => state !== 'failed' && !notNow.has(id));
    });
    return [
      ...pending.map(({ room, id, entry, state }) => ({
        ...{ id, entry, saved: state !== 'saving' },
        fail: (code: FailureCode) => outbox.fail(room, id, code)
      })),
      ...scheduled.waiting().map(({ room, id, entry }) => ({
        ...{ id, entry, saved: true },
        fail: (code: FailureCode) => scheduled.fail(room, id, code)
      }))
    ];
  }

  /** Files that are to go up, with their sizes: what was written first goes first. */
  #wanted(): Map<BlobHash, number> {
    const due = this.#entries()
      .filter(({ id, saved }) => saved && !this.#paused.has(id))
      .sort((a, b) => a.entry.sentAt - b.entry.sentAt);
    const claims = due.flatMap(({ entry }) => blobClaimsOf(entry));
    return new Map(claims.filter(({ hash }) => !this.#isThere(hash)).map(({ hash, size }) => [hash, size]));
  }

  /** Drops what no message that waits needs any more. */
  #tidy(): void {
    const { outbox, scheduled } = this.#options;
    const waiting = [...outbox.rooms().flatMap((room) => outbox.of(room)), ...scheduled.waiting()];
    const named = new Set(waiting.flatMap(({ entry }) => blobClaimsOf(entry).map(({ hash }) => hash)));
    for (const [hash, { id, doneAt }] of [...this.#rows]) {
      if (named.has(hash)) continue;
      if (id !== null && doneAt === null && this.#lineUp) void this.#options.tus.end(id);
      void this.#forget(hash);
    }
  }

  #start(hash: BlobHash, size: number): void {
    const stop = new AbortController();
    const done = this.#bring(hash, size, stop.signal).then((again) => {
      this.#running.delete(hash);
      if (!this.#isThere(hash)) this.#sent.delete(hash);
      this.#tell();
      if (this.#closed) return;
      if (again) this.#later();
      else this.check();
    });
    this.#running.set(hash, { stop, done });
  }

  /** @returns whether it is to be tried again after a while */
  async #bring(hash: BlobHash, size: number, signal: AbortSignal): Promise<boolean> {
    const { db, tus, now } = this.#options;
    let sent: number | null = null;
    const end = await uploadFile(
      { hash, size, id: this.#rows.get(hash)?.id ?? null },
      {
        ...{ tus, now, signal },
        bytes: () => db.get(hash),
        begun: (id) => this.#put({ hash, id, doneAt: null }),
        progress: (bytes) => {
          // The line works.
          if (sent !== null) this.#failures = 0;
          sent = bytes;
          this.#progress(hash, bytes);
        }
      }
    );
    switch (end.kind) {
      case 'there':
        await this.#put({ hash, id: null, doneAt: now() });
        this.#sent.delete(hash);
        this.#failures = 0;
        this.#options.announce({ type: 'upload-done' });
        this.#options.ready();
        return false;
      case 'failed':
        if (end.code !== 'upload-lost') await this.#forget(hash);
        await this.#fail(hash, end.code);
        return false;
      case 'gone':
        await this.#forget(hash);
        return true;
      default:
        return end.kind === 'later';
    }
  }

  #later(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.check(), retryDelayMs(this.#failures, this.#options.random()));
    this.#failures += 1;
  }

  async #fail(hash: BlobHash, code: FailureCode): Promise<void> {
    const naming = this.#entries().filter(({ entry }) => blobClaimsOf(entry).some((claim) => claim.hash === hash));
    for (const one of naming) await one.fail(code);
  }

  #pause(entry: string, paused: boolean): void {
    if (paused) this.#paused.add(entry);
    else this.#paused.delete(entry);
    this.check();
    this.#tell();
  }

  #isThere(hash: BlobHash): boolean {
    return isUploaded(this.#rows.get(hash), this.#options.now());
  }

  #progress(hash: BlobHash, sent: number): void {
    this.#sent.set(hash, sent);
    this.#options.announce({ type: 'upload-sent', hash, sent });
    this.#tell();
  }

  async #put(row: UploadRow): Promise<void> {
    this.#rows.set(row.hash, row);
    // What is not written down is asked of the server again.
    await this.#options.db.putUpload(row);
  }

  async #forget(hash: BlobHash): Promise<void> {
    if (this.#rows.delete(hash)) await this.#options.db.deleteUpload(hash);
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

const distinct = (claims: readonly BlobClaim[]): BlobClaim[] => [
  ...new Map(claims.map((claim) => [claim.hash, claim])).values()
];
