// RoomLog over any KeyValue. One synced batch at a time, over all rooms: what comes in while it is syncing goes into
// the next. A batch that fails rejects all that is in it and all that waits, since what waits was built on it.
//
//   loop while anything waits:
//     take a group, in the order of the calls
//     heads of its rooms, from disk where not known
//     per commit: another position than expected → that one rejects 'conflict'; else stage head and operations
//     one batch, synced
//     failed    → forget the known heads, reject the group and the queue
//     succeeded → per commit, in order: call the room's subscribers, resolve

import type { RoomId } from '#protocol/ids.ts';
import { checkKey } from './key-order.ts';
import { StoreError } from './key-value.ts';
import type { KeyValue, Operation } from './key-value.ts';
import { decodeHead, encodeHead, headKey, isLogKey, positionOfKey, recordKey } from './log-keys.ts';
import type { LogHead } from './log-keys.ts';
import type { LoggedRecord, RoomCommit, RoomLog } from './room-log.ts';

/** Bounds how long a commit waits for its neighbours: a group takes no more commits once it holds this much. */
const GROUP_MAX_BYTES = 4 * 1024 * 1024;
/** Heads kept in memory. Past it all are dropped and read again as they are needed. */
const KNOWN_HEADS_MAX = 10_000;

interface Waiting {
  readonly room: RoomId;
  readonly bytes: number;
  /** The new head and what becomes true with it, or the StoreError that this one alone rejects with. */
  readonly stage: (head: LogHead) => Staged | StoreError;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

interface Staged {
  readonly head: LogHead;
  readonly operations: readonly Operation[];
  /** What subscribers are told. */
  readonly logged: LoggedRecord | null;
}

type Listener = (record: LoggedRecord) => void;

export class KeyValueRoomLog implements RoomLog {
  readonly #kv: KeyValue;
  readonly #subscribers = new Map<RoomId, Set<Listener>>();
  /** As on disk. Empty after a failure, when nobody knows what is there. */
  readonly #heads = new Map<RoomId, LogHead>();
  #queue: Waiting[] = [];
  #committing = false;

  constructor(kv: KeyValue) {
    this.#kv = kv;
  }

  async position(room: RoomId): Promise<number> {
    return (await this.#headOnDisk(room)).position;
  }

  async append(commit: RoomCommit): Promise<void> {
    const { room, expected, record, operations, trimBelow = 0 } = commit;
    checkRoom(room);
    for (const { key } of operations) {
      checkKey(key);
      if (isLogKey(key)) throw new TypeError(`${key} belongs to the log`);
    }
    const bytes = operations.reduce((sum, o) => sum + (o.type === 'put' ? o.value.length : 0), record.length);
    await this.#enqueue(room, bytes, (head) => {
      if (head.position !== expected) {
        return new StoreError('conflict', `room ${room} is at ${head.position}, not at ${expected}`);
      }
      return {
        head: { first: Math.max(head.first, Math.min(trimBelow, expected)), position: expected + 1 },
        operations: [
          { type: 'put', key: recordKey(room, expected), value: record },
          ...operations,
          ...trimmed(room, head.first, Math.min(trimBelow, expected))
        ],
        logged: { position: expected, record }
      };
    });
  }

