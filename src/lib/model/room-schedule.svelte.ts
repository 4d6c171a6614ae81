// What of a room is to be sent later: views of what lies on this device, and what one does with it.
// Invariant: nothing waits for the network; what could not be kept on the disk is said to have failed, and not sent.

import { parseEntry, type Entry, type MessageEntry } from '#protocol/entry.ts';
import { newEntryId } from '#protocol/ids.ts';
import { SCHEDULED_AHEAD_MAX_MS } from '#protocol/limits.ts';
import { storageWords, type Stored } from '../storage/storage-failure.ts';
import type { ScheduledRow } from '../storage/user-db.ts';
import type { SyncClient } from '../sync/sync-client.ts';
import type { Result } from './app-model.ts';
import { failureWords, refused } from './failure-words.ts';
import type { RoomSchedule, ScheduledView } from './room-schedule.ts';

const DONE: Result<void> = { ok: true, value: undefined };

export class Schedule implements RoomSchedule {
  readonly #room: string;
  readonly #now: () => number;
  readonly #mentions: (body: string) => Pick<MessageEntry, 'mentions' | 'mentionsRoom'>;
  #client: SyncClient | null = null;
  #rows: readonly ScheduledRow[] = [];
  #items = $state.raw<readonly ScheduledView[]>([]);
  #sentAlready = $state(0);

  /**
   * @param now epoch ms by this device's clock
   * @param mentions whom the words call, of those who are in the room as it is written
   */
  constructor(
    room: string,
    now: () => number,
    mentions: (body: string) => Pick<MessageEntry, 'mentions' | 'mentionsRoom'>
  ) {
    this.#room = room;
    this.#now = now;
    this.#mentions = mentions;
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

  async add(body: string, replyTo: string | null, at: number): Promise<Result<void>> {
    const client = this.#client;
    if (!client) return refused('not-member');
    const late = this.#flaw(client, at);
    if (late) return late;
    const entry: Entry = {
      ...{ id: newEntryId(this.#now()), type: 'message', author: client.me.id, sentAt: Math.floor(at) },
      ...{ body: body.toWellFormed(), ...(replyTo !== null && { replyTo }), ...this.#mentions(body) }
    };
    const parsed = parseEntry(entry);
    if (!parsed.ok) return refused(parsed.code);
    return outcomeOf(await client.hold(client.scheduled.add(this.#room, entry)));
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
    if (at <= now) return { ok: false, code: 'past', message: 'That time has passed. Choose a later one.' };
    if (at <= now + SCHEDULED_AHEAD_MAX_MS) return null;
    return { ok: false, code: 'too-far', message: 'A message can be scheduled for at most a year ahead.' };
  }
}

function viewOf({ id, entry, state, code }: ScheduledRow): ScheduledView {
  return {
    id,
    body: entry.type === 'message' ? String((entry as { readonly body?: unknown }).body) : '',
    at: entry.sentAt,
    state: state === 'refused' ? 'failed' : state === 'server' ? 'server' : 'device',
    failure: state === 'refused' && code !== null ? failureWords(code, 'message') : null
  };
}

const outcomeOf = (stored: Stored): Result<void> =>
  stored.ok ? DONE : { ok: false, code: 'not-saved', message: storageWords(stored.failure) };
