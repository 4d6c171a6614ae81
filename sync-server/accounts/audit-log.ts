// What was done in the name of the host or as an administrator, in order, for good.
// Invariant: lines are only ever added, and carry names and settings, never a secret.

import * as v from 'valibot';
import type { AuditLine } from '#protocol/api/admin.ts';
import type { KeyValue, Operation } from '../store/key-value.ts';
import { decodeStored, encodeStored } from '../store/stored-json.ts';
import { ALL_AUDIT_LINES, auditKey } from './account-keys.ts';

/** In the place of a user id: the host, at the command line. */
export const COMMAND_LINE = 'command-line';
const AUDIT_PAGE_LINES = 50;
/** What a person typed is cut to this: a name, not an essay. */
const DETAIL_MAX_CHARS = 500;

const auditLine = v.object({
  at: v.number(),
  by: v.string(),
  act: v.string(),
  target: v.string(),
  detail: v.string()
});

export interface AuditedAct {
  /** User id, or COMMAND_LINE. */
  readonly by: string;
  /** "user.suspend", "room.delete" … */
  readonly act: string;
  /** Id of what it is done to, or ''. */
  readonly target: string;
  readonly detail: string;
}

export class AuditLog {
  readonly #kv: KeyValue;
  readonly #now: () => number;
  #last: number;

  private constructor(kv: KeyValue, now: () => number, last: number) {
    this.#kv = kv;
    this.#now = now;
    this.#last = last;
  }

  /** Rejects with StoreError. */
  static async open(kv: KeyValue, now: () => number): Promise<AuditLog> {
    let last = 0;
    for await (const [key] of kv.range({ ...ALL_AUDIT_LINES, reverse: true, limit: 1 })) last = numberOf(key);
    return new AuditLog(kv, now, last);
  }

  /** The line as part of a batch: then the act and its line are written both or neither. */
  line({ by, act, target, detail }: AuditedAct): Operation {
    this.#last += 1;
    const line = { at: this.#now(), by, act, target, detail: detail.slice(0, DETAIL_MAX_CHARS) };
    return { type: 'put', key: auditKey(this.#last), value: encodeStored(line) };
  }

  /** For acts whose own writing lies elsewhere; written once they are done. */
  async add(act: AuditedAct): Promise<void> {
    await this.#kv.batch([this.line(act)], { sync: true });
  }

  /**
   * Newest first.
   * @param before id of a line: only older ones; null starts with the newest
   */
  async page(before: number | null): Promise<AuditLine[]> {
    const lines: AuditLine[] = [];
    const { gte, lt } = ALL_AUDIT_LINES;
    const range = { gte, lt: before === null ? lt : auditKey(before), reverse: true, limit: AUDIT_PAGE_LINES };
    for await (const [key, value] of this.#kv.range(range)) {
      lines.push({ id: String(numberOf(key)), ...decodeStored(auditLine, key, value) });
    }
    return lines;
  }
}

const numberOf = (key: string): number => Number(key.slice(key.lastIndexOf('/') + 1));
