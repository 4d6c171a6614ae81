// Files that stand in composers, the same in all tabs. Invariants: each change is made to what is on disk, so that no tab
// undoes another one's; files leave a composer for a message once, and come back where that message never got to the outbox.

import type { Attachment } from '#protocol/attachment.ts';
import { isKnown, type Entry } from '#protocol/entry.ts';
import { ATTACHMENTS_MAX } from '#protocol/limits.ts';
import type { BlobDb, Composed } from '../storage/blob-db.ts';
import { distinctFiles, hashesOf, type KeptBlob } from '../storage/blob-rows.ts';
import type { ChosenFile } from '../storage/chosen-files.ts';
import type { RecordedPart } from '../storage/recorded-parts.ts';
import type { Stored } from '../storage/storage-failure.ts';
import type { Outbox } from './outbox.ts';

/** What tabs tell each other of files in composers: those of this room, or of what in it, changed on disk. */
export interface ComposedNews {
  readonly type: 'files';
  readonly of: string;
}

export interface ComposedFilesOptions {
  readonly db: BlobDb;
  readonly outbox: Pick<Outbox, 'get' | 'reload' | 'listen' | 'listenBeforeGone'>;
  /** Whether the message is on this disk, to be sent later. */
  readonly isScheduled: (room: string, entry: string) => Promise<boolean>;
  /** This tab's name. */
  readonly tab: string;
  /** Names of the tabs that are there. */
  readonly alive: () => Promise<ReadonlySet<string>>;
  readonly announce: (news: ComposedNews) => void;
}

interface ChosenBytes {
  readonly name: string;
  readonly bytes: Blob;
}

type Change = (files: readonly Attachment[]) => readonly Attachment[];

export class ComposedFiles {
  readonly #options: ComposedFilesOptions;
  readonly #files = new Map<string, readonly Attachment[]>();
  /** Changes under way, by composer: until the last is over, this tab's memory is ahead of the disk. */
  readonly #changing = new Map<string, number>();
  readonly #listeners = new Set<(of: string) => void>();
  /** Messages of this tab with files that are in memory alone, with their rooms. */
  readonly #unsaved = new Map<string, string>();
  /** Files that this tab took for messages that are not in the outbox yet, by message. */
  readonly #going = new Map<string, { readonly of: string; readonly files: readonly Attachment[] }>();
  readonly #stops: readonly (() => void)[];

