// The rooms of this person: the server's summaries, kept on disk, and the rooms made here that it does not know yet.
// Invariant: what is known is there at a cold start; the server's hello replaces it, never loses a room made here.

import type { RoomSummary } from '#protocol/control.ts';
import type { ReadRow, RoomRow, UserDb } from '../storage/user-db.ts';
import type { ServerTime } from './server-clock.ts';

/** Of a room that the person is not in, as it was looked at or left. */
interface VisitedRow {
  readonly id: string;
  /** The newest page here. */
  readonly head: number;
  /** The newest thing there that is here; null: nobody knows. */
  readonly seen: string | null;
}

/** A room that the person is not in, with a copy on this device. */
interface Visited {
  readonly id: string;
  /** Pages that were its newest here. */
  readonly heads: readonly number[];
  /** The newest thing there that is here; null: nobody knows. */
  readonly seen: string | null;
}

export class RoomList {
  readonly #db: UserDb;
  readonly #rooms = new Map<string, RoomRow>();
  readonly #reads = new Map<string, ReadRow>();
  readonly #listeners = new Set<(changed: readonly string[]) => void>();
  /** The row changed on disk: other tabs want to know. */
  readonly #announce: (room: string) => void;

  readonly #time: ServerTime;
  /** Rows as people see them whose line has disappeared as far as this device knows. */
  readonly #hidden = new WeakMap<RoomRow, RoomRow>();

  constructor(db: UserDb, time: ServerTime, announce: (room: string) => void) {
    this.#db = db;
    this.#time = time;
    this.#announce = announce;
  }

  async load(): Promise<void> {
    const [rooms, reads] = await Promise.all([this.#db.rooms(), this.#db.reads()]);
    for (const row of rooms) this.#rooms.set(row.id, row);
    for (const row of reads) this.#reads.set(row.room, row);
  }

  all(): RoomRow[] {
    return [...this.#rooms.values()].map((row) => this.#inSight(row));
  }
  get(id: string): RoomRow | undefined {
    const row = this.#rooms.get(id);
    return row && this.#inSight(row);
  }
  summary(id: string): RoomSummary | null {
    return this.get(id)?.summary ?? null;
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
    if (row || head === null) return;
    const before = await this.#db.meta<VisitedRow>(visited(id)).catch(() => null);
    if (before?.head !== head) await this.#db.putMeta(visited(id), { id, head, seen: null } satisfies VisitedRow);
  }

  /** The newest page that this device has of a room the person only looked at; null: none. */
  async visitedHead(id: string): Promise<number | null> {
    return (await this.#db.meta<VisitedRow | null>(visited(id)).catch(() => null))?.head ?? null;
  }

  /** Rooms that this person is not in, and of which there is something on this device. */
  async visited(): Promise<readonly Visited[]> {
    return (await this.#everVisited()).filter(({ id }) => !this.#rooms.has(id));
  }

  /** Rooms that this person is in again and that are synced, with the pages that were their newest here before. */
  async rejoined(): Promise<readonly Pick<Visited, 'id' | 'heads'>[]> {
    return (await this.#everVisited()).flatMap(({ id, heads }) => {
      const now = this.#rooms.get(id)?.head ?? null;
      return now === null ? [] : [{ id, heads: heads.filter((head) => head < now) }];
    });
  }

  async #everVisited(): Promise<readonly Visited[]> {
    const kept = await Promise.all([VISITED, LEFT].map((prefix) => this.#db.metas<VisitedRow | null>(prefix)));
    const rooms = new Map<string, Visited>();
    for (const row of kept.flat()) {
      if (!row) continue;
      const { id, head, seen } = row;
      const other = rooms.get(id);
      rooms.set(id, {
        id,
        heads: [...new Set([...(other?.heads ?? []), head])],
        seen: !other || other.seen === seen ? seen : null
      });
    }
    return [...rooms.values()];
  }

  /** All that was there up to this is on this device, and of its pages in documents only the newest has to be. */
  async setSeen(id: string, seen: string): Promise<void> {
    for (const key of [visited(id), left(id)]) {
      const row = await this.#db.meta<VisitedRow | null>(key);
      if (row) await this.#db.putMeta(key, { ...row, head: Math.max(row.head, headOf(seen)), seen });
    }
  }

  /** Nothing of it is on this device any more, or the person is in it again. */
  async forgetVisited(id: string): Promise<void> {
    for (const key of [visited(id), left(id)]) await this.#db.putMeta(key, null);
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

  /** When the next of the lines disappears from sight, epoch ms; Infinity: none does. */
  get nextUntil(): number {
    const nowMs = this.#time.now();
    return this.#first((until) => until > nowMs);
  }
  /** When the first of the lines is to be deleted. */
  get nextDrop(): number {
    return this.#first(() => true);
  }

  /** Lets people see which lines have disappeared, or have come back; those that have for certain are deleted. */
  async expire(): Promise<void> {
    const [rows, provenMs] = [[...this.#rooms.values()], this.#time.proven()];
    const due = rows.filter(({ summary }) => lineUntil(summary) <= provenMs);
    if (due.length > 0) await this.#put(due.map(withoutLine));
    const fleeting = rows.filter(({ summary }) => lineUntil(summary) < Infinity);
    if (fleeting.length > 0) this.#tell(fleeting.map(({ id }) => id));
  }

  #first(among: (until: number) => boolean): number {
    const untils = [...this.#rooms.values()].map(({ summary }) => lineUntil(summary));
    return untils.filter(among).reduce((first, until) => Math.min(first, until), Infinity);
  }

  /** The same row as long as nothing about it changes. */
  #inSight(row: RoomRow): RoomRow {
    if (lineUntil(row.summary) > this.#time.now()) return row;
    let hidden = this.#hidden.get(row);
    if (!hidden) this.#hidden.set(row, (hidden = withoutLine(row)));
    return hidden;
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
    const kept = gone.flatMap((id): VisitedRow[] => {
      const { head = null, fetched = null } = this.#rooms.get(id) ?? {};
      return head === null ? [] : [{ id, head, seen: fetched }];
    });
    for (const id of gone) this.#rooms.delete(id);
    this.#tell([...rows.map(({ id }) => id), ...gone]);
    for (const row of kept) await this.#db.putMeta(left(row.id), row);
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

/** The place of the newest thing in a room, an edit or erasure too. */
export function newestOf(summary: RoomSummary): string {
  // Summaries that a version before kept do not tell of replies, nor servers of before of changes.
  const { head, n, last, replies = 0, changes = 0 } = summary as Partial<RoomSummary> & RoomSummary;
  const told = changes > 0 ? `/${replies}/${changes}` : replies > 0 ? `/${replies}` : '';
  return `${head}/${n}/${last?.id ?? ''}${told}`;
}

/** The newest page by it. */
export const headOf = (newest: string): number => Number(newest.split('/')[0]);

const lineUntil = (summary: RoomSummary | null): number =>
  summary?.last?.type === 'disappeared' ? Infinity : (summary?.last?.until ?? Infinity);

function withoutLine(row: RoomRow): RoomRow {
  if (!row.summary?.last) return row;
  const { until: _, ...last } = row.summary.last;
  return { ...row, summary: { ...row.summary, last: { ...last, type: 'disappeared', body: '' } } };
}

const VISITED = 'visited/';
const LEFT = 'left/';
const visited = (id: string): string => `${VISITED}${id}`;
const left = (id: string): string => `${LEFT}${id}`;
