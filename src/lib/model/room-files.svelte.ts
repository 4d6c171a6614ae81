// Files of one room on this device: what stands in its composer, and what of that goes with messages.
// Invariant: a file stands in the composer once it is on disk with its bytes, in all tabs, and leaves it for one message.

import type { Attachment, BlobClaim } from '#protocol/attachment.ts';
import { newEntryId } from '#protocol/ids.ts';
import type { SyncClient } from '../sync/sync-client.ts';
import type { UploadProgress } from '../sync/uploads.ts';
import { m } from '../words/generated/messages.js';
import { FilesPreparing, type FilesPreparingOptions } from './files-preparing.svelte.ts';
import { FilesShown, type FilesShownOptions } from './files-shown.svelte.ts';
import { PictureChoices } from './picture-choices.svelte.ts';
import type { FileModel, PictureSizes, RecordingPlace, RoomFiles } from './room-files.ts';

/** What the files of a room are taken from. */
export type FilesClient = Pick<SyncClient, 'composedFiles' | 'files' | 'wantedFiles' | 'uploads' | 'outbox' | 'hold'>;

export interface FilesOfRoomOptions
  extends Omit<FilesPreparingOptions, 'composed' | 'added'>, Omit<FilesShownOptions, 'client'> {}

export class FilesOfRoom implements RoomFiles {
  readonly #options: FilesOfRoomOptions;
  #client = $state.raw<FilesClient | null>(null);
  #composed = $state.raw<readonly Attachment[]>([]);
  readonly #preparing: FilesPreparing;
  readonly #shown: FilesShown;
  /** Messages on their way to the disk. */
  readonly #sending = new Set<Promise<void>>();
  #stops: (() => void)[] = [];
  readonly #untilAttached: ((client: FilesClient) => void)[] = [];
  readonly #choices = new PictureChoices();

