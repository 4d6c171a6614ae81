// Reports of messages to the moderators of their room. Invariant: one for each person and entry, so that who reports
// again says it better and not twice; a person has REPORTS_MAX open ones at most.

import { randomBytes } from 'node:crypto';
import * as v from 'valibot';
import type { NewReport, Report } from '#protocol/api/report.ts';
import type { RoomId, UserId } from '#protocol/ids.ts';
import { REPORTS_MAX } from '#protocol/limits.ts';
import type { KeyValue, Operation } from '../store/key-value.ts';
import { decodeStored, encodeStored } from '../store/stored-json.ts';
import { reportByKey, reportKey, reportsBy, reportsOfRoom } from './account-keys.ts';
import { OneAtATime } from './one-at-a-time.ts';

const reportRecord = v.object({
  entry: v.string(),
  reason: v.string(),
  by: v.string(),
  of: v.string(),
  at: v.number()
});

export class Reports {
  readonly #kv: KeyValue;
  readonly #now: () => number;
  readonly #writing = new OneAtATime();

  constructor({ kv, now }: { kv: KeyValue; now: () => number }) {
    this.#kv = kv;
    this.#now = now;
  }

  /** @param of author of the entry */
  async add(room: RoomId, by: UserId, of: string, { entry, reason }: NewReport): Promise<'ok' | 'too-many'> {
    return this.#writing.run(async () => {
      const byKey = reportByKey(by, room, entry);
      const before = await this.#kv.get(byKey);
      if (!before && (await this.openBy(by)) >= REPORTS_MAX) return 'too-many';
      const id = before ? decodeStored(v.string(), byKey, before) : randomBytes(12).toString('base64url');
      const record = { entry, reason, by, of, at: this.#now() };
      await this.#kv.batch(
        [
          { type: 'put', key: reportKey(room, id), value: encodeStored(record) },
          { type: 'put', key: byKey, value: encodeStored(id) }
        ],
        { sync: true }
      );
      return 'ok';
    });
  }

  /** Oldest first. */
  async ofRoom(room: RoomId): Promise<Report[]> {
    const reports: Report[] = [];
    for await (const [key, value] of this.#kv.range(reportsOfRoom(room))) {
      reports.push({ id: key.slice(key.lastIndexOf('/') + 1), ...decodeStored(reportRecord, key, value) });
    }
    return reports.sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
  }

  /** False: there is none (any more). */
  async settle(room: RoomId, id: string): Promise<boolean> {
    return this.#writing.run(async () => {
      const [report] = (await this.ofRoom(room)).filter((one) => one.id === id);
      if (report) await this.#kv.batch(removal(room, report), { sync: true });
      return report !== undefined;
    });
  }

  /** The room is gone, and with it what was reported. */
  async removeOf(room: RoomId): Promise<void> {
    await this.#writing.run(async () => {
      const operations = (await this.ofRoom(room)).flatMap((report) => removal(room, report));
      if (operations.length > 0) await this.#kv.batch(operations, { sync: true });
    });
  }

  /** What goes with the account: what its person reported. */
  async erasure(user: UserId): Promise<Operation[]> {
    const operations: Operation[] = [];
    for await (const [key, value] of this.#kv.range(reportsBy(user))) {
      const room = key.split('/')[2]!;
      operations.push(
        { type: 'del', key },
        { type: 'del', key: reportKey(room, decodeStored(v.string(), key, value)) }
      );
    }
    return operations;
  }

  /** How many of a person's nobody has settled yet, of either kind; counted as far as it matters. */
  async openBy(user: UserId): Promise<number> {
    let open = 0;
    for await (const _ of this.#kv.range({ ...reportsBy(user), limit: REPORTS_MAX })) open += 1;
    return open;
  }
}

const removal = (room: RoomId, { id, by, entry }: Report): Operation[] => [
  { type: 'del', key: reportKey(room, id) },
  { type: 'del', key: reportByKey(by, room, entry) }
];
