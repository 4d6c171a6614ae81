// What of a room is to be sent later: views of what lies on this device, and what one does with it.
// Invariant: nothing waits for the network; what could not be kept on the disk is said to have failed, and not sent.

import { threadOf, type Entry } from '#protocol/entry.ts';
import { parseEntry } from '#protocol/parse-entry.ts';
import type { MessageEntry } from '#protocol/message-entries.ts';
import { newEntryId } from '#protocol/ids.ts';
import { SCHEDULED_AHEAD_MAX_MS } from '#protocol/limits.ts';
import type { Preview } from '#protocol/preview.ts';
import { storageWords, type Stored } from '../storage/storage-failure.ts';
import { filesOf } from '../sync/composed-files.ts';
import type { ScheduledRow } from '../storage/user-db.ts';
import type { SyncClient } from '../sync/sync-client.ts';
import type { Result } from './result.ts';
import { fittingPreview } from './fitting-preview.ts';
import { failureWords, refused } from './failure-words.ts';
import { m } from '../words/generated/messages.js';
import type { ComposerFiles, RoomSchedule, ScheduledBeside, ScheduledView } from './room-schedule.ts';

const DONE: Result<void> = { ok: true, value: undefined };

export class Schedule implements RoomSchedule {
  readonly #room: string;
  readonly #now: () => number;
  readonly #mentions: (body: string) => Pick<MessageEntry, 'mentions' | 'mentionsRoom'>;
  readonly #preview: (body: string) => Preview | null;
  readonly #files: ComposerFiles;
  #client: SyncClient | null = null;
  #rows: readonly ScheduledRow[] = [];
  #items = $state.raw<readonly ScheduledView[]>([]);
  #sentAlready = $state(0);

  /**
   * @param now epoch ms by this device's clock
   * @param mentions whom the words call, of those who are in the room as it is written
   * @param preview takes what the room's composer has for them
   * @param files of the room's composer
   */
  constructor(
    room: string,
    now: () => number,
    mentions: (body: string) => Pick<MessageEntry, 'mentions' | 'mentionsRoom'>,
    preview: (body: string) => Preview | null,
    files: ComposerFiles
  ) {
    this.#room = room;
    this.#now = now;
    this.#mentions = mentions;
    this.#preview = preview;
    this.#files = files;
  }

  get items() {
    return this.#items;
  }
  get sentAlready() {
    return this.#sentAlready;
  }

  attach(client: SyncClient): void {
    this.#client = client;
    this.refresh();
  }
  detach(): void {
    this.#client = null;
  }

  refresh(): void {
    const rows = this.#client?.scheduled.of(this.#room) ?? [];
    if (rows.length === this.#rows.length && rows.every((row, at) => row === this.#rows[at])) return;
    this.#rows = rows;
    this.#items = rows.map(viewOf);
  }

  wasSent(): void {
    this.#sentAlready += 1;
  }

  async add(
    body: string,
    replyTo: string | null,
    at: number,
    { thread, preview = this.#preview(body), files = this.#files }: ScheduledBeside = {}
  ): Promise<Result<void>> {
    const client = this.#client;
    if (!client) return refused('not-member');
    const late = this.#flaw(client, at);
    if (late) return late;
    const id = newEntryId(this.#now());
    const attachments = files.composed.length > 0 ? await files.take(id) : [];
    const entry: Entry = {
      ...{ id, type: 'message', author: client.me.id, sentAt: Math.floor(at) },
      ...{ body: body.toWellFormed(), ...(replyTo !== null && { replyTo }), ...(thread !== undefined && { thread }) },
      ...this.#mentions(body),
      // Files stand for themselves.
      ...(attachments.length > 0 ? { attachments } : fittingPreview(body, preview))
    };
    const parsed = parseEntry(entry);
    const outcome = parsed.ok
      ? outcomeOf(await client.hold(client.scheduled.add(this.#room, entry)))
      : refused(parsed.code);
    if (attachments.length > 0) await (outcome.ok ? files.sent(id) : files.giveBack(id));
    return outcome;
  }

  async move(id: string, at: number): Promise<Result<void>> {
    const client = this.#client;
    if (!client) return refused('not-member');
    const late = this.#flaw(client, at);
    if (late) return late;
    return outcomeOf(await client.hold(client.scheduled.change(this.#room, id, { sentAt: Math.floor(at) })));
  }

  async sendNow(id: string): Promise<Result<void>> {
    const client = this.#client;
    if (!client) return refused('not-member');
    const sentAt = client.clock(this.#room).next();
    return outcomeOf(await client.hold(client.scheduled.change(this.#room, id, { sentAt })));
  }

  async remove(id: string): Promise<void> {
    const client = this.#client;
    if (client) await client.hold(client.scheduled.remove(this.#room, id));
  }

  #flaw(client: SyncClient, at: number): Result<void> | null {
    const now = client.clock(this.#room).serverNow();
    if (at <= now) return { ok: false, code: 'past', message: m.schedule_past() };
    if (at <= now + SCHEDULED_AHEAD_MAX_MS) return null;
    return { ok: false, code: 'too-far', message: m.schedule_too_far() };
  }
}

function viewOf({ id, entry, state, code }: ScheduledRow): ScheduledView {
  return {
    id,
    body: entry.type === 'message' ? String((entry as { readonly body?: unknown }).body) : '',
    files: filesOf(entry),
    thread: threadOf(entry),
    at: entry.sentAt,
    state: state === 'refused' ? 'failed' : state === 'server' ? 'server' : 'device',
    failure: state === 'refused' && code !== null ? failureWords(code, 'message') : null
  };
}

const outcomeOf = (stored: Stored): Result<void> =>
  stored.ok ? DONE : { ok: false, code: 'not-saved', message: storageWords(stored.failure) };
