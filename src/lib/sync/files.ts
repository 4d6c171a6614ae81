// Files of messages on this device: those that were sent and those that were fetched, within a bound.
// Invariants: what waits to be sent or stands in a composer is never let go of; what was erased is erased here, too; bytes
// that are not what their message says are not kept.

import { blobClaimsOf, type Entry } from '#protocol/entry.ts';
import type { BlobClaim } from '#protocol/attachment.ts';
import type { BlobHash } from '#protocol/ids.ts';
import type { Environment } from '../environment.ts';
import type { BlobDb } from '../storage/blob-db.ts';
import { hashesOf, type BlobRow, type BlobUse } from '../storage/blob-rows.ts';
import { blobHash } from '../storage/blob-hash.ts';
import { within } from '../within.ts';
import type { Outbox } from './outbox.ts';

export type Fetched =
  | { readonly kind: 'here'; readonly bytes: Blob }
  /** No line, or a server that cannot now. */
  | { readonly kind: 'offline' }
  /** The server has no such file for this person. */
  | { readonly kind: 'absent' };

type Progress = (bytes: number) => void;

export interface FilesOptions {
  readonly db: BlobDb;
  readonly outbox: Pick<Outbox, 'rooms' | 'of'>;
  /** Messages that wait on this disk to be sent, now or later, also those that other tabs have put there. */
  readonly unsent: () => Promise<readonly Entry[]>;
  readonly environment: Pick<Environment, 'fetch' | 'subtle'>;
  /** Bytes of what can be fetched again. */
  readonly keepMost: () => number;
}

export class Files {
  readonly #options: FilesOptions;
  readonly #fetching = new Map<string, Promise<Fetched>>();
  /** Messages whose content is known to be gone, with their rooms: each look at a page names all of them again. */
  readonly #gone = new Set<string>();

  constructor(options: FilesOptions) {
    this.#options = options;
  }

  /**
   * null: not on this device.
   * @param entry the message that it is shown for: it stays with that one, too; null: it stands in a composer
   */
  kept(room: string, entry: string | null, hash: BlobHash): Promise<Blob | null> {
    const use = entry === null || this.#isGone(room, entry) ? null : { room, entry, hash };
    return this.#options.db.get(hash, use).catch(() => null);
  }

  /**
   * From this device, else from the server, and kept then.
   * @param progress told how many bytes are here, by who asks first
   */
  async fetch(room: string, entry: string, claim: BlobClaim, progress: Progress = () => undefined): Promise<Fetched> {
    if (this.#isGone(room, entry)) return { kind: 'absent' };
    const use: BlobUse = { room, entry, hash: claim.hash };
    const kept = await this.kept(room, entry, claim.hash);
    if (kept) return { kind: 'here', bytes: kept };
    // Wanted before it is asked for: what comes after its message was erased is kept for nobody.
    await this.#options.db.use([use]);
    const key = `${room}/${claim.hash}`;
    const under =
      this.#fetching.get(key) ?? this.#fetch(room, claim, progress).finally(() => this.#fetching.delete(key));
    this.#fetching.set(key, under);
    const fetched = await under;
    // Erased between the two, the wish came after.
    if (this.#isGone(room, entry)) {
      await this.#options.db.erase(room, [entry]);
      return { kind: 'absent' };
    }
    return fetched;
  }

  /** The content of these messages is gone. */
  erased(room: string, entries: readonly string[]): void {
    const fresh = entries.filter((entry) => !this.#isGone(room, entry));
    if (fresh.length === 0) return;
    for (const entry of fresh) this.#gone.add(keyOf(room, entry));
    void this.#options.db.erase(room, fresh).then(({ ok }) => {
      // At the next look once more.
      if (!ok) for (const entry of fresh) this.#gone.delete(keyOf(room, entry));
    });
  }

  /** The room is closed to this person. What could not be sent stays, to be taken up again. */
  async closed(room: string): Promise<void> {
    const { db, outbox, unsent } = this.#options;
    const waiting = [...(await unsent().catch(() => [])), ...outbox.of(room).map(({ entry }) => entry)];
    await db.eraseRoom(room, new Set(waiting.map(({ id }) => id)));
  }