  constructor(options: FilesOfRoomOptions) {
    this.#options = options;
    this.#preparing = new FilesPreparing({
      ...options,
      composed: () => this.#composed,
      added: (file, prepared) => this.#choices.add(file, prepared)
    });
    this.#shown = new FilesShown({ ...options, client: () => this.#client });
  }

  get composed() {
    return this.#composed;
  }
  get preparing() {
    return this.#preparing.names;
  }
  get problems() {
    return this.#preparing.problems;
  }
  problemsTold(): void {
    this.#preparing.problemsTold();
  }
  get sendsWhenReady() {
    return this.#preparing.sendsWhenReady;
  }
  sendWhenReady(send: (() => Promise<void>) | null): void {
    this.#preparing.sendWhenReady(send);
  }
  add(files: readonly File[]): Promise<readonly string[]> {
    // Whoever goes to another room meanwhile finds them here again.
    return this.#preparing.add(files, this.#client);
  }
  beginRecording(): RecordingPlace {
    return this.#preparing.beginRecording(this.#client);
  }
  upload(message: string): UploadProgress | null {
    return this.#shown.upload(message);
  }
  setPaused(message: string, paused: boolean): void {
    this.#client?.uploads.setPaused(message, paused);
  }
  open(message: string | null, claim: BlobClaim): FileModel {
    return this.#shown.open(message, claim);
  }
  keep(message: string, claim: BlobClaim): void {
    this.#shown.keep(message, claim);
  }

  attach(client: FilesClient): void {
    this.#client = client;
    const { of } = this.#options;
    const refresh = (): void => {
      this.#composed = client.composedFiles.of(of);
      this.#choices.keep(this.#composed);
    };
    this.#stops = [
      this.#shown.attach(client),
      client.composedFiles.listen((changed) => {
        if (changed === of) refresh();
      })
    ];
    refresh();
    for (const go of this.#untilAttached.splice(0)) go(client);
    this.#preparing.takeLeft(client);
  }

  detach(): void {
    for (const stop of this.#stops) stop();
    this.#stops = [];
    this.#client = null;
  }

  /** A message is on its way to this device's disk, or goes there when its files are ready. */
  get isSending(): boolean {
    return this.sendsWhenReady || this.#sending.size > 0;
  }

  /** Resolves once none is. */
  async settled(): Promise<void> {
    while (this.isSending) await Promise.allSettled([this.#preparing.done(), ...this.#sending]);
  }

  remove(hash: string): void {
    this.#change((files) => files.filter((one) => one.hash !== hash));
  }

  sizes(hash: string): PictureSizes | null {
    return this.#choices.sizes(hash);
  }

  async changeSize(hash: string): Promise<string | null> {
    const [client, { of, prepare }] = [this.#client, this.#options];
    const name = this.#composed.find((one) => one.hash === hash)?.name;
    if (!client || name === undefined || this.#choices.sizes(hash)?.making) return null;
    const other = await this.#choices.other(hash, (file) => prepare(file, null, true).catch(() => null));
    if (!other) return m.files_not_full({ name });
    const { attachment, blobs } = other;
    const refused = await this.#preparing.mayTake({ name, size: attachment.size, type: '' });
    if (refused !== null) return refused;
    const composed = await client.hold(client.composedFiles.replace(of, hash, attachment, blobs));
    if (composed.ok) return null;
    return this.#preparing.notKept(composed.failure, name, blobs);
  }

  move(hash: string, by: number): void {
    this.#change((files) => {
      const from = files.findIndex((one) => one.hash === hash);
      const to = Math.max(0, Math.min(files.length - 1, from + by));
      return from === -1 || to === from ? files : files.toSpliced(from, 1).toSpliced(to, 0, files[from]!);
    });
  }

  /**
   * Says a message with what stands in the composer; nothing, where there are no words, and another tab has taken the files.
   * @param say resolves once the message is where messages wait to be sent
   */
  async send(
    body: string,
    replyTo: string | null,
    say: (payload: Readonly<Record<string, unknown>>) => Promise<void>
  ): Promise<void> {
    const sent = this.#send(body, replyTo, say);
    this.#sending.add(sent);
    return sent.finally(() => this.#sending.delete(sent));
  }

  async #send(
    body: string,
    replyTo: string | null,
    say: (payload: Readonly<Record<string, unknown>>) => Promise<void>
  ): Promise<void> {
    const id = newEntryId(this.#options.now());
    const attachments = this.#composed.length > 0 ? await this.take(id) : [];
    if (body.trim() === '' && attachments.length === 0) return;
    await say({
      // A lone surrogate would not survive the way; what people see stays the same.
      ...{ id, body: body.toWellFormed() },
      ...(attachments.length > 0 && { attachments }),
      ...(replyTo !== null && { replyTo })
    });
    if (attachments.length > 0) await this.sent(id);
  }

  /** What is in the composer goes with this message, as far as no other tab has taken it. */
  async take(entry: string): Promise<readonly Attachment[]> {
    const { of, room } = this.#options;
    // Between two clients it waits for the next, as the message does: without its files it would be another one.
    const client = this.#client ?? (await new Promise<FilesClient>((go) => this.#untilAttached.push(go)));
    return client.hold(client.composedFiles.take(of, room, entry));
  }

  /** The message is where messages wait to be sent: its files need nothing else to stay. */
  async sent(entry: string): Promise<void> {
    await this.#client?.composedFiles.sent(this.#options.room, entry);
  }

  /** The message could not be put there. */
  async giveBack(entry: string): Promise<void> {
    await this.#client?.composedFiles.giveBack(entry);
  }

  async takeBack(files: readonly Attachment[]): Promise<boolean> {
    const here: Attachment[] = [];
    for (const file of files) if (await this.#client?.composedFiles.isHere(file)) here.push(file);
    return (await this.takeUp(here)) && here.length === files.length;
  }

  /** Files of a message that could not be sent stand in the composer again. @returns whether that is on disk */
  async takeUp(files: readonly Attachment[]): Promise<boolean> {
    const composed = await this.#client?.composedFiles.takeUp(this.#options.of, files);
    return composed?.ok ?? false;
  }

  #change(change: (files: readonly Attachment[]) => readonly Attachment[]): void {
    void this.#client?.composedFiles.change(this.#options.of, change);
  }
}