  constructor(options: ComposedFilesOptions) {
    this.#options = options;
    const { outbox } = options;
    this.#stops = [
      outbox.listen((room) => this.#settleSaved(room)),
      outbox.listenBeforeGone((entries) => this.#settleGone(entries))
    ];
  }

  /** After the outbox, which tells what became of files that were on their way. */
  async load(): Promise<void> {
    const rows = await this.#options.db.files();
    this.#files.clear();
    for (const { of, files, taken } of rows) if (!taken) this.#files.set(of, files);
    const left: string[] = [];
    for (const { taken } of rows) {
      if (!taken) continue;
      if (await this.#isKept(taken)) await this.#options.db.settle(taken.entry);
      else left.push(taken.entry);
    }
    // Another tab may be at it: whether it is there is known after a while, and nobody waits for that.
    if (left.length > 0) void this.#giveBack().catch(() => undefined);
  }

  of(composer: string): readonly Attachment[] {
    return this.#files.get(composer) ?? [];
  }

  /** Called with the composer whose files are others now. */
  listen(listener: (of: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Shows at once; resolves once it is on disk, with what stands there then. */
  async change(of: string, change: Change): Promise<Composed> {
    this.#set(of, change(this.of(of)));
    return this.#write(of, () => this.#options.db.compose(of, change));
  }

  /**
   * Shows once it is on disk. A file that stands there, or for which there is no place, changes nothing.
   * @param chosen the id of what it was made of, if that is on disk: it goes; gone to another tab, nothing changes either
   */
  async add(of: string, file: Attachment, blobs: readonly KeptBlob[], chosen: string | null = null): Promise<Composed> {
    const { db, tab } = this.#options;
    const change: Change = (files) =>
      files.length >= ATTACHMENTS_MAX || files.some(({ hash }) => hash === file.hash) ? files : [...files, file];
    return this.#write(of, () => db.compose(of, change, blobs, chosen === null ? null : { id: chosen, tab }));
  }

  /** Another making of a file in its place, once it is on disk; where it stands no more, nothing. */
  async replace(of: string, hash: string, file: Attachment, blobs: readonly KeptBlob[]): Promise<Composed> {
    const change: Change = (files) =>
      files.some((one) => one.hash === file.hash) ? files : files.map((one) => (one.hash === hash ? file : one));
    return this.#write(of, () => this.#options.db.compose(of, change, blobs));
  }

  /** Files for a message leave the composer; what another tab took is not among them. */
  async take(of: string, room: string, entry: string): Promise<readonly Attachment[]> {
    const { db, tab } = this.#options;
    const shown = this.of(of);
    this.#set(of, shown.slice(ATTACHMENTS_MAX));
    let going = shown.slice(0, ATTACHMENTS_MAX);
    await this.#write(of, async () => {
      const taken = await db.take({ room, entry, of, tab }, ATTACHMENTS_MAX);
      if (!taken.ok) return taken;
      going = [...taken.files];
      this.#going.set(entry, { of, files: going });
      return { ok: true, files: await db.composed(of) };
    });
    return going;
  }

  /** The files of a message that stood in no composer are to stay until it is in the outbox. */
  async hold(room: string, entry: string, files: readonly Attachment[]): Promise<void> {
    await this.#options.db.hold(files, { room, entry, of: null, tab: this.#options.tab });
  }

  /** The message is in the outbox, or in memory alone: then its files stay with it until it is on disk. */
  async sent(room: string, entry: string): Promise<void> {
    const { db, outbox, tab } = this.#options;
    const going = this.#going.get(entry);
    this.#going.delete(entry);
    if (outbox.get(room, entry)?.state === 'not-saved') this.#unsaved.set(entry, room);
    else if (!going) await db.settle(entry);
    // While this tab was frozen, another one may have taken it for gone, and given them back.
    else await this.#write(going.of, () => db.settleTaken(going.files, { room, entry, of: going.of, tab }));
  }

  /** The message could not be kept: its files stand in the composer again. */
  async giveBack(entry: string): Promise<void> {
    const going = this.#going.get(entry);
    if (!going) return;
    this.#going.delete(entry);
    const { of, files } = going;
    const stored = await this.#options.db.giveBack(entry);
    // Nothing is written now: they stand here, and are found on the disk at the next start.
    if (!stored.ok) return this.#set(of, distinctFiles([...files, ...this.of(of)]));
    await this.#reread(of);
    this.#options.announce({ type: 'files', of });
  }

  /** Whether its bytes are on this device. */
  isHere(file: Attachment): Promise<boolean> {
    return this.#options.db.has(hashesOf(file));
  }

  /** Files of a message that could not be sent stand in the composer again, before what stands there. */
  takeUp(of: string, files: readonly Attachment[]): Promise<Composed> {
    const back = (now: readonly Attachment[]): readonly Attachment[] => {
      const others = now.filter(({ hash }) => !files.some((file) => file.hash === hash));
      return [...files, ...others];
    };
    return this.change(of, back);
  }

  /** A piece of what this tab records for a composer. */
  keepPart(part: Omit<RecordedPart, 'tab'>): Promise<Stored> {
    return this.#options.db.recordings.put({ ...part, tab: this.#options.tab });
  }

  /** The recording is a file by now, or was given up. */
  dropRecording(of: string, recording: string): Promise<Stored> {
    return this.#options.db.recordings.drop(of, recording);
  }

  /** What tabs that are gone had recorded for a composer, by recording, its pieces in order. */
  async brokenOff(of: string): Promise<readonly (readonly RecordedPart[])[]> {
    const { db, tab, alive } = this.#options;
    const parts = (await db.recordings.of(of)).filter((part) => part.tab !== tab);
    if (parts.length === 0) return [];
    const tabs = await alive();
    const left = parts.filter((part) => !tabs.has(part.tab));
    return [...new Set(left.map(({ recording }) => recording))].map((id) => left.filter((one) => one.recording === id));
  }

  /** A file as it was chosen, until what is made of it stands in the composer. */
  keepChosen(of: string, id: string, { name, bytes }: ChosenBytes): Promise<Stored> {
    const { db, tab } = this.#options;
    return db.chosen.put({ of, id, name, tab, ended: 0 }, bytes);
  }

  /** It was refused. */
  dropChosen(of: string, id: string): Promise<Stored> {
    const { db, tab } = this.#options;
    return db.chosen.drop(of, { id, tab });
  }

  /** What was chosen in tabs that are gone, and is this one's to make ready now, in order. */
  async takeChosen(of: string): Promise<readonly (ChosenFile & ChosenBytes)[]> {
    const { db, tab, alive } = this.#options;
    const rows = (await db.chosen.of(of)).filter((row) => row.tab !== tab);
    if (rows.length === 0) return [];
    const tabs = await alive();
    const taken: (ChosenFile & ChosenBytes)[] = [];
    const ended = new Set<string>();
    for (const row of rows) {
      if (tabs.has(row.tab)) continue;
      // Of what that tab had, it made the first ready as it ended; the rest waited.
      const claimed = await db.chosen.claim(row, tab, !ended.has(row.tab));
      ended.add(row.tab);
      const bytes = claimed && (await db.chosen.bytes(row.id));
      if (bytes) taken.push({ ...claimed, bytes });
    }
    return taken;
  }

  /** Another tab changed what is on disk. */
  heard({ of }: ComposedNews): void {
    void this.#reread(of).catch(() => undefined);
  }

  close(): void {
    for (const stop of this.#stops) stop();
    this.#listeners.clear();
  }

  async #write(of: string, write: () => Promise<Composed>): Promise<Composed> {
    this.#changing.set(of, (this.#changing.get(of) ?? 0) + 1);
    let composed: Composed;
    try {
      composed = await write();
    } finally {
      const left = this.#changing.get(of)! - 1;
      if (left > 0) this.#changing.set(of, left);
      else this.#changing.delete(of);
    }
    // What could not be written stands here as it was asked for, as long as this tab is there.
    if (composed.ok && !this.#changing.has(of)) this.#set(of, composed.files);
    if (composed.ok) this.#options.announce({ type: 'files', of });
    return composed;
  }

  async #reread(of: string): Promise<void> {
    const files = await this.#options.db.composed(of);
    // A change that is under way says itself what stands there after it.
    if (!this.#changing.has(of)) this.#set(of, files);
  }

  #set(of: string, files: readonly Attachment[]): void {
    const before = this.of(of);
    if (files.length === before.length && files.every(({ hash }, at) => hash === before[at]!.hash)) return;
    if (files.length === 0) this.#files.delete(of);
    else this.#files.set(of, files);
    for (const listener of [...this.#listeners]) listener(of);
  }

  #settleSaved(room: string): void {
    for (const [entry, of] of [...this.#unsaved]) {
      if (of !== room || this.#options.outbox.get(room, entry)?.state === 'not-saved') continue;
      this.#unsaved.delete(entry);
      void this.#options.db.settle(entry);
    }
  }

  /** They have arrived, or are taken back: whoever wrote them, their files were not left behind by the composer's tab. */
  async #settleGone(entries: readonly Entry[]): Promise<void> {
    for (const entry of entries) {
      if (filesOf(entry).length === 0) continue;
      this.#unsaved.delete(entry.id);
      this.#going.delete(entry.id);
      await this.#options.db.settle(entry.id);
    }
  }

  /** Whether the message is where messages wait. */
  async #isKept({ room, entry }: { readonly room: string; readonly entry: string }): Promise<boolean> {
    const { outbox, isScheduled } = this.#options;
    return outbox.get(room, entry) !== undefined || isScheduled(room, entry);
  }

  /** The app ended between the composer and the outbox. */
  async #giveBack(): Promise<void> {
    const { db, outbox, alive } = this.#options;
    const tabs = await alive();
    for (const { taken } of await db.files()) {
      if (!taken || tabs.has(taken.tab)) continue;
      const { room, entry, of } = taken;
      await outbox.reload(room);
      if (await this.#isKept(taken)) await db.settle(entry);
      else await db.giveBack(entry);
      if (of === null) continue;
      await this.#reread(of);
      this.#options.announce({ type: 'files', of });
    }
  }
}

/** What a message carries; of others nothing. */
export const filesOf = (entry: Entry): readonly Attachment[] =>
  isKnown(entry) && entry.type === 'message' ? (entry.attachments ?? []) : [];
