// What is on the disk of messages that are sent later: each one, when it is due, and the files that it lets go of.
// Invariant: a record and its place among those that are due change in one batch; what a record said before is off the
// disk after the next compaction, which a mark asks for over a restart too.

import * as v from 'valibot';
import { blobClaimsOf, type Entry } from '#protocol/entry.ts';
import type { UserId } from '#protocol/ids.ts';
import { REFUSAL_CODES, type RefusalCode } from '#protocol/refusal-codes.ts';
import { freshKey } from '../blobs/blob-keys.ts';
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
  scheduledKey,
  type ScheduledRef
} from './scheduled-keys.ts';

export const scheduledRecordSchema = v.strictObject({
  // Checked on its way in, and again on its way into the room.
  entry: v.custom<Entry>((value) => typeof value === 'object' && value !== null),
  /** When it is tried next, epoch ms; null: it was refused. */
  due: v.nullable(v.number()),
  refused: v.nullable(v.picklist(REFUSAL_CODES)),
  /** Of an entry that no device has signed: the session whose word it is. */
  session: v.optional(v.string())
});
export type ScheduledRecord = v.InferOutput<typeof scheduledRecordSchema>;

/** All methods reject with a StoreError where the store fails. */
export class ScheduledRecords {
  readonly #kv: KeyValue;
  readonly #timers: Pick<Timers, 'nowMs'>;

  constructor(kv: KeyValue, timers: Pick<Timers, 'nowMs'>) {
    this.#kv = kv;
    this.#timers = timers;
  }

  async get(ref: ScheduledRef): Promise<ScheduledRecord | null> {
    const key = scheduledKey(ref);
    const value = await this.#kv.get(key);
    return value ? decodeStored(scheduledRecordSchema, key, value) : null;
  }

  /** Of everybody. */
  async *refs(): AsyncGenerator<ScheduledRef> {
    for await (const [key] of this.#kv.range(ALL_SCHEDULED)) yield refOfScheduled(key);
  }

  async in(range: { gte: string; lt: string }): Promise<[ScheduledRef, ScheduledRecord][]> {
    const found: [ScheduledRef, ScheduledRecord][] = [];
    for await (const [key, value] of this.#kv.range(range))
      found.push([refOfScheduled(key), decodeStored(scheduledRecordSchema, key, value)]);
    return found;
  }

  async countOf(user: UserId): Promise<number> {
    let count = 0;
    for await (const _ of this.#kv.range(scheduledBy(user))) count += 1;
    return count;
  }

  /** Those whose time has come, soonest first. */
  async due(limit: number): Promise<ScheduledRef[]> {
    const refs: ScheduledRef[] = [];
    for await (const [key] of this.#kv.range({ ...dueUpTo(this.#timers.nowMs()), limit })) refs.push(refOfDue(key));
    return refs;
  }

  /** When the next one is due, epoch ms. */
  async nextDueAt(): Promise<number | null> {
    for await (const [key] of this.#kv.range({ ...ALL_DUE, limit: 1 })) return atOfDue(key);
    return null;
  }

  async keep(ref: ScheduledRef, entry: Entry, session: string, before: ScheduledRecord | null): Promise<void> {
    const due = entry.sentAt;
    const record: ScheduledRecord = { entry, due, refused: null, ...(entry.signature === undefined && { session }) };
    await this.#kv.batch(
      [...(before ? [...this.#replaced(ref, before), ...this.#letGo(ref, before)] : []), ...putDue(ref, record, due)],
      { sync: true }
    );
  }

  async delete(records: readonly (readonly [ScheduledRef, ScheduledRecord])[]): Promise<void> {
    const operations = records.flatMap(([ref, record]): Operation[] => [
      { type: 'del', key: scheduledKey(ref) },
      ...this.#replaced(ref, record),
      ...this.#letGo(ref, record)
    ]);
    await this.#kv.batch(operations, { sync: true });
  }

  /** It stays with the reason, and is not tried again. Nothing of what it says goes. */
  async refuse(ref: ScheduledRef, record: ScheduledRecord, code: RefusalCode): Promise<void> {
    const refused: ScheduledRecord = { ...record, due: null, refused: code };
    await this.#kv.batch(
      [...noMoreDue(ref, record), { type: 'put', key: scheduledKey(ref), value: encodeStored(refused) }],
      { sync: true }
    );
  }

  /** Nothing of what it says goes or changes: not synced, and nothing to take off the disk. */
  async postpone(ref: ScheduledRef, record: ScheduledRecord, due: number): Promise<void> {
    await this.#kv.batch([...noMoreDue(ref, record), ...putDue(ref, record, due)], { sync: false });
  }

  /** Whether something went whose bytes are still on the disk. */
  async hasRemains(): Promise<boolean> {
    return (await this.#kv.get(SCHEDULED_REMAINS)) !== undefined;
  }

  /** Nothing else may be deleted meanwhile: its mark would go, too. */
  async compact(): Promise<void> {
    await this.#kv.compactRange(ALL_SCHEDULED.gte, ALL_SCHEDULED.lt);
    await this.#kv.batch([{ type: 'del', key: SCHEDULED_REMAINS }], { sync: true });
  }

  /** The files of a record that goes or becomes another may have stayed for it alone: they are looked at after a day. */
  #letGo({ user }: ScheduledRef, { entry }: ScheduledRecord): Operation[] {
    const nowMs = this.#timers.nowMs();
    return blobClaimsOf(entry).map(
      ({ hash }) => ({ type: 'put', key: freshKey(nowMs, hash, user), value: new Uint8Array() }) as const
    );
  }

  /** What goes with a record that goes or becomes another. */
  #replaced(ref: ScheduledRef, record: ScheduledRecord): Operation[] {
    return [...noMoreDue(ref, record), { type: 'put', key: SCHEDULED_REMAINS, value: new Uint8Array() }];
  }
}

const noMoreDue = (ref: ScheduledRef, { due }: ScheduledRecord): Operation[] =>
  due === null ? [] : [{ type: 'del', key: dueKey(due, ref) }];

const putDue = (ref: ScheduledRef, record: ScheduledRecord, due: number): Operation[] => [
  { type: 'put', key: scheduledKey(ref), value: encodeStored({ ...record, due } satisfies ScheduledRecord) },
  { type: 'put', key: dueKey(due, ref), value: new Uint8Array() }
];
