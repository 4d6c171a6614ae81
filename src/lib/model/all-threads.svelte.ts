// One's own threads over all rooms: read whenever a room is read, kept on this device as where and how much, so that the
// list is there offline and without opening a room. Invariant: words come from where they stand, at the time they are asked.

import { isUserId } from '#protocol/ids.ts';
import type { News } from '../sync/news.ts';
import type { RoomReplica } from '../sync/room-replica.ts';
import type { SyncClient } from '../sync/sync-client.ts';
import type { PersonView } from './person-view.ts';
import type { RoomListItem } from './room-list-item.ts';
import { threadsOfReplica } from './loaded-room.ts';
import { soughtMessage } from './sought-message.ts';
import { threadRows, unseen, type ThreadRow, type ThreadRowsSource } from './thread-rows.ts';
import type { OwnThread, ThreadsModel, ThreadWords } from './threads-model.ts';

/** What is older is found in the list, and not told of: a room may be fetched long after something came in it. */
const TOLD_MS = 60_000;
/** More at a time are somebody's outbox. */
const AT_ONCE_MAX = 4;

interface Kept {
  readonly room: string;
  readonly rows: readonly ThreadRow[];
}

export interface AllThreadsOptions {
  readonly client: () => SyncClient | null;
  readonly rooms: () => readonly RoomListItem[];
  readonly person: (id: string) => PersonView;
  readonly news: (client: SyncClient, news: News) => void;
}

export class AllThreads implements ThreadsModel {
  readonly #options: AllThreadsOptions;
  #rows = $state.raw<ReadonlyMap<string, readonly ThreadRow[]>>(new Map());
  /** Grows when one has read further. */
  #marks = $state(0);
  /** What is read before the disk was would be taken for all there is. */
  #loading: Promise<void> = Promise.resolve();

  /** What came before the line did, epoch ms, is not told of either. */
  #lineSince = Infinity;

  constructor(options: AllThreadsOptions) {
    this.#options = options;
  }

  readonly #all = $derived.by((): readonly OwnThread[] => {
    void this.#marks;
    const client = this.#options.client();
    if (!client) return [];
    const rooms = new Set(this.#options.rooms().map(({ id }) => id));
    const all = [...this.#rows].flatMap(([room, rows]) =>
      rooms.has(room) ? rows.map((row) => ownThread(room, row, client.threadSeen(row.root))) : []
    );
    return all.sort((a, b) => Math.sign(b.unread) - Math.sign(a.unread) || b.at - a.at || (a.root < b.root ? -1 : 1));
  });
  readonly #new = $derived.by(() => {
    const found = new Map<string, { threads: number; mention: boolean }>();
    for (const { room, unread, mentions } of this.#all) {
      if (unread === 0) continue;
      const known = found.get(room) ?? { threads: 0, mention: false };
      found.set(room, { threads: known.threads + 1, mention: known.mention || mentions > 0 });
    }
    return found;
  });
  readonly #loud = $derived.by(() => {
    const quiet = new Set(this.#options.rooms().flatMap((room) => (room.muted || room.archived ? [room.id] : [])));
    return this.#all.filter(({ room, unread, mentions }) => mentions > 0 || (unread > 0 && !quiet.has(room)));
  });

  get all() {
    return this.#all;
  }
  get unread() {
    return this.#loud.length;
  }
  get mentioned() {
    return this.#loud.filter(({ mentions }) => mentions > 0).length;
  }
  newIn(room: string) {
    return this.#new.get(room) ?? null;
  }

  async words({ room, root, last }: OwnThread): Promise<ThreadWords> {
    const client = this.#options.client();
    if (!client) return { root: { kind: 'offline' }, last: { kind: 'offline' } };
    const page = this.#rows.get(room)?.find((row) => row.root === root)?.page ?? null;
    // Held, so that it is read once for both.
    const { release } = client.open(room);
    try {
      const read = async (id: string) =>
        soughtMessage(await client.finder.read(room, id, page), (person) => this.#options.person(person));
      return { root: await read(root), last: await read(last) };
    } finally {
      await release();
    }
  }

  /** Reads what is kept; another client has another disk. */
  begin(client: SyncClient): void {
    this.#rows = new Map();
    this.#loading = client.db
      .metas<Kept>(KEPT)
      .catch(() => [])
      .then((kept) => {
        if (this.#options.client() === client) this.#rows = new Map(kept.map(({ room, rows }) => [room, rows]));
      });
  }

  lineUp(client: SyncClient): void {
    this.#lineSince = client.serverNow();
  }
  lineDown(): void {
    this.#lineSince = Infinity;
  }

  end(): void {
    this.#rows = new Map();
    this.#lineSince = Infinity;
  }

  /** One has read further, here or elsewhere. */
  marksChanged(): void {
    this.#marks += 1;
  }

  /** A room that nobody looks at has come. */
  fetched(client: SyncClient, room: string, replica: RoomReplica): void {
    void this.read(client, room, threadsOfReplica(client, replica));
  }

  /** What is loaded of a room is another than before. */
  async read(client: SyncClient, room: string, source: ThreadRowsSource): Promise<void> {
    await this.#loading;
    if (client !== this.#options.client()) return;
    const before = this.#rows.get(room) ?? [];
    const rows = threadRows(source, before);
    if (JSON.stringify(rows) === JSON.stringify(before)) return;
    this.#take(client, room, rows);
    await client.hold(client.db.putMeta(`${KEPT}${room}`, { room, rows } satisfies Kept));
    client.announceThreads(room);
  }

  /** Another tab has read a room. */
  async elsewhere(client: SyncClient, room: string): Promise<void> {
    const kept = await client.db.meta<Kept>(`${KEPT}${room}`).catch(() => undefined);
    if (kept && client === this.#options.client()) this.#take(client, room, kept.rows);
  }

  #take(client: SyncClient, room: string, rows: readonly ThreadRow[]): void {
    const before = new Map(this.#rows.get(room)?.map((row) => [row.root, row]));
    this.#rows = new Map(this.#rows).set(room, rows);
    for (const row of rows) void this.#tell(client, room, row, before.get(row.root) ?? null);
  }

  /** Whoever looks at other things learns what has just come. */
  async #tell(client: SyncClient, room: string, row: ThreadRow, before: ThreadRow | null): Promise<void> {
    const known = new Set(before?.news.map(({ id }) => id));
    const from = Math.max(client.serverNow() - TOLD_MS, this.#lineSince);
    const came = unseen(row, client.threadSeen(row.root)).filter(({ id, at }) => !known.has(id) && at > from);
    const newest = came.at(-1);
    if (!newest || came.length > AT_ONCE_MAX) return;
    const found = await client.finder.read(room, newest.id);
    if (found.kind !== 'found' || client !== this.#options.client()) return;
    const said = soughtMessage(found, (person) => this.#options.person(person));
    const { author } = found.entry;
    if (said.kind !== 'there' || !isUserId(author)) return;
    const thread = { root: row.root, at: newest.at };
    this.#options.news(client, {
      ...{ room, n: 0, author, body: said.body, mentioned: came.some(({ mention }) => mention), thread }
    });
  }
}

const KEPT = 'threads/';

function ownThread(room: string, row: ThreadRow, seen: number | null): OwnThread {
  const news = unseen(row, seen);
  return {
    ...{ room, root: row.root, at: row.at, last: row.last, replies: row.whole ? row.replies : null },
    unread: news.length,
    mentions: news.filter(({ mention }) => mention).length
  };
}