  /** Lets go of what was not looked at for longest until the rest is within the bound. @returns bytes that are left */
  async trim(bound = this.#options.keepMost()): Promise<number> {
    const { db } = this.#options;
    // The rows come first: what is used after they were read is not let go of.
    const all = await db.rows();
    const held = await this.#held();
    const rows = all.filter(({ hash }) => !held.has(hash)).sort((a, b) => a.usedAt - b.usedAt);
    let left = rows.reduce((sum, { size }) => sum + size, 0);
    const gone: BlobRow[] = [];
    for (const row of rows) {
      if (left <= bound) break;
      gone.push(row);
      left -= row.size;
    }
    if (gone.length > 0) await db.drop(gone);
    return left;
  }

  /** Bytes of all files here, and of those among them that can be let go of. */
  async size(): Promise<{ readonly all: number; readonly free: number }> {
    const held = await this.#held();
    const rows = await this.#options.db.rows();
    const sum = (of: typeof rows): number => of.reduce((bytes, { size }) => bytes + size, 0);
    return { all: sum(rows), free: sum(rows.filter(({ hash }) => !held.has(hash))) };
  }

  /** Composers are read before the outbox: what goes from one into the other is in one of them at least. */
  async #held(): Promise<Set<BlobHash>> {
    const { db, outbox, unsent } = this.#options;
    const composed = (await db.files()).flatMap(({ files }) => files.flatMap(hashesOf));
    const waiting = [
      ...(await unsent()),
      ...outbox.rooms().flatMap((room) => outbox.of(room).map(({ entry }) => entry))
    ];
    return new Set([...composed, ...waiting.flatMap(blobClaimsOf).map(({ hash }) => hash)]);
  }

  #isGone(room: string, entry: string): boolean {
    return this.#gone.has(keyOf(room, entry));
  }

  async #fetch(room: string, { hash, type, size }: BlobClaim, progress: Progress): Promise<Fetched> {
    const { db, environment } = this.#options;
    let bytes: Blob;
    const stop = new AbortController();
    try {
      const wanted = { credentials: 'same-origin', signal: stop.signal } as const;
      const answer = await soon(environment.fetch(`/api/rooms/${room}/blobs/${hash}`, wanted));
      if (answer.status === 404) return { kind: 'absent' };
      if (!answer.ok) return { kind: 'offline' };
      bytes = await read(answer, size, progress);
    } catch {
      stop.abort();
      return { kind: 'offline' };
    }
    if (bytes.size !== size || (await blobHash(bytes, environment.subtle)) !== hash) return { kind: 'absent' };
    const typed = bytes.slice(0, bytes.size, type);
    // What does not fit is shown all the same.
    await db.putWanted({ hash, bytes: typed });
    void this.trim().catch(() => undefined);
    return { kind: 'here', bytes: typed };
  }
}

/** A network that takes what is sent and brings nothing, as after sleep, does not say so: after this it is given up. */
const NOTHING_CAME_PATIENCE_MS = 60_000;

/** @throws where it does not come */
async function soon<Value extends object>(coming: Promise<Value>): Promise<Value> {
  const come = await within(NOTHING_CAME_PATIENCE_MS, coming, null);
  if (!come) throw new DOMException('nothing comes', 'TimeoutError');
  return come;
}

/** @throws where the line breaks, or brings nothing any more */
async function read(answer: Response, size: number, progress: Progress): Promise<Blob> {
  const reader = answer.body?.getReader();
  if (!reader) return answer.blob();
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let here = 0;
  for (;;) {
    const { done, value } = await soon(reader.read());
    if (done) return new Blob(parts);
    parts.push(value);
    here += value.byteLength;
    progress(here);
    if (here <= size) continue;
    await reader.cancel();
    return new Blob(parts);
  }
}

const keyOf = (room: string, entry: string): string => `${room}/${entry}`;
