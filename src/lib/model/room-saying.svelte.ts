// What one says in a room: from its composer or that of a thread in it, now or later, and what is taken up to be said anew.
// Invariant: it is known which message was written last before that is on disk, so that the screen can show it at once.

import { threadOf } from '#protocol/entry.ts';
import type { SyncClient } from '../sync/sync-client.ts';
import { Composer, type Said } from './composer.ts';
import type { ComposerParts } from './composer-parts.ts';
import type { PersonView } from './person-view.ts';
import type { RoomModel } from './room-model.ts';
import { Schedule } from './room-schedule.svelte.ts';
import { Threads } from './room-threads.svelte.ts';
import type { RoomTimeline } from './room-timeline.svelte.ts';
import type { RoomWriting } from './room-writing.ts';
import type { ThreadRowsSource } from './thread-rows.ts';

export interface RoomSayingOptions {
  readonly room: RoomModel;
  /** Epoch ms. */
  readonly now: () => number;
  readonly person: (id: string) => PersonView;
  readonly parts: ComposerParts;
  readonly timeline: RoomTimeline;
  readonly writing: RoomWriting;
  readonly draftSaved: () => void;
  readonly threadsChanged: (source: ThreadRowsSource) => void;
  /** From the room's own composer something goes, and is not on disk yet. */
  readonly saysHere: () => void;
  /** It is on disk. */
  readonly sent: () => void;
}

export class RoomSaying {
  readonly #options: RoomSayingOptions;
  readonly composer: Composer;
  readonly schedule: Schedule;
  readonly threads: Threads;
  #client: SyncClient | null = null;
  #writtenId = $state<string | null>(null);

  constructor(options: RoomSayingOptions) {
    this.#options = options;
    const { draftSaved, now, parts, person, room, timeline, threadsChanged, writing } = options;
    const files = (of: string) => parts.files(room.id, of);
    const preview = (of: string) => parts.preview(of);
    this.composer = new Composer({
      ...{ of: room.id, draftSaved, files, preview },
      quote: (of) => timeline.quote(of),
      item: (of) => timeline.message(of),
      say: (said) => {
        options.saysHere();
        return this.say(said);
      }
    });
    this.schedule = new Schedule(
      room.id,
      now,
      (body) => writing.mentions({ type: 'message', body }),
      (body) => this.composer.preview.take(body),
      this.composer.files
    );
    this.threads = new Threads({
      ...{ room, person, draftSaved, preview, files },
      changed: threadsChanged,
      say: (thread, said, written) => this.say({ ...said, thread }, written),
      takeUp: (of, into) => writing.takeUp(of, into)
    });
  }

  /** What was written in the room last, and not in a thread. */
  get writtenId() {
    return this.#writtenId;
  }
  /** Something is on its way to the disk, or goes with files that are being made ready. */
  get isSending(): boolean {
    return this.composer.files.isSending || this.threads.isSending;
  }
  /** Resolves once nothing is. */
  async settled(): Promise<void> {
    await Promise.all([this.composer.files.settled(), this.threads.settled()]);
  }

  attach(client: SyncClient): void {
    this.#client = client;
    this.composer.attach(client);
    this.schedule.attach(client);
  }

  detach(): void {
    this.#client = null;
    this.composer.detach();
    this.schedule.detach();
    this.threads.detach();
  }

  close(): void {
    this.composer.close();
  }

  /** @param written told of its id before it is on disk */
  async say(said: Said, written = this.#show): Promise<void> {
    await this.#options.writing.write({ type: 'message', ...said }, written);
    this.#options.sent();
  }

  /** What one writes in the room stands after the newest, and one wants to see it. */
  readonly #show = (id: string): void => {
    const { room } = this.#options;
    if (room.newer !== 'none') void room.toLatest();
    this.#writtenId = id;
  };

  async takeUp(id: string): Promise<void> {
    const { room, writing } = this.#options;
    const entry = this.#client?.outbox.get(room.id, id)?.entry;
    const root = entry ? threadOf(entry) : null;
    if (root === null) return writing.takeUp(id, this.composer);
    // Whatever it is that shows it: it was said in the thread.
    const thread = this.threads.open(root);
    try {
      await thread.room.takeUp(id);
    } finally {
      thread.close();
    }
  }

  /** Another tab wrote in one of the composers. */
  draftElsewhere(text: string, thread: string | null): void {
    if (thread === null) this.composer.draft.setElsewhere(text);
    else this.threads.draftElsewhere(thread, text);
  }

  /** Resolves once what is typed is on disk. */
  async flush(): Promise<void> {
    await Promise.all([this.composer.flush(), this.threads.flush()]);
  }
}
