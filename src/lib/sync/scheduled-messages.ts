// Messages of one's own that are to be sent later: complete and signed when written, on this disk before they show, and
// handed to the server once it has their files, which appends them at their time. What the server never got goes into the outbox then.
//
//   device ──PUT──► server ──its time──► in the room, and gone from here
//     │               └──changed or taken back here──► device or removing ──DELETE──► …
//     └──its time, the server has none of it──► outbox
//
// Invariants: one tab does it; what the server may hold is taken back from it before this device sends it; the id stays
// the same through all of it, so that the room takes it once.

import type { ScheduledEntry, ScheduledOutcome } from '#protocol/api/scheduled.ts';
import { blobClaimsOf, type Entry } from '#protocol/entry.ts';
import type { Result } from '../model/result.ts';
import type { Stored } from '../storage/storage-failure.ts';
import type { FailureCode, ScheduledRow, UserDb } from '../storage/user-db.ts';
import type { Signing } from './outbox.ts';
import { Rerun } from './rerun.ts';

/** Timers of a browser cannot wait for longer than 24 days. */
const WAIT_MAX_MS = 3_600_000;
/** What could not be handed over is tried again. */
const AGAIN_MS = 30_000;

interface Api {
  get<Value>(path: string): Promise<Result<Value>>;
  put<Value>(path: string, body: unknown): Promise<Result<Value>>;
  delete<Value>(path: string): Promise<Result<Value>>;
}

interface ScheduledFiles {
  /** Whether the server has all that the entry names, as far as is known. */
  ready(entry: Entry): boolean;
  /** It lacks one of them after all. */
  missing(entry: Entry): void;
  /** The message is not to be. */
  erase(room: string, id: string): void;
}

export interface ScheduledMessagesOptions {
  readonly db: Pick<UserDb, 'scheduled' | 'putScheduled' | 'deleteScheduled'>;
  readonly api: Api;
  readonly signer: Signing & { readonly ready: boolean };
  /** Epoch ms by the server's clock, as far as it is known. */
  readonly now: () => number;
  /** Whether this tab does the sending. */
  readonly leads: () => boolean;
  /** Takes an entry for sending now; resolves once it is on disk, or is known not to be. */
  readonly deliver: (room: string, entry: Entry) => Promise<void>;
  /** Rows on disk are others: other tabs want to know. */
  readonly announce: () => void;
  readonly changed: () => void;
  /** What messages carry, which the server has to have before them. */
  readonly files: ScheduledFiles;
  /** What was to be changed or taken back had been sent already. */
  readonly tooLate: (room: string) => void;
}

export class ScheduledMessages {
  readonly #options: ScheduledMessagesOptions;
  readonly #rows = new Map<string, ScheduledRow>();
  /** Whose files went up a second time: another word that they are missing is final. */
  readonly #uploadedAgain = new Set<string>();
  #lineUp = false;
  readonly #seeing = new Rerun(() => this.#see());
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(options: ScheduledMessagesOptions) {
    this.#options = options;
  }

  async load(): Promise<void> {
    const rows = await this.#options.db.scheduled();
    this.#rows.clear();
    for (const row of rows) this.#rows.set(keyOf(row), row);
    this.#options.changed();
  }

