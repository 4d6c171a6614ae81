// The rooms of this person: the server's summaries, kept on disk, and the rooms made here that it does not know yet.
// Invariant: what is known is there at a cold start; the server's hello replaces it, never loses a room made here.

import type { RoomSummary } from '#protocol/control.ts';
import type { ReadRow, RoomRow, UserDb } from '../storage/user-db.ts';

export class RoomList {
  readonly #db: UserDb;
  readonly #rooms = new Map<string, RoomRow>();
  readonly #reads = new Map<string, ReadRow>();
  readonly #listeners = new Set<(changed: readonly string[]) => void>();
  /** The row changed on disk: other tabs want to know. */
  readonly #announce: (room: string) => void;

  constructor(db: UserDb, announce: (room: string) => void) {
    this.#db = db;
    this.#announce = announce;
  }

  async load(): Promise<void> {
    const [rooms, reads] = await Promise.all([this.#db.rooms(), this.#db.reads()]);
    for (const row of rooms) this.#rooms.set(row.id, row);
    for (const row of reads) this.#reads.set(row.room, row);
  }

  all(): RoomRow[] {
    return [...this.#rooms.values()];
  }
  get(id: string): RoomRow | undefined {
    return this.#rooms.get(id);
  }
  summary(id: string): RoomSummary | null {
    return this.#rooms.get(id)?.summary ?? null;
  }

  /** The n up to which this person has read, here or on another device. */
  readUpTo(id: string): number {
    return Math.max(this.summary(id)?.read ?? 0, this.#reads.get(id)?.n ?? 0);
  }

  /** Messages of others above what has been read, as far as it is known without opening the room. */
  unread(id: string): number {
    const summary = this.summary(id);
    if (!summary) return 0;
    const above = summary.n - this.readUpTo(id);
    return Math.max(0, Math.min(summary.unread, above));
  }

  /** Another tab made or changed the room. */
  async reload(id: string): Promise<void> {
    const row = (await this.#db.rooms().catch(() => [])).find((candidate) => candidate.id === id);
    if (!row) return;
    this.#rooms.set(id, row);
    this.#tell([id]);
  }

  /** A room made on this device. */
  async add(id: string): Promise<void> {
    if (this.#rooms.has(id)) return;
    await this.#put([{ id, summary: null, head: 0, fetched: null }]);
    this.#announce(id);
  }

  /** The hello's list is all there is, beside rooms that the server has not seen. */
  async replace(summaries: readonly RoomSummary[], isOurs: (id: string) => boolean): Promise<void> {
    const listed = new Set(summaries.map(({ id }) => id));
    const gone = this.all()
      .filter(({ id, summary }) => !listed.has(id) && (summary !== null || !isOurs(id)))
      .map(({ id }) => id);
    await this.#put(
      summaries.map((summary) => this.#withSummary(summary)),
      gone
    );
  }

  async change(summaries: readonly RoomSummary[], gone: readonly string[]): Promise<void> {
    await this.#put(
      summaries.map((summary) => this.#withSummary(summary)),
      gone
    );
  }

  async setHead(id: string, head: number | null): Promise<void> {
    const row = this.#rooms.get(id);
    if (row && row.head !== head) await this.#put([{ ...row, head }]);
    if (!row && head !== null) await this.#db.putMeta(visited(id), head);
  }

  /** The newest page that this device has of a room the person only looked at; null: none. */
  async visitedHead(id: string): Promise<number | null> {
    return (await this.#db.meta<number>(visited(id)).catch(() => null)) ?? null;
  }

  /** Rooms that are on this device's disk, and up to which Arrival.n. */
  *stored(): Iterable<readonly [room: string, n: number]> {
    for (const { id, summary, fetched } of this.#rooms.values()) {
      if (summary?.role && fetched !== null) yield [id, Number(fetched.split('/')[1])];
    }
  }

  async setFetched(id: string, fetched: string): Promise<void> {
    const row = this.#rooms.get(id);
    if (row && row.fetched !== fetched) await this.#put([{ ...row, fetched }]);
  }

  /** @returns false when it was read that far already */
  async markRead(id: string, n: number): Promise<boolean> {
    if (n <= this.readUpTo(id)) return false;
    await this.#putRead({ room: id, n });
    return true;
  }

  /** Read markers that the server's last word is below. */
  untold(): ReadRow[] {
    return [...this.#reads.values()].filter(({ room, n }) => {
      const summary = this.summary(room);
      return summary !== null && n > summary.read;
    });
  }

  /** Another device read the room. */
  async readElsewhere(id: string, n: number, unread: number): Promise<void> {
    const row = this.#rooms.get(id);
    if (!row?.summary || n < row.summary.read) return;
    await this.#put([{ ...row, summary: { ...row.summary, read: n, unread } }]);
  }

  /** When the first of the lines disappears, epoch ms; Infinity: none does. */
  get nextUntil(): number {
    return this.all().reduce((first, { summary }) => Math.min(first, lineUntil(summary)), Infinity);
  }

  /** Takes lines away whose message has disappeared. @param nowMs by the server's clock */
  async expire(nowMs: number): Promise<void> {
    const due = this.all().flatMap((row) => {
      const { summary } = row;
      if (!summary?.last || lineUntil(summary) > nowMs) return [];
      const { until: _, ...last } = summary.last;
      return [{ ...row, summary: { ...summary, last: { ...last, type: 'disappeared', body: '' } } }];
    });
    if (due.length > 0) await this.#put(due);
  }

  listen(listener: (changed: readonly string[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #withSummary(summary: RoomSummary): RoomRow {
    const row = this.#rooms.get(summary.id);
    return row ? { ...row, summary } : { id: summary.id, summary, head: null, fetched: null };
  }

  async #put(rows: readonly RoomRow[], gone: readonly string[] = []): Promise<void> {
    for (const row of rows) this.#rooms.set(row.id, row);
    for (const id of gone) this.#rooms.delete(id);
    this.#tell([...rows.map(({ id }) => id), ...gone]);
    if (rows.length > 0 || gone.length > 0) await this.#db.putRooms(rows, gone);
  }

  async #putRead(row: ReadRow): Promise<void> {
    this.#reads.set(row.room, row);
    this.#tell([row.room]);
    await this.#db.putReads([row]);
  }

  #tell(changed: readonly string[]): void {
    for (const listener of [...this.#listeners]) listener(changed);
  }
}

const lineUntil = (summary: RoomSummary | null): number =>
  summary?.last?.type === 'disappeared' ? Infinity : (summary?.last?.until ?? Infinity);

const visited = (id: string): string => `visited/${id}`;
