// The person's own document on this device: loaded from disk before there is a line, then in step with the server and
// so with the person's other devices. Each tab has one; what a tab writes reaches the others by the server, or by what
// they read from disk at their start.
// Invariant: of two drafts for a room the one that was typed later wins, whatever order they come in.

import { WebsocketProvider } from 'y-websocket';
import { Awareness } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { CLOSE } from '#protocol/close-codes.ts';
import {
  PERSONAL_DOC_NAME,
  PERSONAL_ROOTS,
  personalValueFlaw,
  readDraft,
  type Draft,
  type PersonalRoot
} from '#protocol/personal.ts';
import { PagePersistence } from '../storage/page-persistence.ts';
import type { Stored } from '../storage/storage-failure.ts';
import type { MuxSocket } from './mux-socket.ts';
import { VIRTUAL_SERVER, virtualSocketClass } from './virtual-socket.ts';

const MAX_BACKOFF_MS = 10_000;
/** Fetching anew that did not help comes ever more slowly. */
const AGAIN_MS = 2_000;
const AGAIN_MAX_MS = 10 * 60_000;

/** Those whose last writer wins. */
const PLAIN_ROOTS = PERSONAL_ROOTS.filter((root) => root !== 'drafts');

export interface PersonalReplicaEvents {
  /** Drafts of these rooms were changed, by another device or tab. */
  draftsElsewhere(rooms: readonly string[]): void;
  /** These keys may have other values now, whoever changed them. Drafts have a word of their own. */
  changed(root: Exclude<PersonalRoot, 'drafts'>, keys: readonly string[]): void;
  stored(outcome: Stored): void;
  /** Whether the server takes no more of it until there is less: what is new stays on this device alone. */
  tooLarge(tooLarge: boolean): void;
}

interface Copy {
  readonly doc: Y.Doc;
  readonly drafts: Y.Map<unknown>;
  readonly provider: WebsocketProvider;
}

export class PersonalReplica {
  readonly #database: string;
  readonly #mux: MuxSocket;
  readonly #events: PersonalReplicaEvents;
  #copy: Copy;
  #disk: PagePersistence;
  #outcome: Stored = { ok: true };
  #replacing = false;
  /** While one copy takes the place of another: only then is it known where on disk something is. */
  #swap: Promise<void> | null = null;
  #tries = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isTooLarge = false;
  readonly #closing = new AbortController();

  constructor(database: string, mux: MuxSocket, events: PersonalReplicaEvents) {
    this.#database = database;
    this.#mux = mux;
    this.#events = events;
    this.#copy = this.#newCopy();
    this.#disk = this.#newDisk(this.#copy.doc);
  }

