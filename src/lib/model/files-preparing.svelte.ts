// What was chosen or recorded for a composer, until it stands there. Invariant: one after the other, in the order in which they
// were chosen; whatever becomes of one, it is not waited for longer, and what cannot be taken is said in words.

import type { UploadAllowance } from '#protocol/api/file.ts';
import type { Attachment } from '#protocol/attachment.ts';
import { newEntryId } from '#protocol/ids.ts';
import { ATTACHMENTS_MAX } from '#protocol/limits.ts';
import { covers } from '#protocol/media/media-type.ts';
import type { PictureFlawCode } from '#protocol/media/picture-flaw.ts';
import type { Prepared } from '../files/prepare-file.ts';
import type { KeptBlob } from '../storage/blob-rows.ts';
import { noRoomWords, type MeasureRoom } from '../storage/full-words.ts';
import { storageWords, type StorageFailure } from '../storage/storage-failure.ts';
import type { SyncClient } from '../sync/sync-client.ts';
import { m } from '../words/generated/messages.js';
import { CHOSEN_ENDED_MAX, ChosenFile } from './chosen-file.ts';
import type { Result } from './result.ts';
import type { Recorded, RecordingPlace } from './room-files.ts';

type FilesClient = Pick<SyncClient, 'composedFiles' | 'hold'>;
type MadeFile = Extract<Prepared, { readonly kind: 'ready' }>;

export interface FilesPreparingOptions {
  /** The composer, as of drafts: the room's, or that of a thread in it. */
  readonly of: string;
  /** Epoch ms. */
  readonly now: () => number;
  /** @param full a picture with all its pixels */
  readonly prepare: (file: File, recorded: Recorded | null, full: boolean) => Promise<Prepared>;
  readonly allowance: () => Promise<Result<UploadAllowance>>;
  readonly askBeforeLeaving: () => () => void;
  readonly measureRoom: MeasureRoom;
  /** What stands in the composer. */
  readonly composed: () => readonly Attachment[];
  /** It stands there. */
  readonly added: (file: File, prepared: MadeFile) => void;
}

const UNSOUND: Readonly<Record<PictureFlawCode, (values: { name: string }) => string>> = {
  'file-broken': m.files_broken,
  'file-pixels': m.files_pixels,
  'file-metadata': m.files_metadata,
  'file-type': m.files_kind_refused
};

/** Safari records in MP4. */
const endingOf = (type: string): string => (type.startsWith('audio/mp4') ? 'm4a' : 'webm');

export class FilesPreparing {
  readonly #options: FilesPreparingOptions;
  #names = $state.raw<readonly string[]>([]);
  #problems = $state.raw<readonly string[]>([]);
  #allowance: Promise<Result<UploadAllowance>> | null = null;
  #queue: Promise<unknown> = Promise.resolve();
  /** What is to be sent once all are ready. */
  #whenReady = $state.raw<(() => Promise<void>) | null>(null);

  constructor(options: FilesPreparingOptions) {
    this.#options = options;
  }

  get names() {
    return this.#names;
  }
  get problems() {
    return this.#problems;
  }
  problemsTold(): void {
    this.#problems = [];
  }

  get sendsWhenReady() {
    return this.#whenReady !== null;
  }
  sendWhenReady(send: (() => Promise<void>) | null): void {
    this.#whenReady = this.#names.length > 0 ? send : null;
  }

  /** Resolves once none is under way. */
  async done(): Promise<void> {
    await this.#queue;
  }

  async add(files: readonly File[], client: FilesClient | null): Promise<readonly string[]> {
    const place = this.#chosenPlace(client);
    const id = newEntryId(this.#options.now());
    const chosen = files.map((file, at) => new ChosenFile(file, place, `${id} ${String(at).padStart(4, '0')}`));
    return this.#add(chosen, client);
  }

  beginRecording(client: FilesClient | null): RecordingPlace {
    return this.#placeOf(newEntryId(this.#options.now()), client);
  }

  /** What tabs that ended had not brought into the composer by then. */
  takeLeft(client: FilesClient): void {
    void this.#takeBrokenOff(client).catch(() => undefined);
    void this.#takeChosen(client).catch(() => undefined);
  }

  #placeOf(recording: string, client: FilesClient | null): RecordingPlace {
    const { of } = this.#options;
    const drop = (): void => void client?.composedFiles.dropRecording(of, recording);
    return {
      keep: (piece) => void client?.composedFiles.keepPart({ of, recording, ...piece }),
      take: async (recorded) => {
        const name = `${m.voice_name()}.${endingOf(recorded.bytes.type)}`;
        const file = new ChosenFile(new File([recorded.bytes], name), this.#chosenPlace(client), null);
        const all = await this.#add([file], client, recorded);
        // What stands there is taken: the app ended before its pieces went. What could not be is tried again at the next start.
        const problems = all.filter((problem) => problem !== m.files_twice({ name }));
        if (problems.length === 0) drop();
        return problems;
      },
      drop
    };
  }

  /** What tabs that ended while they recorded had recorded by then. */
  async #takeBrokenOff(client: FilesClient): Promise<void> {
    for (const parts of await client.composedFiles.brokenOff(this.#options.of)) {
      const { joined } = await import('../voice/recorded.ts');
      await this.#placeOf(parts[0]!.recording, client).take(joined(parts));
    }
  }

  #chosenPlace(client: FilesClient | null) {
    const { of, askBeforeLeaving } = this.#options;
    return { of, client, askBeforeLeaving };
  }

