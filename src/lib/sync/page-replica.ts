// One page on this device: document, disk copy, connection, and the same for the page's life through any rebuilds.
//   load from disk → connect → synced → (edits, arrivals) … → close
//   rebuild: fresh document → synced → replaces the disk copy in one transaction → shown
// Invariant: what is shown and what is on disk are never dropped before their replacement is complete.

import * as Y from 'yjs';
import type { Entry } from '#protocol/entry.ts';
import { CLOSE } from '#protocol/close-codes.ts';
import { docName, type PageRef, type UserId } from '#protocol/ids.ts';
import type { OrderedEntry } from '#protocol/order.ts';
import { PagePersistence } from '../storage/page-persistence.ts';
import type { Stored } from '../storage/storage-failure.ts';
import type { MuxSocket } from './mux-socket.ts';
import { PageDocument } from './page-document.ts';
import { PageProvider, type OwnPresence } from './page-provider.ts';
import type { TabChannel, TabMessage } from './tab-channel.ts';
import type { ServerTime } from './server-clock.ts';
import type { TabLocks } from './tab-lock.ts';

export type RebuildReason = 'overdue' | 'stranded' | 'refused' | 'superseded';

export interface PageReplicaEvents {
  /** Something that `arrived`, `pending` or `sealedTo` say has changed. */
  changed(): void;
  synced(synced: boolean): void;
  presence(): void;
  stored(outcome: Stored): void;
  /** The room is closed to this person. */
  forbidden(): void;
  /** Own entries that only this copy has; it is dropped once this has settled. */
  beforeRebuild(pending: readonly OrderedEntry[]): Promise<void>;
}

export interface PageReplicaOptions {
  readonly ref: PageRef;
  /** Name of the page's database. */
  readonly database: string;
  readonly mux: MuxSocket;
  readonly tabs: TabChannel;
  readonly locks: TabLocks;
  readonly time: ServerTime;
  /** As OpenRequest.create, or null. */
  readonly create: () => true | UserId | null;
  readonly events: PageReplicaEvents;
}

/** One try at the page: replaced as a whole by a rebuild. */
interface Copy {
  readonly doc: Y.Doc;
  readonly document: PageDocument;
  readonly provider: PageProvider;
}

/** Rebuilds that did not help come ever more slowly. */
const REBUILD_AGAIN_MS = 5_000;
const REBUILD_AGAIN_MAX_MS = 10 * 60_000;

export class PageReplica {
  readonly ref: PageRef;
  readonly #options: PageReplicaOptions;
  readonly #name: string;
  #copy: Copy;
  /** Holds the last complete copy until the next one takes its place. */
  #disk: PagePersistence;
  /** The document that is read from: the last complete one. */
  #shown: PageDocument;
  #synced = false;
  #loaded = false;
  #presence: OwnPresence | null = null;
  #rebuilding = false;
  #rebuilds = 0;
  #rebuildTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #closing = new AbortController();
  readonly #stopListening: () => void;

  constructor(options: PageReplicaOptions) {
    this.#options = options;
    this.ref = options.ref;
    this.#name = docName(options.ref);
    this.#copy = this.#newCopy();
    this.#disk = new PagePersistence(options.database, this.#copy.doc, this.#persistenceEvents());
    this.#shown = this.#copy.document;
    this.#stopListening = options.tabs.listen((message) => this.#hear(message));
  }

  get arrived(): readonly OrderedEntry[] {
    return this.#shown.arrived;
  }
  get pending(): readonly OrderedEntry[] {
    return this.#shown.pending;
  }
  get sealedTo(): number | null {
    return this.#shown.sealedTo;
  }
  get length(): number {
    return this.#shown.length;
  }
  /** When the first of what is shown disappears, epoch ms; Infinity: nothing does. */
  get nextUntil(): number {
    return this.#shown.nextUntil;
  }
  /** When the first of it leaves this copy and the disk. */
  get nextDrop(): number {
    return this.#shown.nextDrop;
  }
  get synced(): boolean {
    return this.#synced;
  }
  get loaded(): boolean {
    return this.#loaded;
  }
  /**
   * Whether entries may be appended: not before it is known what the server has (they wait in the outbox, where they
   * are shown from), nor to a copy that is to be dropped.
   */
  get accepts(): boolean {
    return this.#synced && !this.#rebuilding && this.sealedTo === null;
  }
  /** Appends go to a copy that is not shown yet, so it is asked what it has. */
  has(id: string): boolean {
    return this.#copy.document.has(id);
  }
  hasArrival(id: string): boolean {
    return this.#copy.document.hasArrival(id);
  }

