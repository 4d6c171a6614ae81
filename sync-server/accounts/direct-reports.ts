// Reports out of conversations of certain people, which have no moderators: to the administrators, with the words as the
// reporter saw them. Invariant: one open report for each person and entry; the words go when the report is settled, or
// with the account of who wrote them, so that nothing outlives the need for it.

import { randomBytes } from 'node:crypto';
import * as v from 'valibot';
import type { AdminReport } from '#protocol/api/admin.ts';
import { roomKind } from '#protocol/entry-fields.ts';
import type { RoomId, UserId } from '#protocol/ids.ts';
import { REPORTS_MAX } from '#protocol/limits.ts';
import type { KeyValue, Operation } from '../store/key-value.ts';
import { decodeStored, encodeStored } from '../store/stored-json.ts';
import { ALL_DIRECT_REPORTS, directReportKey, reportByKey } from './account-keys.ts';
import { OneAtATime } from './one-at-a-time.ts';
import type { Reports } from './reports.ts';

const PAGE_REPORTS = 50;

const reportRecord = v.object({
  room: v.string(),
  kind: roomKind,
  entry: v.string(),
  by: v.string(),
  of: v.string(),
  at: v.number(),
  reason: v.string(),
  /** null: the reporter's device did not give them, or they are erased. */
  body: v.nullable(v.string()),
  settled: v.nullable(v.object({ by: v.string(), at: v.number() }))
});
type ReportRecord = v.InferOutput<typeof reportRecord>;
export type NewDirectReport = Omit<ReportRecord, 'at' | 'settled'>;

export class DirectReports {
  readonly #kv: KeyValue;
  readonly #now: () => number;
  readonly #reports: Pick<Reports, 'openBy'>;
  readonly #writing = new OneAtATime();

  constructor({ kv, now, reports }: { kv: KeyValue; now: () => number; reports: Pick<Reports, 'openBy'> }) {
    this.#kv = kv;
    this.#now = now;
    this.#reports = reports;
  }

  /** Who reports again says it better and not twice. */
  async add(report: NewDirectReport): Promise<'ok' | 'too-many'> {
    return this.#writing.run(async () => {
      const byKey = reportByKey(report.by, report.room, report.entry);
      const before = await this.#kv.get(byKey);
      if (!before && (await this.#reports.openBy(report.by)) >= REPORTS_MAX) return 'too-many';
      const at = this.#now();
      const id = before ? decodeStored(v.string(), byKey, before) : newId(at);
      await this.#kv.batch([put(id, { ...report, at, settled: null }), putId(byKey, id)], { sync: true });
      return 'ok';
    });
  }

  /** Newest first. @param before id of the last one of the page before; null starts */
  async page(settled: boolean, before: string | null): Promise<AdminReport[]> {
    const page: AdminReport[] = [];
    const { gte, lt } = ALL_DIRECT_REPORTS;
    const range = { gte, lt: before === null ? lt : directReportKey(before), reverse: true };
    for await (const [key, value] of this.#kv.range(range)) {
      const record = decodeStored(reportRecord, key, value);
      if ((record.settled !== null) !== settled) continue;
      page.push({ id: idOf(key), ...record });
      if (page.length === PAGE_REPORTS) break;
    }
    return page;
  }

  /** An open one; null: there is none (any more). */
  async open(id: string): Promise<AdminReport | null> {
    const record = await this.#record(id);
    return record && record.settled === null ? { id, ...record } : null;
  }

  /** @param also written in the same batch. False: it was settled before. */
  async settle(id: string, by: UserId, also: readonly Operation[]): Promise<boolean> {
    const settled = await this.#writing.run(async () => {
      const record = await this.#record(id);
      if (!record || record.settled) return false;
      const done = { ...record, body: null, settled: { by, at: this.#now() } };
      const open: Operation = { type: 'del', key: reportByKey(record.by, record.room, record.entry) };
      await this.#kv.batch([put(id, done), open, ...also], { sync: true });
      return true;
    });
    if (settled) await this.#compact();
    return settled;
  }

  /** The room is gone, and with it what was reported. */
  async removeOf(room: RoomId): Promise<void> {
    const removed = await this.#writing.run(async () => {
      const operations = await this.#each((id, record) =>
        record.room === room
          ? [
              { type: 'del', key: directReportKey(id) },
              { type: 'del', key: reportByKey(record.by, record.room, record.entry) }
            ]
          : []
      );
      if (operations.length > 0) await this.#kv.batch(operations, { sync: true });
      return operations.length > 0;
    });
    if (removed) await this.#compact();
  }

  /** What goes with the account: what its person reported, and their words in what others did. */
  erasure(user: UserId): Promise<Operation[]> {
    return this.#each((id, record) => {
      if (record.by === user) return [{ type: 'del', key: directReportKey(id) }];
      return record.of === user && record.body !== null ? [put(id, { ...record, body: null })] : [];
    });
  }

  async #each(operations: (id: string, record: ReportRecord) => readonly Operation[]): Promise<Operation[]> {
    const all: Operation[] = [];
    for await (const [key, value] of this.#kv.range(ALL_DIRECT_REPORTS)) {
      all.push(...operations(idOf(key), decodeStored(reportRecord, key, value)));
    }
    return all;
  }

  async #record(id: string): Promise<ReportRecord | null> {
    if (!isDirectReportId(id)) return null;
    const value = await this.#kv.get(directReportKey(id));
    return value ? decodeStored(reportRecord, directReportKey(id), value) : null;
  }

  /** The words leave the disk, not the record alone. */
  #compact(): Promise<void> {
    return this.#kv.compactRange(ALL_DIRECT_REPORTS.gte, ALL_DIRECT_REPORTS.lt);
  }
}

/** Key order is their order. */
const newId = (at: number): string => `${String(at).padStart(15, '0')}-${randomBytes(9).toString('base64url')}`;
export const isDirectReportId = (id: string): boolean => /^\d{15}-[\w-]{12}$/.test(id);
const idOf = (key: string): string => key.slice(key.indexOf('/') + 1);

const put = (id: string, record: ReportRecord): Operation => ({
  type: 'put',
  key: directReportKey(id),
  value: encodeStored(record)
});
const putId = (key: string, id: string): Operation => ({ type: 'put', key, value: encodeStored(id) });
