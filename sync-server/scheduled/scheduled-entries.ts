// Messages that are to be sent later: kept whole, as their author signed them, and appended at their time through the
// checks that all entries go through. The gate knows nothing of them: an entry whose time has not come is refused there
// as ever, and none comes to it from here before its time.
// Invariants: a record goes only once its entry is in its room, or is nobody's to send any more; the room's id index
// makes a second try the same entry. What goes leaves the disk as well.

import * as v from 'valibot';
import type { ScheduledEntry, ScheduledOutcome } from '#protocol/api.ts';
import { isKnown, parseEntry, type Entry } from '#protocol/entry.ts';
import type { EntryId, RoomId, UserId } from '#protocol/ids.ts';
import { SCHEDULED_AHEAD_MAX_MS, SCHEDULED_MAX } from '#protocol/limits.ts';
import { REFUSAL_CODES, type RefusalCode } from '#protocol/refusal-codes.ts';
import type { Session } from '../accounts/session.ts';
import { isSignatureValid, signerFlaw, type Proof } from '../gate/signature-check.ts';
import type { RoomService } from '../rooms/room-service.ts';
import type { KeyValue, Operation } from '../store/key-value.ts';
import { decodeStored, encodeStored } from '../store/stored-json.ts';
import type { Timers } from '../timers.ts';
import {
  ALL_DUE,
  ALL_SCHEDULED,
  atOfDue,
  dueKey,
  dueUpTo,
  refOfDue,
  refOfScheduled,
  SCHEDULED_REMAINS,
  scheduledBy,
  scheduledIn,
  scheduledKey,
  type ScheduledRef
} from './scheduled-keys.ts';

const AT_ONCE = 100;
/** Slow mode, or a store that does not write now. */
const AGAIN_AFTER_MS = 15_000;
/** Where slow mode is slow, its turn is looked for less often: at so many parts of its time. */
const TRIES_PER_TURN = 4;
const COMPACT_AFTER_MS = 1_000;
/** Timers of a process cannot wait for longer than 24 days. */
const WAIT_MAX_MS = 24 * 3_600_000;

const recordSchema = v.strictObject({
  // Checked on its way in, and again on its way into the room.
  entry: v.custom<Entry>((value) => typeof value === 'object' && value !== null),
  /** When it is tried next, epoch ms; null: it was refused. */
  due: v.nullable(v.number()),
  refused: v.nullable(v.picklist(REFUSAL_CODES)),
  /** Of an entry that no device has signed: the session whose word it is. */
  session: v.optional(v.string())
});
type Record = v.InferOutput<typeof recordSchema>;

/** Who hands an entry over. */
export type ScheduledBy = Pick<Session, 'id' | 'kind'> & { readonly user: Pick<Session['user'], 'id'> };

export interface ScheduledEntriesDeps {
  readonly kv: KeyValue;
  readonly timers: Timers;
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
    if (await deps.kv.get(SCHEDULED_REMAINS)) scheduled.#compactSoon();
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
    const own: ScheduledEntry[] = [];
    for await (const [key, value] of this.#deps.kv.range(scheduledBy(user))) {
      const { entry, refused } = decodeStored(recordSchema, key, value);
      own.push({ room: refOfScheduled(key).room, entry, refused });
    }
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
      const record = await this.#read(ref);
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
    const before = await this.#read(ref);
    if (!before && (await this.#count(user)) >= SCHEDULED_MAX) return { outcome: 'too-many' };
    const due = entry.sentAt;
    const record: Record = { entry, due, refused: null, ...(entry.signature === undefined && { session: session.id }) };
    await this.#deps.kv.batch(
      [
        ...(before ? this.#replaced(ref, before) : []),
        { type: 'put', key: scheduledKey(ref), value: encodeStored(record) },
        { type: 'put', key: dueKey(due, ref), value: new Uint8Array() }
      ],
      { sync: true }
    );
    if (before) this.#compactSoon();
    this.#plan(due);
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
    const { kv } = this.#deps;
    const orphans: [ScheduledRef, Record][] = [];
    for await (const [key, value] of kv.range(ALL_SCHEDULED)) {
      const ref = refOfScheduled(key);
      if (!(await this.#isTheirs(ref))) orphans.push([ref, decodeStored(recordSchema, key, value)]);
    }
    await this.#delete(orphans);
  }

  #endIn(user: UserId, room: RoomId): Promise<void> {
    return this.#deleteIn(scheduledIn(user, room));
  }

  async #deleteIn(range: { gte: string; lt: string }): Promise<void> {
    const found: [ScheduledRef, Record][] = [];
    for await (const [key, value] of this.#deps.kv.range(range))
      found.push([refOfScheduled(key), decodeStored(recordSchema, key, value)]);
    await this.#delete(found);
  }

  async #delete(records: readonly (readonly [ScheduledRef, Record])[]): Promise<void> {
    if (records.length === 0) return;
    const operations = records.flatMap(([ref, record]): Operation[] => [
      { type: 'del', key: scheduledKey(ref) },
      ...this.#replaced(ref, record)
    ]);
    await this.#deps.kv.batch(operations, { sync: true });
    this.#compactSoon();
    for (const user of new Set(records.map(([ref]) => ref.user))) this.#tell(user);
  }

  /** What goes with a record that goes or becomes another. */
  #replaced(ref: ScheduledRef, { due }: Record): Operation[] {
    return [
      ...(due === null ? [] : [{ type: 'del', key: dueKey(due, ref) } as const]),
      { type: 'put', key: SCHEDULED_REMAINS, value: new Uint8Array() }
    ];
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
    for await (const [key] of this.#deps.kv.range({ ...ALL_DUE, limit: 1 })) this.#plan(atOfDue(key));
  }

  async #sendDue(): Promise<void> {
    const { kv, timers } = this.#deps;
    const refs: ScheduledRef[] = [];
    for await (const [key] of kv.range({ ...dueUpTo(timers.nowMs()), limit: AT_ONCE })) refs.push(refOfDue(key));
    const slow = new Map<string, number>();
    for (const ref of refs) await this.#send(ref, slow);
    await this.#planNext();
  }