  /** Reads the disk copy, then connects. Resolves once it can be shown; what goes wrong is reported. */
  async open(): Promise<void> {
    const copy = this.#copy;
    const loaded = await this.#disk.load();
    if (this.#closing.signal.aborted) return;
    this.#loaded = true;
    if (!loaded.ok) this.#options.events.stored(loaded);
    copy.document.expire();
    copy.provider.connect();
    this.#options.events.changed();
    if (loaded.ok && loaded.stranded) this.rebuild('stranded');
  }

  /** Hides what has disappeared, and takes it out once that is certain. */
  expire(): void {
    for (const document of new Set([this.#shown, this.#copy.document])) document.expire();
  }

  append(entries: readonly Entry[]): void {
    this.#copy.document.append(entries);
  }

  setPresence(own: OwnPresence | null): void {
    this.#presence = own;
    this.#copy.provider.setPresence(own);
  }

  /** States of others; null while there is no line. */
  presence(): unknown[] | null {
    return this.#synced ? this.#copy.provider.others() : null;
  }

  /** Resolves once what is known now is on disk, or could not be put there. */
  async persisted(): Promise<boolean> {
    return this.#disk.settled();
  }

  /** Fetches the page anew when there is a line, at most once at a time. */
  rebuild(reason: RebuildReason): void {
    if (this.#rebuilding || this.#closing.signal.aborted) return;
    this.#rebuilding = true;
    const again = this.#rebuilds === 0 ? 0 : REBUILD_AGAIN_MS * 2 ** (this.#rebuilds - 1);
    this.#rebuilds += 1;
    this.#rebuildTimer = setTimeout(
      () => {
        const stop = this.#options.mux.whenUp(() => {
          void this.#rebuild(reason);
        });
        this.#closing.signal.addEventListener('abort', stop, { once: true });
      },
      Math.min(again, REBUILD_AGAIN_MAX_MS)
    );
  }

  /** An arrival came: whatever was wrong, the page works. */
  worked(): void {
    this.#rebuilds = 0;
  }

  async #rebuild(reason: RebuildReason): Promise<void> {
    let done = true;
    try {
      await this.#options.locks.hold(`rebuild:${this.#name}`, this.#closing.signal, async () => {
        const old = this.#copy;
        await this.#options.events.beforeRebuild(old.document.pending);
        if (this.#closing.signal.aborted) return;
        old.provider.destroy();
        this.#setSynced(false);
        if (reason === 'superseded' || (await this.#disk.isSuperseded())) await this.#reload(old);
        else done = await this.#fetchAnew(old);
      });
    } finally {
      this.#rebuilding = false;
    }
    if (!this.#closing.signal.aborted) this.#options.events.changed();
    if (!done) this.rebuild(reason);
  }

  /** Another tab has done the work: its copy is on disk. */
  async #reload(old: Copy): Promise<void> {
    const copy = this.#newCopy();
    await this.#disk.close();
    this.#disk = new PagePersistence(this.#options.database, copy.doc, this.#persistenceEvents());
    this.#copy = copy;
    await this.#disk.load();
    this.#drop(old);
    if (this.#closing.signal.aborted) return;
    copy.provider.connect();
    this.#show(copy);
  }

  /** @returns false when it has to be tried again */
  async #fetchAnew(old: Copy): Promise<boolean> {
    const copy = this.#newCopy();
    this.#copy = copy;
    const synced = new Promise<'synced' | 'refused' | 'ended'>((resolve) => {
      copy.provider.on('sync', (now: boolean) => {
        if (now) resolve('synced');
      });
      copy.provider.on('closed', ({ code }) => resolve(code === CLOSE.forbidden ? 'ended' : 'refused'));
      this.#closing.signal.addEventListener('abort', () => resolve('ended'), { once: true });
    });
    copy.provider.connect();
    const outcome = await synced;
    this.#drop(old);
    if (outcome !== 'synced') return outcome === 'ended';
    this.#disk = await this.#disk.replaceWith(copy.doc, this.#persistenceEvents());
    this.#options.tabs.post({ type: 'rebuilt', page: this.#name });
    this.#show(copy);
    return true;
  }

  #show(copy: Copy): void {
    this.#shown = copy.document;
    this.#options.events.changed();
  }

  #newCopy(): Copy {
    const doc = new Y.Doc();
    const { events } = this.#options;
    const isCurrent = (): boolean => copy === this.#copy && !this.#closing.signal.aborted;
    const document = new PageDocument(
      doc,
      () => {
        if (isCurrent()) events.changed();
      },
      this.#options.time
    );
    const provider = new PageProvider(this.#options.mux, this.ref, doc, this.#options.create, {
      synced: (synced) => {
        if (isCurrent()) this.#setSynced(synced);
      },
      presence: () => {
        if (isCurrent()) events.presence();
      },
      refused: (code) => {
        if (isCurrent()) this.#refused(code);
      }
    });
    provider.setPresence(this.#presence);
    const copy: Copy = { doc, document, provider };
    return copy;
  }

  #persistenceEvents(): { stored: (outcome: Stored) => void; superseded: () => void } {
    return {
      stored: (outcome) => this.#options.events.stored(outcome),
      superseded: () => this.rebuild('superseded')
    };
  }

  #setSynced(synced: boolean): void {
    if (synced === this.#synced) return;
    this.#synced = synced;
    this.#options.events.synced(synced);
  }

  #refused(code: number): void {
    if (code === CLOSE.forbidden) this.#options.events.forbidden();
    // Ours is not what the server takes (client id, generation, a poisoned copy): start from what it has.
    else if (code !== CLOSE.signedOut && code !== CLOSE.protocol) this.rebuild('refused');
  }

  #hear(message: TabMessage): void {
    if (message.type === 'rebuilt' && message.page === this.#name) this.rebuild('superseded');
  }

  #drop(copy: Copy): void {
    copy.provider.destroy();
    copy.document.close();
    copy.doc.destroy();
  }

  /** Ends the connection and writes what is left. @param discard the disk copy is not needed any more */
  async close(discard = false): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    clearTimeout(this.#rebuildTimer);
    this.#stopListening();
    this.#copy.provider.destroy();
    if (discard) await this.#disk.discard();
    await this.#disk.close();
    this.#drop(this.#copy);
  }
}
