// Messages that are to be sent later: taken whole, as their author signed them, and appended at their time through the
// checks that all entries go through. The gate knows nothing of them: an entry whose time has not come is refused there
// as ever, and none comes to it from here before its time.
// Invariants: a record goes only once its entry is in its room, or is nobody's to send any more; the room's id index
// makes a second try the same entry. One thing at a time is done with them all.

import type { ScheduledEntry, ScheduledOutcome } from '#protocol/api/scheduled.ts';
import { blobClaimsOf, isKnown, type Entry } from '#protocol/entry.ts';
import { parseEntry } from '#protocol/parse-entry.ts';
import type { EntryId, RoomId, UserId } from '#protocol/ids.ts';
import { SCHEDULED_AHEAD_MAX_MS, SCHEDULED_MAX } from '#protocol/limits.ts';
import type { RefusalCode } from '#protocol/refusal-codes.ts';
import type { Session } from '../accounts/session.ts';
import { isSignatureValid, signerFlaw, type Proof } from '../gate/signature-check.ts';
import type { RoomBlobs } from '../rooms/room-blobs.ts';
import type { RoomService } from '../rooms/room-service.ts';
import type { KeyValue } from '../store/key-value.ts';
import type { Timers } from '../timers.ts';
import { scheduledBy, scheduledIn, type ScheduledRef } from './scheduled-keys.ts';
import { ScheduledRecords, type ScheduledRecord } from './scheduled-records.ts';

const AT_ONCE = 100;
/** Slow mode, or a store that does not write now. */
const AGAIN_AFTER_MS = 15_000;
/** Where slow mode is slow, its turn is looked for less often: at so many parts of its time. */
const TRIES_PER_TURN = 4;
const COMPACT_AFTER_MS = 1_000;
/** Timers of a process cannot wait for longer than 24 days. */
const WAIT_MAX_MS = 24 * 3_600_000;

/** Who hands an entry over. */
export type ScheduledBy = Pick<Session, 'id' | 'kind'> & { readonly user: Pick<Session['user'], 'id'> };

export interface ScheduledEntriesDeps {
  readonly kv: KeyValue;
  readonly timers: Timers;
  readonly blobs: Pick<RoomBlobs, 'hold'>;
  readonly rooms: Pick<RoomService, 'append' | 'summary' | 'authorOf' | 'subscribe'>;
  /** Whether the account is there and not suspended. */
  readonly isActive: (user: UserId) => boolean;
  readonly deviceKey: Proof['deviceKey'];
  /** Whether the person's session has not ended. */
  readonly isOpen: (user: UserId, session: Session['id']) => Promise<boolean>;
  readonly onError: (error: unknown) => void;
}

export class ScheduledEntries {
  readonly #deps: ScheduledEntriesDeps;
  readonly #records: ScheduledRecords;
  readonly #listeners = new Set<(user: UserId) => void>();
  readonly #stopListening: () => void;
  /** One thing at a time, so that an entry is never taken back while it is sent. */
  #queue: Promise<unknown> = Promise.resolve();
  #nextAt = Infinity;
  #cancel: (() => void) | null = null;
  #cancelCompaction: (() => void) | null = null;
  readonly #cancelAgain = new Set<() => void>();
  #closed = false;