  /** Of a room, soonest first; what is on its way out is left out. */
  of(room: string): readonly ScheduledRow[] {
    return [...this.#rows.values()]
      .filter((row) => row.room === room && row.state !== 'removing')
      .sort((a, b) => a.entry.sentAt - b.entry.sentAt || (a.id < b.id ? -1 : 1));
  }

  /** On this device alone. */
  get unsent(): number {
    return [...this.#rows.values()].filter(({ state, told }) => state === 'device' && !told).length;
  }

  /** To be handed over yet: their files go up before. */
  waiting(): readonly ScheduledRow[] {
    return [...this.#rows.values()].filter(({ state }) => state === 'device');
  }

  /** One of its files cannot be brought to the server. */
  async fail(room: string, id: string, code: FailureCode): Promise<void> {
    const row = this.#rows.get(keyOf({ room, id }));
    if (row?.state === 'device') await this.#replace(row, { ...row, state: 'refused', code });
  }

  /** Takes a message; resolves once it is on disk, or could not be put there: then it is not taken. */
  async add(room: string, entry: Entry): Promise<Stored> {
    const signed = await this.#options.signer.sign(room, entry);
    return this.#put({ room, id: entry.id, entry: signed, state: 'device', code: null, told: false });
  }

  /** Another time, or other words; a time that has come sends it now. */
  async change(room: string, id: string, change: { readonly sentAt: number; readonly body?: string }): Promise<Stored> {
    const before = this.#rows.get(keyOf({ room, id }));
    if (!before) return { ok: true };
    const { device: _device, signature: _signature, ...unsigned } = before.entry;
    const entry = await this.#options.signer.sign(room, { ...unsigned, ...change });
    const told = before.told || before.state === 'server' || before.state === 'removing';
    this.#uploadedAgain.delete(keyOf({ room, id }));
    return this.#put({ ...before, entry, state: 'device', code: null, told });
  }

  async remove(room: string, id: string): Promise<void> {
    const before = this.#rows.get(keyOf({ room, id }));
    if (!before) return;
    if (before.state === 'device' && !before.told) await this.#forget(before);
    else await this.#put({ ...before, state: 'removing', told: true });
  }

  lineUp(): void {
    this.#lineUp = true;
    this.wake();
  }
  lineDown(): void {
    this.#lineUp = false;
  }

  /** The server's own have changed, another tab's rows have, or this tab leads now. */
  wake(): void {
    if (!this.#closed) void this.#seeing.run();
  }

  /** Another tab has written. */
  async reload(): Promise<void> {
    await this.load().catch(() => undefined);
    this.wake();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#seeing.run();
  }

  /** Sees to each of them once. */
  async #see(): Promise<void> {
    if (!this.#options.leads()) return;
    for (const row of [...this.#rows.values()]) {
      if (this.#closed) return;
      if (row.state === 'removing') await this.#takeBack(row, null);
      else if (row.state === 'device') await this.#bring(row);
    }
    if (this.#lineUp && !this.#closed) await this.#compare();
    this.#plan();
  }

  async #bring(row: ScheduledRow): Promise<void> {
    if (row.entry.sentAt > this.#options.now()) return this.#handOver(row);
    if (row.told) return this.#takeBack(row, row.entry);
    await this.#deliver(row);
  }

  async #handOver(row: ScheduledRow): Promise<void> {
    const { api, signer } = this.#options;
    if (!this.#lineUp || !signer.ready || !this.#options.files.ready(row.entry)) return;
    const entry = signer.isCurrent(row.entry) ? row.entry : await signer.sign(row.room, row.entry);
    // Whatever becomes of the answer, from here on the server may have it.
    const asked: ScheduledRow = { ...row, entry, told: true };
    if (!(await this.#replace(row, asked))) return;
    const answer = await api.put<ScheduledOutcome>(`/api/rooms/${row.room}/scheduled`, { entry });
    // No line, a room that the server has not seen yet, or one that is closed: at its time this device sends it, or says why not.
    if (!answer.ok) return;
    const { value } = answer;
    if (value.outcome === 'kept') await this.#replace(asked, { ...asked, state: 'server' });
    else if (value.outcome === 'refused' && value.code === 'attachment' && this.#uploadAgain(asked))
      await this.#replace(asked, { ...asked, told: row.told });
    else if (value.outcome === 'refused')
      // Should it have another form of it, it says so now.
      await this.#replace(asked, { ...asked, state: 'refused', code: value.code, told: false });
    else if (value.outcome === 'sent') await this.#wasSent(asked);
    else await this.#replace(asked, { ...asked, told: row.told });
  }

  /** @param then what is sent in its place now; null: nothing */
  async #takeBack(row: ScheduledRow, then: Entry | null): Promise<void> {
    if (!this.#lineUp) return;
    const answer = await this.#options.api.delete<ScheduledOutcome>(`/api/rooms/${row.room}/scheduled/${row.id}`);
    if (!answer.ok && !CLOSED.includes(answer.code)) return;
    if (answer.ok && answer.value.outcome === 'sent') await this.#wasSent(row);
    else if (then) await this.#deliver(row);
    else await this.#forget(row);
  }

  #uploadAgain(row: ScheduledRow): boolean {
    const key = keyOf(row);
    if (blobClaimsOf(row.entry).length === 0 || this.#uploadedAgain.has(key)) return false;
    this.#uploadedAgain.add(key);
    this.#options.files.missing(row.entry);
    return true;
  }

  async #deliver(row: ScheduledRow): Promise<void> {
    // A crash between the two leaves both: the outbox knows its id.
    await this.#options.deliver(row.room, row.entry);
    if (this.#isStill(row)) await this.#drop(row);
  }

  async #wasSent(row: ScheduledRow): Promise<void> {
    await this.#drop(row);
    this.#options.tooLate(row.room);
  }

  /** What the server has now is the truth of all that is not waiting to be brought to it. */
  async #compare(): Promise<void> {
    const before = new Map(this.#rows);
    const answer = await this.#options.api.get<ScheduledEntry[]>('/api/scheduled');
    if (!answer.ok || this.#closed) return;
    const listed = new Map(answer.value.map((one) => [keyOf({ room: one.room, id: one.entry.id }), one]));
    for (const [key, { room, entry, refused }] of listed) {
      const here = this.#rows.get(key);
      if (here !== before.get(key) || (here && here.state !== 'server' && here.state !== 'refused')) continue;
      if (here && here.code === refused && here.entry.signature === entry.signature) continue;
      const state = refused === null ? 'server' : 'refused';
      await this.#put({ room, id: entry.id, entry, state, code: refused, told: true }, false);
    }
    for (const [key, row] of before) {
      // Refused as it was handed over, or without its files, the server has none of it, and it stays here.
      const isServers = row.state === 'server' || (row.state === 'refused' && row.told && !lacksFiles(row));
      if (!isServers || listed.has(key) || !this.#isStill(row)) continue;
      // Before its time it is not in the room, or only just, and from there its files can be had again.
      if (row.entry.sentAt > this.#options.now()) await this.#forget(row);
      else await this.#drop(row);
    }
  }

  #plan(): void {
    clearTimeout(this.#timer);
    const rows = [...this.#rows.values()];
    if (rows.length === 0 || this.#closed) return;
    const now = this.#options.now();
    const due = rows.map(({ entry, state }) => (state === 'device' || state === 'server' ? entry.sentAt : Infinity));
    const isWaiting = rows.some(({ state }) => state === 'removing' || state === 'device');
    const soonest = Math.min(...due.filter((at) => at > now), now + (isWaiting ? AGAIN_MS : WAIT_MAX_MS));
    this.#timer = setTimeout(() => this.wake(), Math.min(soonest - now + 50, WAIT_MAX_MS));
  }

  #isStill(row: ScheduledRow): boolean {
    return this.#rows.get(keyOf(row)) === row;
  }

  /** @returns false when the person has changed it meanwhile: then that counts */
  async #replace(before: ScheduledRow, after: ScheduledRow): Promise<boolean> {
    if (!this.#isStill(before)) return false;
    await this.#put(after, false);
    return true;
  }

  async #put(row: ScheduledRow, wakes = true): Promise<Stored> {
    const key = keyOf(row);
    const before = this.#rows.get(key);
    this.#rows.set(key, row);
    const stored = await this.#options.db.putScheduled([row]);
    if (!stored.ok && this.#rows.get(key) === row && wakes) {
      // Said to have failed: it must not be sent all the same.
      if (before) this.#rows.set(key, before);
      else this.#rows.delete(key);
    }
    this.#told(wakes);
    return stored;
  }

  /** It is not to be: nothing of it stays. */
  async #forget(row: ScheduledRow): Promise<void> {
    await this.#drop(row);
    this.#options.files.erase(row.room, row.id);
  }

  async #drop(row: ScheduledRow): Promise<void> {
    this.#uploadedAgain.delete(keyOf(row));
    this.#rows.delete(keyOf(row));
    await this.#options.db.deleteScheduled([[row.room, row.id]]);
    this.#told(false);
  }

  #told(wakes: boolean): void {
    this.#options.changed();
    this.#options.announce();
    if (wakes) this.wake();
  }
}

/** Its files could not be brought to the server. */
const lacksFiles = ({ code }: ScheduledRow): boolean => code?.startsWith('upload-') ?? false;

const keyOf = ({ room, id }: { readonly room: string; readonly id: string }): string => `${room}/${id}`;

/** The room is shut to this person, so nothing of theirs is kept for it. */
const CLOSED: readonly string[] = ['not-found', 'forbidden', 'room-removed', 'room-banned', 'room-deleted'];