  /** @param slow by person and room, when the last of those is tried that wait for slow mode: one try is enough for all */
  async #send(ref: ScheduledRef, slow: Map<string, number>): Promise<void> {
    const { kv, timers } = this.#deps;
    const record = await this.#read(ref);
    if (!record || this.#closed) return;
    const place = `${ref.user}/${ref.room}`;
    const last = slow.get(place);
    const code = last === undefined ? await this.#tryAppend(ref, record) : 'slow';
    // `id-taken`: it was sent in another form, by a device that was not here when this one was kept.
    if (code === null || ENDINGS.includes(code)) return this.#delete([[ref, record]]);
    if (code === 'slow') {
      // One after the other, so that they stay in their order.
      const due = last === undefined ? timers.nowMs() + (await this.#turnMs(ref)) : last + 1;
      slow.set(place, due);
      return this.#postpone(ref, record, due);
    }
    const after: Record = { ...record, due: null, refused: code };
    await kv.batch(
      [...this.#replaced(ref, record), { type: 'put', key: scheduledKey(ref), value: encodeStored(after) }],
      { sync: true }
    );
    this.#compactSoon();
    this.#tell(ref.user);
  }

  /** A room that cannot be read or written now keeps nobody else's waiting. */
  async #tryAppend(ref: ScheduledRef, record: Record): Promise<RefusalCode | null> {
    try {
      return await this.#append(ref, record);
    } catch (error) {
      if (this.#closed) throw error;
      this.#deps.onError(error);
      return 'slow';
    }
  }

  async #append(ref: ScheduledRef, { entry, session }: Record): Promise<RefusalCode | null> {
    const { rooms, isOpen } = this.#deps;
    if (!(await this.#isTheirs(ref))) return 'not-member';
    // Nothing vouches for it but a session: what was revoked says nothing more.
    const isVouchedFor = entry.signature !== undefined || (session !== undefined && (await isOpen(ref.user, session)));
    return isVouchedFor ? rooms.append(entry, ref.room) : 'unsigned';
  }

  /** Nothing of what it says goes or changes: not synced, nothing to take off the disk, and no news to its author. */
  async #postpone(ref: ScheduledRef, record: Record, due: number): Promise<void> {
    await this.#deps.kv.batch(
      [
        ...(record.due === null ? [] : [{ type: 'del', key: dueKey(record.due, ref) } as const]),
        { type: 'put', key: scheduledKey(ref), value: encodeStored({ ...record, due } satisfies Record) },
        { type: 'put', key: dueKey(due, ref), value: new Uint8Array() }
      ],
      { sync: false }
    );
  }

  async #turnMs({ user, room }: ScheduledRef): Promise<number> {
    // What cannot be read now is tried again soon.
    const { slowSeconds = 0 } = (await this.#deps.rooms.summary(user, room).catch(() => null)) ?? {};
    return Math.max(AGAIN_AFTER_MS, (slowSeconds * 1_000) / TRIES_PER_TURN);
  }

  async #read(ref: ScheduledRef): Promise<Record | null> {
    const key = scheduledKey(ref);
    const value = await this.#deps.kv.get(key);
    return value ? decodeStored(recordSchema, key, value) : null;
  }

  async #count(user: UserId): Promise<number> {
    let count = 0;
    for await (const _ of this.#deps.kv.range(scheduledBy(user))) count += 1;
    return count;
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
    const { kv } = this.#deps;
    await kv.compactRange(ALL_SCHEDULED.gte, ALL_SCHEDULED.lt);
    await kv.batch([{ type: 'del', key: SCHEDULED_REMAINS }], { sync: true });
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
