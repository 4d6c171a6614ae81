// The files that messages name: who may refer to them, who does, and when they go.
// Invariants: a record is there only while its file is; a file goes once nobody refers to it, nobody has brought it lately
// and no scheduled message names it. What is asked for a commit is held, and looked at again when the commit is over.
// Who names a file last, a scheduled message included, pays for it: with whom it is left when its owner does not name it any
// more, as far as it fits into their space; else the owner goes on paying, so that no two people have more than both their
// quotas. Of an account that is over it goes to one of them in any case.

import * as v from 'valibot';
import type { BlobHash, RoomId, UserId } from '#protocol/ids.ts';
import { UPLOAD_KEPT_MS } from '#protocol/limits.ts';
import type { BlobWish, HeldBlobs, RoomBlobs } from '../rooms/room-blobs.ts';
import { NOTHING_HELD } from '../rooms/room-blobs.ts';
import type { KeyValue, Operation } from '../store/key-value.ts';
import { decodeStored, encodeStored } from '../store/stored-json.ts';
import type { Timers } from '../timers.ts';
import type { BlobFolder } from './blob-folder.ts';
import { ALL_LOOSE, blobKey, freshKey, freshUpTo, looseKey, pairOf, refsIn, refsOf, timeOfMark } from './blob-keys.ts';
import { BlobOwners, chargeOf, type OwnerChange } from './blob-owners.ts';
import type { FileFacts } from './file-inspection.ts';
import { blobRecordSchema, readRights } from './blob-rights.ts';
import { KeyedLock } from './keyed-lock.ts';

const referenceSchema = v.strictObject({ author: v.string() });

const AGAIN_AFTER_MS = 30_000;
/** Hashes with a pair of each that waits; more are for the next round. */
const AT_ONCE = 1_000;

/** By hash, whose messages that are yet to be sent name it. */
export type KeptElsewhere = ReadonlyMap<BlobHash, ReadonlySet<UserId>>;

export interface BlobsDeps {
  readonly kv: KeyValue;
  readonly folder: BlobFolder;
  readonly timers: Timers;
  /** Bytes of all files of one person. */
  readonly quotaBytes: number;
  /** Whether there is such an account. */
  readonly exists: (user: UserId) => boolean;
  /** Bytes that count for a person's uploads under way. */
  readonly reserved: (user: UserId) => number;
  /** Named by messages that are yet to be sent. */
  readonly kept: () => Promise<KeptElsewhere>;
  /** What else of a person's is to go with a file: uploads of the same bytes. */
  readonly onErased: (hash: BlobHash, user: UserId) => Promise<void>;
  readonly onError: (error: unknown) => void;
}

export class Blobs implements RoomBlobs {
  readonly #deps: BlobsDeps;
  readonly #owners: BlobOwners;
  readonly #lock = new KeyedLock();
  /** How many commits under way may refer to it. */
  readonly #held = new Map<BlobHash, number>();
  /** Counts what may bring a scheduled message: its files are held before it is kept, and let go after that. */
  #holds = 0;
  #kept: { readonly holds: number; readonly named: KeptElsewhere } | null = null;
  /** Those that could not be looked at, as they were held. */
  readonly #waiting = new Set<BlobHash>();
  #running: Promise<void> = Promise.resolve();
  #cancel: (() => void) | null = null;
  #closed = false;

  constructor(deps: BlobsDeps) {
    this.#deps = deps;
    this.#owners = new BlobOwners(deps.kv);
  }

  /** null: there is none. @throws StoreError */
  async facts(hash: BlobHash): Promise<FileFacts | null> {
    const value = await this.#deps.kv.get(blobKey(hash));
    return value ? decodeStored(blobRecordSchema, blobKey(hash), value) : null;
  }