  async *read(room: RoomId, from: number): AsyncGenerator<LoggedRecord> {
    checkRoom(room);
    const head = await this.#headOnDisk(room);
    let next = Math.max(from, head.first);
    const range = { gte: recordKey(room, next), lt: recordKey(room, head.position) };
    if (next >= head.position) return;
    let started = false;
    for await (const [key, record] of this.#kv.range(range)) {
      const position = positionOfKey(key);
      // Records may have been trimmed between the two reads; nothing else takes them away.
      if (!started && position > next) next = Math.max(next, (await this.#headOnDisk(room)).first);
      if (position !== next) throw gap(room, next);
      started = true;
      yield { position, record };
      next++;
    }
    if (!started) next = Math.max(next, (await this.#headOnDisk(room)).first);
    // LevelDB skips damaged stretches of its own log without a word, so a gap is looked for here.
    if (next < head.position) throw gap(room, next);
  }

  subscribe(room: RoomId, listener: Listener): () => void {
    const listeners = this.#subscribers.get(room) ?? new Set();
    this.#subscribers.set(room, listeners);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#subscribers.get(room) === listeners) this.#subscribers.delete(room);
    };
  }

  async trim(room: RoomId, below: number): Promise<void> {
    checkRoom(room);
    await this.#enqueue(room, 0, (head) => {
      const first = Math.min(Math.max(below, head.first), head.position);
      return { head: { ...head, first }, operations: trimmed(room, head.first, first), logged: null };
    });
  }

  async #headOnDisk(room: RoomId): Promise<LogHead> {
    return decodeHead(room, await this.#kv.get(headKey(room)));
  }

  #enqueue(room: RoomId, bytes: number, stage: Waiting['stage']): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ room, bytes, stage, resolve, reject });
      if (!this.#committing) void this.#commitAll();
    });
  }

  async #commitAll(): Promise<void> {
    this.#committing = true;
    // All appends of one turn go into one group, the first too.
    await Promise.resolve();
    while (this.#queue.length > 0) await this.#commitGroup(this.#takeGroup());
    this.#committing = false;
  }

  #takeGroup(): Waiting[] {
    let bytes = 0;
    const end = this.#queue.findIndex((waiting) => (bytes += waiting.bytes) > GROUP_MAX_BYTES);
    return this.#queue.splice(0, end === -1 ? this.#queue.length : Math.max(1, end));
  }

  async #commitGroup(group: readonly Waiting[]): Promise<void> {
    const done: { waiting: Waiting; logged: LoggedRecord | null }[] = [];
    const heads = new Map<RoomId, LogHead>();
    try {
      await this.#learnHeads(group);
      const operations: Operation[] = [];
      for (const waiting of group) {
        const staged = waiting.stage(heads.get(waiting.room) ?? this.#heads.get(waiting.room)!);
        if (staged instanceof StoreError) {
          waiting.reject(staged);
          continue;
        }
        heads.set(waiting.room, staged.head);
        operations.push(...staged.operations);
        done.push({ waiting, logged: staged.logged });
      }
      for (const [room, head] of heads) operations.push({ type: 'put', key: headKey(room), value: encodeHead(head) });
      if (operations.length > 0) await this.#kv.batch(operations, { sync: true });
    } catch (error) {
      this.#heads.clear();
      // Those that conflicted have their answer already; a second one does nothing.
      for (const { reject } of [...group, ...this.#queue.splice(0)]) reject(error);
      return;
    }
    for (const [room, head] of heads) this.#heads.set(room, head);
    for (const { waiting, logged } of done) {
      if (logged !== null) this.#tell(waiting.room, logged);
      waiting.resolve();
    }
  }

  async #learnHeads(group: readonly Waiting[]): Promise<void> {
    const rooms = new Set(group.map(({ room }) => room));
    if (this.#heads.size + rooms.size > KNOWN_HEADS_MAX) this.#heads.clear();
    const unknown = [...rooms].filter((room) => !this.#heads.has(room));
    if (unknown.length === 0) return;
    const found = await this.#kv.getMany(unknown.map(headKey));
    unknown.forEach((room, i) => this.#heads.set(room, decodeHead(room, found[i])));
  }

  /** A listener that throws is a bug of its own: it surfaces as an uncaught exception and holds up no commit. */
  #tell(room: RoomId, logged: LoggedRecord): void {
    for (const listener of [...(this.#subscribers.get(room) ?? [])]) {
      try {
        listener(logged);
      } catch (bug) {
        queueMicrotask(() => {
          throw bug;
        });
      }
    }
  }
}

function trimmed(room: RoomId, from: number, below: number): Operation[] {
  const operations: Operation[] = [];
  for (let p = from; p < below; p++) operations.push({ type: 'del', key: recordKey(room, p) });
  return operations;
}

const gap = (room: RoomId, position: number): StoreError =>
  new StoreError('corrupt', `commit ${position} of room ${room} is missing from its log`);

function checkRoom(room: RoomId): void {
  checkKey(room);
  if (room.includes('/')) throw new TypeError(`not a room id: ${JSON.stringify(room)}`);
}