  get #closed(): boolean {
    return this.#closing.signal.aborted;
  }

  /** Reads what is on disk. Never throws; what goes wrong is reported. */
  async load(): Promise<void> {
    const loaded = await this.#disk.load();
    if (!loaded.ok) this.#stored(loaded);
    else if (loaded.stranded) void this.#fetchAnew();
  }

  /** From here on it is kept in step with the server, whenever there is a line. */
  start(): void {
    if (!this.#closed) this.#copy.provider.connect();
  }

  draft(room: string): Draft | null {
    return readDraft(room, this.#copy.drafts.get(room));
  }

  /** Whether a draft is small enough to be kept here. */
  fits(draft: Draft): boolean {
    return personalValueFlaw(draft) === null;
  }

  /**
   * @param draft null: none any more
   * @returns once it is on disk, or could not be put there
   */
  setDraft(room: string, draft: Draft | null): Promise<Stored> {
    return this.set('drafts', room, draft);
  }

  /** What stands under a key, as any version may have written it. */
  get(root: PersonalRoot, key: string): unknown {
    return this.#copy.doc.getMap(root).get(key);
  }

  keys(root: PersonalRoot): readonly string[] {
    return [...this.#copy.doc.getMap(root).keys()];
  }

  /**
   * @param value plain JSON within its bounds; null: none any more
   * @returns once it is on disk, or could not be put there
   */
  async set(root: PersonalRoot, key: string, value: unknown): Promise<Stored> {
    const map = this.#copy.doc.getMap(root);
    if (value !== null) map.set(key, value);
    else if (map.has(key)) map.delete(key);
    // There may be room for it now.
    if (this.#isTooLarge && !this.#closed) this.#copy.provider.connect();
    do {
      await this.#swap;
      await this.#disk.settled();
    } while (this.#swap && !this.#closed);
    return this.#outcome;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closing.abort();
    clearTimeout(this.#timer);
    this.#copy.provider.destroy();
    await this.#swap;
    await this.#disk.close();
    this.#copy.doc.destroy();
  }

  #newDisk(doc: Y.Doc): PagePersistence {
    return new PagePersistence(this.#database, doc, this.#diskEvents());
  }

  #diskEvents() {
    return {
      stored: (outcome: Stored) => this.#stored(outcome),
      superseded: () => {
        if (!this.#closed) this.#swap ??= this.#reload();
      }
    };
  }

  #stored(outcome: Stored): void {
    this.#outcome = outcome;
    if (!this.#closed) this.#events.stored(outcome);
  }

  #newCopy(): Copy {
    const doc = new Y.Doc();
    const drafts = doc.getMap(PERSONAL_ROOTS[0]);
    const awareness = new Awareness(doc);
    // Nobody else is there to see it.
    awareness.setLocalState(null);
    const provider = new WebsocketProvider(VIRTUAL_SERVER, PERSONAL_DOC_NAME, doc, {
      connect: false,
      awareness,
      params: { clientId: String(doc.clientID) },
      WebSocketPolyfill: virtualSocketClass(this.#mux),
      resyncInterval: -1,
      maxBackoffTime: MAX_BACKOFF_MS,
      disableBc: true
    });
    const copy: Copy = { doc, drafts, provider };
    drafts.observe((event, transaction) => {
      if (copy === this.#copy && !transaction.local) this.#draftsChanged(event);
    });
    for (const root of PLAIN_ROOTS) {
      doc.getMap(root).observe(({ keysChanged }) => {
        if (copy === this.#copy)
          this.#events.changed(
            root,
            [...keysChanged].filter((key) => key !== null)
          );
      });
    }
    provider.on('sync', (synced: boolean) => {
      if (copy !== this.#copy || !synced) return;
      this.#tries = 0;
      this.#setTooLarge(false);
    });
    provider.on('closed', ({ code }) => {
      if (copy === this.#copy && !this.#closed) this.#refused(code);
    });
    return copy;
  }

  #draftsChanged(event: Y.YMapEvent<unknown>): void {
    const rooms: string[] = [];
    for (const [room, { action, oldValue }] of event.changes.keys) {
      const before = readDraft(room, oldValue);
      const now = this.draft(room);
      // Who writes last wins in Yjs by chance; here the later key does. Whoever has it writes it once more.
      if (action === 'update' && before && now && before.at > now.at) this.#copy.drafts.set(room, before);
      else rooms.push(room);
    }
    if (rooms.length > 0) this.#events.draftsElsewhere(rooms);
  }

  #setTooLarge(tooLarge: boolean): void {
    if (tooLarge === this.#isTooLarge) return;
    this.#isTooLarge = tooLarge;
    this.#events.tooLarge(tooLarge);
  }

  #refused(code: number): void {
    if (code === CLOSE.tooLarge) this.#setTooLarge(true);
    else if (code !== CLOSE.signedOut && code !== CLOSE.protocol) void this.#fetchAnew();
  }

  /** The copy is not what the server takes: what it has is fetched, and what is only here is written again. */
  async #fetchAnew(): Promise<void> {
    if (this.#replacing || this.#closed) return;
    this.#replacing = true;
    const copy = this.#newCopy();
    const synced = new Promise<boolean>((resolve) => {
      copy.provider.on('sync', (now: boolean) => {
        if (now) resolve(true);
      });
      copy.provider.on('closed', () => resolve(false));
      this.#closing.signal.addEventListener('abort', () => resolve(false), { once: true });
    });
    copy.provider.connect();
    const done = await synced;
    if (done && !this.#closed) {
      this.#swap = this.#replaceWith(copy);
      await this.#swap;
    } else this.#drop(copy);
    this.#replacing = false;
    if (!done) this.#tryAgain();
  }

  #tryAgain(): void {
    if (this.#closed) return;
    const afterMs = Math.min(AGAIN_MS * 2 ** this.#tries, AGAIN_MAX_MS);
    this.#tries += 1;
    this.#timer = setTimeout(() => void this.#fetchAnew(), afterMs);
  }

  async #replaceWith(copy: Copy): Promise<void> {
    const old = this.#copy;
    this.#take(copy);
    this.#disk = await this.#disk.replaceWith(copy.doc, this.#diskEvents());
    this.#drop(old);
    this.#swap = null;
  }

  /** Another tab has replaced the copy on disk. */
  async #reload(): Promise<void> {
    const old = this.#copy;
    const copy = this.#newCopy();
    await this.#disk.close();
    this.#disk = this.#newDisk(copy.doc);
    await this.#disk.load();
    if (this.#closed) return this.#drop(copy);
    this.#take(copy);
    copy.provider.connect();
    this.#drop(old);
    this.#swap = null;
  }

  /** In one turn: what is written from here on is written to the new one. */
  #take(copy: Copy): void {
    const old = this.#copy.doc;
    writeAgain(old, copy.doc);
    this.#copy = copy;
    for (const root of PLAIN_ROOTS) {
      const keys = new Set([...old.getMap(root).keys(), ...copy.doc.getMap(root).keys()]);
      if (keys.size > 0) this.#events.changed(root, [...keys]);
    }
  }

  #drop({ provider, doc }: Copy): void {
    provider.destroy();
    doc.destroy();
  }
}

/** What is in one document and missing in the other; of drafts also what was typed later. */
function writeAgain(from: Y.Doc, to: Y.Doc): void {
  to.transact(() => {
    for (const root of PERSONAL_ROOTS) {
      const target = to.getMap(root);
      for (const [key, value] of from.getMap(root)) {
        const [mine, there] =
          root === 'drafts' ? [readDraft(key, value), readDraft(key, target.get(key))] : [null, null];
        if (!target.has(key) || (mine && there && mine.at > there.at)) target.set(key, value);
      }
    }
  });
}