  /** What tabs that ended had not made ready by then. */
  async #takeChosen(client: FilesClient): Promise<void> {
    const place = this.#chosenPlace(client);
    const left = await client.composedFiles.takeChosen(this.#options.of);
    if (left.length === 0) return;
    const files = left.filter(({ ended }) => ended < CHOSEN_ENDED_MAX);
    const givenUp = left.filter(({ ended }) => ended >= CHOSEN_ENDED_MAX);
    for (const { of, id } of givenUp) void client.composedFiles.dropChosen(of, id);
    const problems = await this.#add(
      files.map(({ id, name, bytes }) => {
        const file = new File([bytes], name, { type: bytes.type });
        return new ChosenFile(file, place, null, Promise.resolve(id));
      }),
      client
    );
    this.#problems = [...this.#problems, ...givenUp.map(({ name }) => m.files_given_up({ name })), ...problems];
  }

  async #add(
    chosen: readonly ChosenFile[],
    client: FilesClient | null,
    recorded: Recorded | null = null
  ): Promise<readonly string[]> {
    this.#names = [...this.#names, ...chosen.map(({ file }) => file.name)];
    const added = this.#queue.then(() => this.#takeAll(chosen, client, recorded));
    this.#queue = added.catch(() => (this.#whenReady = null));
    return added;
  }

  async #takeAll(
    chosen: readonly ChosenFile[],
    client: FilesClient | null,
    recorded: Recorded | null
  ): Promise<readonly string[]> {
    const problems: string[] = [];
    let left = chosen;
    try {
      for (const one of chosen) {
        const problem = await this.#take(one, client, recorded).finally(() => one.end());
        if (problem !== null) problems.push(problem);
        this.#madeReady([one]);
        left = left.slice(1);
      }
    } finally {
      // Whatever ended it: for what nobody makes ready any more the next message would wait for ever.
      this.#madeReady(left);
    }
    // Without one of its files the message may be another one: who wrote it looks at it first.
    if (problems.length > 0) this.#whenReady = null;
    if (this.#names.length === 0) void this.#goNow();
    return problems.filter((problem, at) => problems.indexOf(problem) === at);
  }

  #madeReady(chosen: readonly ChosenFile[]): void {
    for (const { file } of chosen) {
      const at = this.#names.indexOf(file.name);
      this.#names = this.#names.filter((_, place) => place !== at);
    }
  }

  async #goNow(): Promise<void> {
    const send = this.#whenReady;
    this.#whenReady = null;
    await send?.();
  }

  /** @returns what is to be said; null: it stands in the composer */
  async #take(
    { file, row }: ChosenFile,
    client: FilesClient | null,
    recorded: Recorded | null
  ): Promise<string | null> {
    if (this.#options.composed().length >= ATTACHMENTS_MAX) return m.files_too_many({ n: ATTACHMENTS_MAX });
    const { name } = file;
    const allowed = await this.mayTake(file);
    if (allowed !== null) return allowed;
    const prepared = await this.#options.prepare(file, recorded, false).catch(() => null);
    if (!prepared) return m.files_part_missing();
    if (prepared.kind === 'empty') return m.files_empty({ name });
    if (prepared.kind === 'unreadable') return m.files_unreadable({ name });
    if (prepared.kind === 'unsound') return UNSOUND[prepared.code]({ name });
    const { attachment, blobs, unread } = prepared;
    // Only its bytes tell of what type it is.
    const answer = await this.#allowance;
    if (answer?.ok && !covers(answer.value.types, attachment.type)) return m.files_type_refused({ name });
    if (!client) return m.files_unreadable({ name });
    const isHere = (files: readonly Attachment[]): boolean => files.some(({ hash }) => hash === attachment.hash);
    const { of } = this.#options;
    if (isHere(client.composedFiles.of(of))) return m.files_twice({ name });
    const composed = await client.hold(client.composedFiles.add(of, attachment, blobs, await row));
    if (!composed.ok) return this.notKept(composed.failure, name, blobs);
    // Another tab filled the last place meanwhile, or took this one for gone and makes it ready.
    if (!isHere(composed.files))
      return composed.files.length < ATTACHMENTS_MAX ? null : m.files_too_many({ n: ATTACHMENTS_MAX });
    this.#options.added(file, prepared);
    return unread ? m.files_not_shown({ name }) : null;
  }

  /** What is said of a file that did not get onto the disk. */
  async notKept(failure: StorageFailure, name: string, blobs: readonly KeptBlob[]): Promise<string> {
    if (failure !== 'quota') return storageWords(failure);
    const bytes = blobs.reduce((sum, blob) => sum + blob.bytes.size, 0);
    return noRoomWords(name, bytes, await this.#options.measureRoom());
  }

  /** By the word of the server, where there is a line to ask it. @returns what is to be said; null: it may be taken */
  async mayTake({ name, size, type }: Pick<File, 'name' | 'size' | 'type'>): Promise<string | null> {
    // Pictures become smaller.
    if (type.startsWith('image/')) return null;
    this.#allowance ??= this.#options.allowance();
    const answer = await this.#allowance;
    if (!answer.ok) this.#allowance = null;
    if (!answer.ok || size <= answer.value.maxBytes) return null;
    return m.files_too_large({ name, most: Math.max(1, Math.floor(answer.value.maxBytes / 1e6)).toLocaleString() });
  }
}