  private constructor(deps: ScheduledEntriesDeps) {
    this.#deps = deps;
    this.#records = new ScheduledRecords(deps.kv, deps.timers);
    const nothing = (): void => undefined;
    this.#stopListening = deps.rooms.subscribe({
      ...{ changed: nothing, read: nothing, receipt: nothing, pageChanged: nothing },
      gone: (user, room) => this.#inBackground(() => this.#endIn(user, room))
    });
  }

  /** Goes on with what is there. @throws StoreError */
  static async open(deps: ScheduledEntriesDeps): Promise<ScheduledEntries> {
    const scheduled = new ScheduledEntries(deps);
    await scheduled.#dropOrphans();
    if (await scheduled.#records.hasRemains()) scheduled.#compactSoon();
    await scheduled.#planNext();
    return scheduled;
  }

  /** Told of whose entries are others than before: sent, refused, ended, or changed by another device. */
  onChanged(listener: (user: UserId) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Soonest first. @throws StoreError */
  async of(user: UserId): Promise<ScheduledEntry[]> {
    const own = (await this.#records.in(scheduledBy(user))).map(([{ room }, { entry, refused }]): ScheduledEntry => ({
      room,
      entry,
      refused
    }));
    return own.sort((a, b) => a.entry.sentAt - b.entry.sentAt);
  }

  /**
   * Takes an entry of whoever this session is, or another form of one that is here.
   * @throws StoreError
   */
  put(session: ScheduledBy, room: RoomId, value: unknown): Promise<ScheduledOutcome> {
    return this.#inTurn(() => this.#put(session, room, value));
  }

  /** Takes an entry back. `sent`: it is in the room already. @throws StoreError */
  remove(user: UserId, room: RoomId, id: EntryId): Promise<'removed' | 'sent' | 'absent'> {
    return this.#inTurn(async () => {
      const ref = { user, room, id };
      const record = await this.#records.get(ref);
      if (record) {
        await this.#delete([[ref, record]]);
        return 'removed';
      }
      return (await this.#isThere(ref)) ? 'sent' : 'absent';
    });
  }

  /** All of a person's, whose account is suspended or goes. @throws StoreError */
  erase(user: UserId): Promise<void> {
    return this.#inTurn(() => this.#deleteIn(scheduledBy(user)));
  }

  /** Nothing is under way any more, and what went has left the disk: for tests. */
  async settled(): Promise<void> {
    await this.#queue;
    if (this.#cancelCompaction) await this.#inTurn(() => this.#compact());
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#stopListening();
    this.#cancel?.();
    this.#cancelCompaction?.();
    for (const cancel of this.#cancelAgain) cancel();
    await this.#queue;
  }

  async #put(session: ScheduledBy, room: RoomId, value: unknown): Promise<ScheduledOutcome> {
    const user = session.user.id;
    // A person at a browser signs.
    const code = this.#flaw(user, room, value, session.kind === 'cookie');
    if (code !== null) return { outcome: 'refused', code };
    const entry = value as Entry;
    const ref = { user, room, id: entry.id };
    // It may have waited for its turn behind what ended all that this person has here.
    if (!(await this.#isTheirs(ref))) return { outcome: 'refused', code: 'not-member' };
    if (await this.#isThere(ref)) return { outcome: 'sent' };
    const before = await this.#records.get(ref);
    if (!before && (await this.#records.countOf(user)) >= SCHEDULED_MAX) return { outcome: 'too-many' };
    const claims = blobClaimsOf(entry);
    const held = await this.#deps.blobs.hold(claims.map(({ hash }) => ({ author: user, hash })));
    try {
      if (!claims.every((claim) => held.admits(user, claim))) return { outcome: 'refused', code: 'attachment' };
      await this.#records.keep(ref, entry, session.id, before);
    } finally {
      held.release();
    }
    if (before) this.#compactSoon();
    this.#plan(entry.sentAt);
    this.#tell(user);
    return { outcome: 'kept' };
  }

  #flaw(user: UserId, room: RoomId, value: unknown, mustSign: boolean): RefusalCode | null {
    const parsed = parseEntry(value);
    if (!parsed.ok) return parsed.code;
    const { entry } = parsed;
    // What is written to be read later, and nothing else: rooms and people change when it is done.
    if (!isKnown(entry) || entry.type !== 'message') return 'not-allowed';
    if (entry.author !== user) return 'author';
    if (entry.sentAt > this.#deps.timers.nowMs() + SCHEDULED_AHEAD_MAX_MS) return 'clock';
    const proof: Proof = { sender: user, mustSign, deviceKey: this.#deps.deviceKey };
    const flaw = signerFlaw({ ...entry, sentAt: 0 }, proof);
    if (flaw) return flaw.code;
    return entry.signature === undefined || isSignatureValid(room, entry, proof) ? null : 'signature';
  }

  async #dropOrphans(): Promise<void> {
    const orphans: [ScheduledRef, ScheduledRecord][] = [];
    for await (const ref of this.#records.refs()) {
      if (await this.#isTheirs(ref)) continue;
      const record = await this.#records.get(ref);
      if (record) orphans.push([ref, record]);
    }
    await this.#delete(orphans);
  }

  #endIn(user: UserId, room: RoomId): Promise<void> {
    return this.#deleteIn(scheduledIn(user, room));
  }

  async #deleteIn(range: { gte: string; lt: string }): Promise<void> {
    await this.#delete(await this.#records.in(range));
  }

  async #delete(records: readonly (readonly [ScheduledRef, ScheduledRecord])[]): Promise<void> {
    if (records.length === 0) return;
    await this.#records.delete(records);
    this.#compactSoon();
    for (const user of new Set(records.map(([ref]) => ref.user))) this.#tell(user);
  }

  #plan(at: number): void {
    if (at >= this.#nextAt || this.#closed) return;
    this.#cancel?.();
    this.#nextAt = at;
    const { timers } = this.#deps;
    this.#cancel = timers.after(Math.min(Math.max(0, at - timers.nowMs()), WAIT_MAX_MS), () => {
      this.#cancel = null;
      this.#nextAt = Infinity;
      this.#inBackground(() => this.#sendDue());
    });
  }

  async #planNext(): Promise<void> {
    const at = await this.#records.nextDueAt();
    if (at !== null) this.#plan(at);
  }

  async #sendDue(): Promise<void> {
    const slow = new Map<string, number>();
    for (const ref of await this.#records.due(AT_ONCE)) await this.#send(ref, slow);
    await this.#planNext();
  }

  /** @param slow by person and room, when the last of those is tried that wait for slow mode: one try is enough for all */
  async #send(ref: ScheduledRef, slow: Map<string, number>): Promise<void> {
    const record = await this.#records.get(ref);
    if (!record || this.#closed) return;
    const place = `${ref.user}/${ref.room}`;
    const last = slow.get(place);
    const code = last === undefined ? await this.#tryAppend(ref, record) : 'slow';
    // `id-taken`: it was sent in another form, by a device that was not here when this one was kept.
    if (code === null || ENDINGS.includes(code)) return this.#delete([[ref, record]]);
    if (code === 'slow') {
      // One after the other, so that they stay in their order.
      const due = last === undefined ? this.#deps.timers.nowMs() + (await this.#turnMs(ref)) : last + 1;
      slow.set(place, due);
      return this.#records.postpone(ref, record, due);
    }
    await this.#records.refuse(ref, record, code);
    this.#tell(ref.user);
  }

  /** A room that cannot be read or written now keeps nobody else's waiting. */
  async #tryAppend(ref: ScheduledRef, record: ScheduledRecord): Promise<RefusalCode | null> {
    try {
      return await this.#append(ref, record);
    } catch (error) {
      if (this.#closed) throw error;
      this.#deps.onError(error);
      return 'slow';
    }
  }

  async #append(ref: ScheduledRef, { entry, session }: ScheduledRecord): Promise<RefusalCode | null> {
    const { rooms, isOpen } = this.#deps;
    if (!(await this.#isTheirs(ref))) return 'not-member';
    // Nothing vouches for it but a session: what was revoked says nothing more.
    const isVouchedFor = entry.signature !== undefined || (session !== undefined && (await isOpen(ref.user, session)));
    return isVouchedFor ? rooms.append(entry, ref.room) : 'unsigned';
  }

  async #turnMs({ user, room }: ScheduledRef): Promise<number> {
    // What cannot be read now is tried again soon.
    const { slowSeconds = 0 } = (await this.#deps.rooms.summary(user, room).catch(() => null)) ?? {};
    return Math.max(AGAIN_AFTER_MS, (slowSeconds * 1_000) / TRIES_PER_TURN);
  }

  async #isThere({ user, room, id }: ScheduledRef): Promise<boolean> {
    return (await this.#deps.rooms.authorOf(user, room, id)) !== null;
  }

  /** Whether there is somebody to send it, who is in the room. */
  async #isTheirs({ user, room }: ScheduledRef): Promise<boolean> {
    const { isActive, rooms } = this.#deps;
    return isActive(user) && ((await rooms.summary(user, room))?.role ?? null) !== null;
  }

  #tell(user: UserId): void {
    for (const listener of [...this.#listeners]) listener(user);
  }

  #compactSoon(): void {
    if (this.#cancelCompaction || this.#closed) return;
    this.#cancelCompaction = this.#deps.timers.after(COMPACT_AFTER_MS, () => this.#inBackground(() => this.#compact()));
  }

  async #compact(): Promise<void> {
    this.#cancelCompaction?.();
    this.#cancelCompaction = null;
    await this.#records.compact();
  }

  #inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
    const done = this.#queue.then(work);
    this.#queue = done.catch(() => undefined);
    return done;
  }

  /** Never rejects; what failed is tried again, since the records are still there. */
  #inBackground(work: () => Promise<void>): void {
    if (this.#closed) return;
    this.#inTurn(async () => this.#closed || (await work())).catch((error: unknown) => {
      if (this.#closed) return;
      this.#deps.onError(error);
      const cancel = this.#deps.timers.after(AGAIN_AFTER_MS, () => {
        this.#cancelAgain.delete(cancel);
        this.#inBackground(work);
      });
      this.#cancelAgain.add(cancel);
    });
  }
}

/** Whoever wrote it is not in the room any more, the room is over, or it was sent: nothing is left to keep. */
const ENDINGS: readonly RefusalCode[] = ['id-taken', 'not-member', 'banned', 'deleted', 'no-room'];