  /** The file, if a message that stands in the room names it; the caller has asked whether the room is open to them. */
  async inRoom(room: RoomId, hash: BlobHash): Promise<FileFacts | null> {
    const [facts, isNamed] = await Promise.all([this.facts(hash), this.#hasAny(refsIn(hash, room))]);
    return isNamed ? facts : null;
  }

  /** @throws StoreError */
  owns(user: UserId, hash: BlobHash): Promise<boolean> {
    return this.#owners.has(user, hash);
  }

  /** Bytes of all that a person has brought and that is there, small files as what they take. @throws StoreError */
  usedBy(user: UserId): Promise<number> {
    return this.#owners.usedBy(user);
  }

  /** Where a person has brought these very bytes before and they are still there, it is as if they brought them now. */
  async bringAgain(user: UserId, hash: BlobHash, size: number): Promise<boolean> {
    return this.#lock.run(hash, async () => {
      const [before, facts] = await Promise.all([this.#owners.owned(user, hash), this.facts(hash)]);
      if (!before || facts?.size !== size || (await this.#deps.folder.blobSize(hash)) !== size) return false;
      await this.#bring(user, hash, size, []);
      return true;
    });
  }

  /**
   * A person has brought all bytes of a file.
   * @param moveIn puts it in its place; called unless it is there
   * @param also written in the same batch
   */
  async add(
    user: UserId,
    hash: BlobHash,
    facts: FileFacts,
    moveIn: () => Promise<void>,
    also: readonly Operation[]
  ): Promise<void> {
    await this.#lock.run(hash, async () => {
      if ((await this.#deps.folder.blobSize(hash)) !== facts.size) await moveIn();
      const value = encodeStored({ type: facts.type, size: facts.size });
      await this.#bring(user, hash, facts.size, [{ type: 'put', key: blobKey(hash), value }, ...also]);
    });
  }

  async hold(wishes: readonly BlobWish[]): Promise<HeldBlobs> {
    if (wishes.length === 0) return NOTHING_HELD;
    const hashes = new Set(wishes.map(({ hash }) => hash));
    this.#holds += 1;
    for (const hash of hashes) this.#held.set(hash, (this.#held.get(hash) ?? 0) + 1);
    const release = (): void => this.#release(hashes);
    try {
      // An erasure that had begun before is over then, and none begins.
      await Promise.all([...hashes].map((hash) => this.#lock.settled(hash)));
      return { admits: await readRights(this.#deps.kv, wishes), release };
    } catch (error) {
      release();
      throw error;
    }
  }

  dropped(): void {
    if (this.#closed || this.#cancel) return;
    this.#cancel = this.#deps.timers.after(0, () => void this.#run());
  }

  async settled(): Promise<void> {
    if (this.#cancel) void this.#run();
    await this.#running;
  }

  /** At start, and from time to time: what was dropped, and what nobody has named for a day. Never rejects. */
  collect(): Promise<void> {
    return this.#run(this.#deps.timers.nowMs() - UPLOAD_KEPT_MS);
  }

  /**
   * What goes with an account that is over: all that it has brought, unless messages that stay name it. It is theirs until
   * it is settled whose it is then. @throws StoreError
   */
  async erase(user: UserId): Promise<void> {
    const hashes = [...(await this.#owners.by(user)).keys()];
    const marks = hashes.map((hash) => ({ type: 'put', key: looseKey(hash, user), value: new Uint8Array() }) as const);
    if (marks.length > 0) await this.#deps.kv.batch(marks, { sync: true });
    await this.#run();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel?.();
    await this.#running;
  }

  #release(hashes: ReadonlySet<BlobHash>): void {
    this.#holds += 1;
    for (const hash of hashes) {
      const holders = this.#held.get(hash)! - 1;
      if (holders > 0) this.#held.set(hash, holders);
      else this.#held.delete(hash);
      if (holders === 0 && this.#waiting.has(hash)) this.dropped();
    }
  }

  /** Under the lock of the hash. */
  async #bring(user: UserId, hash: BlobHash, size: number, also: readonly Operation[]): Promise<void> {
    const at = this.#deps.timers.nowMs();
    const before = await this.#owners.owned(user, hash);
    await this.#owners.write(
      [{ hash, user, before, after: { size, at } }],
      [
        // What went before is not to take with it what has come since.
        { type: 'del', key: looseKey(hash, user) },
        // Of one that is brought time and again, one mark.
        ...(before ? [{ type: 'del', key: freshKey(before.at, hash, user) } as const] : []),
        { type: 'put', key: freshKey(at, hash, user), value: new Uint8Array() },
        ...also
      ]
    );
  }

  /** One after the other. Never rejects. @param freshBefore epoch ms: what was brought until then is looked at, too */
  #run(freshBefore: number | null = null): Promise<void> {
    this.#cancel?.();
    this.#cancel = null;
    this.#running = this.#running.then(async () => {
      this.#waiting.clear();
      this.#kept = null;
      try {
        await this.#settleAll(ALL_LOOSE);
        if (freshBefore !== null) await this.#settleAll(freshUpTo(freshBefore));
      } catch (error) {
        if (this.#closed) return;
        this.#deps.onError(error);
        this.#again();
      }
    });
    return this.#running;
  }

  #again(): void {
    if (this.#closed || this.#cancel) return;
    this.#cancel = this.#deps.timers.after(AGAIN_AFTER_MS, () => void this.#run());
  }

  /** @param range of marks, each a hash and a user */
  async #settleAll(range: { readonly gte: string; readonly lt: string }): Promise<void> {
    const { kv } = this.#deps;
    let last = '';
    for (;;) {
      const marks: string[] = [];
      const rest = last === '' ? range : { gt: last, lt: range.lt };
      for await (const [key] of kv.range({ ...rest, limit: AT_ONCE })) marks.push(key);
      if (marks.length === 0 || this.#closed) return;
      for (const mark of marks) await this.#settle(mark);
      last = marks.at(-1)!;
    }
  }

  /** Lets go of what a person has brought and does not name any more, and of the file with the last of all. */
  async #settle(mark: string): Promise<void> {
    const [hash, user] = pairOf(mark);
    await this.#lock.run(hash, async () => {
      if (this.#closed) return;
      // A commit may be about to refer to it: the mark stays.
      if (this.#held.has(hash)) {
        this.#waiting.add(hash);
        return;
      }
      const [owners, named] = [await this.#owners.of(hash), await this.#namedBy(hash)];
      const before = owners.get(user);
      const isOver = !this.#deps.exists(user);
      const isLetGo = before !== undefined && (isOver || (before.at <= timeOfMark(mark) && !named.has(user)));
      const scheduledBy = isLetGo || !named.size ? (await this.#keptElsewhere()).get(hash) : undefined;
      const changes = new Map<UserId, OwnerChange>();
      const change = (of: UserId, after: OwnerChange['after']): void => {
        changes.set(of, { user: of, before: owners.get(of) ?? null, after });
      };
      const operations: Operation[] = [{ type: 'del', key: mark }];
      let looksAgain = false;
      // Once it is sent, or is not to be any more, it is as one that was brought now.
      if (isLetGo && !isOver && scheduledBy?.has(user)) looksAgain = true;
      else if (isLetGo) {
        const heirs = owners.size > 1 ? [] : [...named, ...(scheduledBy ?? [])].filter((one) => this.#deps.exists(one));
        const heir = (await this.#withSpaceFor(before.size, heirs)) ?? (isOver ? heirs[0] : undefined);
        if (heir !== undefined) change(heir, { size: before.size, at: 0 });
        if (heirs.length > 0 && heir === undefined) {
          looksAgain = true;
          change(user, { ...before, letGo: true });
        } else change(user, null);
      }
      if (named.size === 0 && !scheduledBy) for (const [other, owned] of owners) if (owned.letGo) change(other, null);
      const after = new Set([...owners.keys()].filter((one) => changes.get(one)?.after !== null));
      for (const { user: one, after: owned } of changes.values()) if (owned) after.add(one);
      const isErased = named.size === 0 && !scheduledBy && after.size === 0;
      if (looksAgain)
        operations.push({ type: 'put', key: freshKey(this.#deps.timers.nowMs(), hash, user), value: new Uint8Array() });
      if (isErased) operations.push({ type: 'del', key: blobKey(hash) });
      await this.#owners.write(
        [...changes.values()].map((one) => ({ ...one, hash })),
        operations
      );
      if (!isErased) return;
      // A process that dies before this leaves a file without a record, which the next one takes away.
      await this.#deps.folder.removeBlob(hash);
      await this.#deps.onErased(hash, user);
    });
  }

  /** The first who has, also when all that is under way to them has come. */
  async #withSpaceFor(size: number, people: readonly UserId[]): Promise<UserId | undefined> {
    const { reserved, quotaBytes } = this.#deps;
    for (const user of people)
      if ((await this.usedBy(user)) + reserved(user) + chargeOf(size) <= quotaBytes) return user;
    return undefined;
  }

  /** Read once for many marks, and anew where something was held since: what is held now is not looked at. */
  async #keptElsewhere(): Promise<KeptElsewhere> {
    const holds = this.#holds;
    if (this.#kept?.holds !== holds) this.#kept = { holds, named: await this.#deps.kept() };
    return this.#kept.named;
  }

  async #namedBy(hash: BlobHash): Promise<Set<UserId>> {
    const people = new Set<UserId>();
    for await (const [key, value] of this.#deps.kv.range(refsOf(hash)))
      people.add(decodeStored(referenceSchema, key, value).author);
    return people;
  }

  async #hasAny(range: { readonly gte: string; readonly lt: string }): Promise<boolean> {
    for await (const _ of this.#deps.kv.range({ ...range, limit: 1 })) return true;
    return false;
  }
}
