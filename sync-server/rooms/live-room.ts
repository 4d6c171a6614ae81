// A room in use: the one place where it changes. All that comes for it waits in one queue and is taken in order:
//
//   loop while anything waits:
//     move read markers: they hold up no commit and wait for none
//     pace: at once when few listen, else one commit in at most TICK_MAX_MS
//     take the updates and entries at hand, into one commit (staged-commit.ts)
//     failed    → forget everything, close the channels: who comes next loads what is on disk
//     succeeded → refusals and one frame per page to its channels (room-announcement.ts), then events
//
// One commit at a time: between two, what is staged and what is on disk are the same, so nothing is ever undone.

import { CLOSE, type CloseCode } from '#protocol/close-codes.ts';
import type { RoomSummary } from '#protocol/control.ts';
import type { Entry } from '#protocol/entry.ts';
import type { EntryId, RoomId, UserId } from '#protocol/ids.ts';
import type { RefusalCode } from '#protocol/refusal-codes.ts';
import { mayRead } from '#protocol/room-state.ts';
import { StoreError } from '../store/key-value.ts';
import { CommitOutcomes } from './commit-outcomes.ts';
import { CommitPace } from './commit-pace.ts';
import { readEntries } from './known-records.ts';
import { PageChannel, type ChannelRoom } from './page-channel.ts';
import { moveMarker } from './move-marker.ts';
import { moveReceipt } from './move-receipt.ts';
import type { ReadMarker } from './read-marker.ts';
import { RoomAnnouncement } from './room-announcement.ts';
import type { BlobWish } from './room-blobs.ts';
import { RoomContents } from './room-contents.ts';
import { importEntries } from './room-import.ts';
import {
  idsOf,
  isCommitJob,
  wishesOf,
  writerOf,
  type CommitJob,
  type EraseJob,
  type ImportJob,
  type ReadJob,
  type RoomJob
} from './room-job.ts';
import { summaryOf } from './room-meta.ts';
import { RoomQueue } from './room-queue.ts';
import type { Attached, ImportCount, OpenPage, PageReader } from './room-service.ts';
import type { RoomSurroundings } from './room-surroundings.ts';
import type { RoomView } from './room-view.ts';
import { StagedCommit } from './staged-commit.ts';
import type { Timers } from '../timers.ts';

/** What is left when decoding or checking has taken this long waits for the next commit. */
const SLICE_MS = 20;
const IDLE_MS = 60_000;

export class LiveRoom implements ChannelRoom {
  readonly id: RoomId;
  readonly timers: Timers;
  readonly #surroundings: RoomSurroundings;
  readonly #contents: RoomContents;
  readonly #announcement: RoomAnnouncement;
  readonly #queue = new RoomQueue();
  readonly #pace: CommitPace;
  /** Taken out of the queue, not settled yet. */
  #underWay: readonly RoomJob[] = [];
  #loop: Promise<void> | null = null;
  #attaching = 0;
  #cancelIdle: (() => void) | null = null;
  #state: 'live' | 'closing' | 'retired' = 'live';

  private constructor(contents: RoomContents, surroundings: RoomSurroundings) {
    this.id = contents.id;
    this.timers = surroundings.timers;
    this.#surroundings = surroundings;
    this.#contents = contents;
    this.#pace = new CommitPace(surroundings.timers);
    this.#announcement = new RoomAnnouncement(contents, surroundings);
    this.#watchIdle();
  }

  /** @throws StoreError */
  static async load(surroundings: RoomSurroundings, id: RoomId): Promise<LiveRoom> {
    return new LiveRoom(await RoomContents.load(surroundings.kv, surroundings.log, id), surroundings);
  }

  /** As on disk. */
  get view(): RoomView {
    return this.#contents.view;
  }

  /** The head page's bytes on disk. */
  headBytes(): Uint8Array {
    return this.#contents.head.committed.whole();
  }

  /** @throws StoreError */
  async attach({ page: number, clientId, create }: OpenPage, reader: PageReader): Promise<Attached> {
    const { state } = this.view;
    if (state ? !mayRead(state, reader.user) : !(create && number === 0)) return closed(CLOSE.forbidden);
    this.#attaching += 1;
    try {
      const page = await this.#contents.page(number, state);
      if (!page) return closed(CLOSE.forbidden);
      if (this.#state !== 'live') return closed(this.#state === 'closing' ? CLOSE.stopping : CLOSE.storage);
      // Somebody may have been removed while a sealed page was loaded.
      const now = this.view.state;
      if (now && !mayRead(now, reader.user)) return closed(CLOSE.forbidden);
      const channel = new PageChannel(page, reader, this);
      if (clientId !== null && !channel.tryBind(clientId)) return closed(CLOSE.clientIdTaken);
      page.channels.add(channel);
      channel.ask();
      return { ok: true, attachment: channel };
    } finally {
      this.#attaching -= 1;
      this.#watchIdle();
    }
  }

  enqueue(channel: PageChannel, update: Uint8Array): void {
    if (this.#state === 'live') this.#push({ kind: 'update', channel, update });
  }

  /** @throws StoreError */
  append(entry: Entry, vouched: boolean): Promise<RefusalCode | null> {
    return this.#settle((settled) => ({ kind: 'entry', entry, vouched, ...settled }));
  }

  /** @param shown whether others learn of it @throws StoreError */
  read(user: UserId, n: number, shown: boolean): Promise<ReadMarker> {
    const told = { read: shown ? n : 0, stored: 0 };
    return this.#settle((settled) => ({ kind: 'read', user, n, told, ...settled }));
  }

  /** A device of the person has the room up to n. @throws StoreError */
  async stored(user: UserId, n: number): Promise<void> {
    const told = { read: 0, stored: n };
    await this.#settle<ReadMarker>((settled) => ({ kind: 'read', user, n: 0, told, ...settled }));
  }

  /** @throws StoreError, ImportRefused */
  import(entries: readonly Entry[]): Promise<ImportCount> {
    return this.#settle((settled) => ({ kind: 'import', entries, ...settled }));
  }

  /** @throws StoreError */
  erase(ids: readonly EntryId[]): Promise<void> {
    return this.#settle((settled) => ({ kind: 'erase', ids, expired: false, ...settled }));
  }

  /** What has disappeared. @throws StoreError */
  expire(ids: readonly EntryId[]): Promise<void> {
    return this.#settle((settled) => ({ kind: 'erase', ids, expired: true, ...settled }));
  }

  /** null: absent, or closed to this person. @throws StoreError */
  async summary(user: UserId): Promise<RoomSummary | null> {
    await Promise.all([this.#contents.learnMarkers([user]), this.#contents.mentions.learn([user])]);
    const { meta, state } = this.view;
    if (!meta || !state || !mayRead(state, user)) return null;
    const role = Object.hasOwn(state.members, user) ? state.members[user]!.role : null;
    const invitedBy = Object.hasOwn(state.invited, user) ? state.invited[user]!.by : null;
    const marker = this.#contents.marker(user);
    const mentions = marker ? this.#contents.mentions.unread(user, marker.n) : [];
    return summaryOf(this.id, meta, { role, invitedBy, marker, mentions });
  }

  aheadOfStore(channel: PageChannel): void {
    this.#surroundings.aheadOfStore(channel);
  }

  ended(_channel: PageChannel): void {
    this.#watchIdle();
  }

  /** Ends every channel; what they sent before is committed all the same. */
  endChannels(code: CloseCode): void {
    for (const page of this.#contents.pages()) for (const channel of [...page.channels]) channel.end(code);
  }

  /** Commits what waits, then ends every channel. */
  async close(): Promise<void> {
    if (this.#state === 'live') this.#state = 'closing';
    this.#pace.end();
    while (this.#loop) await this.#loop;
    if (this.#state === 'closing') this.#retire(CLOSE.stopping, gone());
  }

  /** Nothing in memory is to be believed any more: acknowledges nothing, ends every channel. */
  drop(error: StoreError): void {
    if (this.#state === 'retired') return;
    this.#retire(CLOSE.storage, error);
  }

  #retire(code: CloseCode, error: StoreError): void {
    this.#state = 'retired';
    for (const job of [...this.#underWay, ...this.#queue.takeAll()]) if (job.kind !== 'update') job.reject(error);
    this.#cancelIdle?.();
    this.#cancelIdle = null;
    this.endChannels(code);
    this.#surroundings.retire(this);
  }

  #settle<Result>(
    jobOf: (settled: { resolve: (result: Result) => void; reject: (error: unknown) => void }) => RoomJob
  ): Promise<Result> {
    return new Promise((resolve, reject) => {
      if (this.#state === 'live') this.#push(jobOf({ resolve, reject }));
      else reject(gone());
    });
  }

  #push(job: RoomJob): void {
    this.#queue.push(job);
    this.#loop ??= this.#run();
  }

  async #run(): Promise<void> {
    try {
      while (this.#queue.length > 0) {
        await this.#moveMarkers();
        if (this.#queue.length === 0) continue;
        const hurries = this.#state !== 'live' || this.#queue.leftOver;
        await this.#pace.wait(this.#contents.channelCount, hurries);
        await this.#runNext();
      }
    } catch (error) {
      this.#surroundings.report(error, this);
      // Anything else is a bug: what is in memory is dropped all the same, and the process hears of it.
      const isStoreError = error instanceof StoreError;
      this.drop(isStoreError ? error : new StoreError('io', 'The room failed.', { cause: error }));
      if (!isStoreError) throw error;
    } finally {
      this.#loop = null;
      this.#underWay = [];
      this.#watchIdle();
    }
  }

  async #runNext(): Promise<void> {
    const jobs = this.#queue.takeNext();
    this.#underWay = jobs;
    const [first] = jobs;
    if (!first) return;
    if (first.kind === 'import') await this.#import(first);
    else if (first.kind === 'erase') await this.#erase(first);
    else await this.#commit(jobs.filter(isCommitJob));
    this.#underWay = [];
  }

  async #commit(jobs: readonly CommitJob[]): Promise<void> {
    const ids = new Set<EntryId>();
    const writers = new Set<UserId>();
    const wishes: BlobWish[] = [];
    const decoded = this.#inSlice(jobs, (job) => {
      for (const id of idsOf(job)) ids.add(id);
      writers.add(writerOf(job));
      wishes.push(...wishesOf(job));
    });
    const commit = await StagedCommit.prepare(this.#contents, this.#surroundings, ids, writers, wishes);
    try {
      await this.#commitStaged(commit, jobs, decoded);
    } finally {
      commit.release();
    }
  }

  async #commitStaged(commit: StagedCommit, jobs: readonly CommitJob[], decoded: readonly CommitJob[]): Promise<void> {
    if (this.#isRetired()) return;
    const outcomes = new CommitOutcomes();
    const taken = this.#inSlice(decoded, (job) => outcomes.take(job, commit));
    this.#queue.leave(jobs.slice(taken.length));
    this.#underWay = taken;
    const written = await commit.write();
    if (this.#isRetired()) return;
    this.#announcement.announce(written, outcomes);
    outcomes.settle();
    // A room that does not come to be keeps nothing of what was said in it.
    if (written.kind === 'no-room') this.#endUnmade(outcomes);
  }

  /**
   * The room does not come to be. Only those whose entries were refused are shut out: whoever knows the id of another
   * pair's direct room could otherwise end their channels for good. The others begin anew.
   */
  #endUnmade(outcomes: CommitOutcomes): void {
    for (const [channel, refused] of Map.groupBy(outcomes.refused, ({ channel }) => channel)) {
      const isLater = refused.some(({ refused: { code } }) => code === 'slow');
      channel.end(isLater ? CLOSE.rateLimited : CLOSE.forbidden);
    }
    this.#retire(CLOSE.rateLimited, gone());
  }

  /** Works on the jobs until the slice is over, at least on one. @returns those that were worked on */
  #inSlice(jobs: readonly CommitJob[], work: (job: CommitJob) => void): CommitJob[] {
    const done: CommitJob[] = [];
    const startedAt = performance.now();
    let at = startedAt;
    for (const job of jobs) {
      if (at - startedAt > SLICE_MS) break;
      work(job);
      const after = performance.now();
      if (job.kind === 'update') job.channel.spent(after - at);
      at = after;
      done.push(job);
    }
    return done;
  }

  /** Whoever reads has seen what they read, so nothing in the queue changes it. A person's furthest mark counts for all. */
  async #moveMarkers(): Promise<void> {
    const jobs = this.#queue.takeReads();
    if (jobs.length === 0) return;
    this.#underWay = jobs;
    for (const [user, ofUser] of Map.groupBy(jobs, ({ user }) => user)) {
      const most = (of: (job: ReadJob) => number): number => Math.max(...ofUser.map(of));
      const upTo = most(({ n }) => n);
      // Before the marker: a device that finds its marker behind tells of it again.
      const told = { read: most((job) => job.told.read), stored: most((job) => job.told.stored) };
      await moveReceipt(this.#contents, this.#surroundings, user, told);
      const marker = await moveMarker(this.#contents, this.#surroundings, user, upTo);
      for (const job of ofUser) job.resolve(marker);
    }
    this.#underWay = [];
  }

  async #import(job: ImportJob): Promise<void> {
    try {
      const count = await importEntries(this.#contents, this.#surroundings, job.entries, (written) => {
        this.#announcement.announce(written, new CommitOutcomes());
        if (this.#isRetired()) throw gone();
      });
      job.resolve(count);
    } catch (error) {
      if (error instanceof StoreError) throw error;
      job.reject(error);
    }
  }

  /** One page in one commit: a page is rewritten whole. What has disappeared goes off the late lists, so all in one. */
  async #erase({ ids, expired, resolve }: EraseJob): Promise<void> {
    const entries = await readEntries(this.#surroundings.kv, this.id, ids);
    for (const ofPage of Map.groupBy(entries, ([, { page }]) => (expired ? 0 : page)).values()) {
      const some = ofPage.map(([id]) => id);
      const commit = await StagedCommit.prepare(this.#contents, this.#surroundings, some, []);
      if (this.#isRetired()) return;
      if (expired) commit.expire(some);
      else commit.eraseSilently(some);
      const written = await commit.write();
      if (this.#isRetired()) return;
      this.#announcement.announce(written, new CommitOutcomes());
    }
    resolve();
  }

  #watchIdle(): void {
    this.#contents.forgetClosedPages();
    this.#cancelIdle?.();
    this.#cancelIdle = null;
    if (!this.#isIdle()) return;
    this.#cancelIdle = this.timers.after(IDLE_MS, () => {
      if (this.#isIdle()) this.#retire(CLOSE.stopping, gone());
    });
  }

  /** A commit may be under way while the store fails or the room is closed. */
  #isRetired(): boolean {
    return this.#state === 'retired';
  }

  #isIdle(): boolean {
    const { length } = this.#queue;
    return this.#state === 'live' && length === 0 && !this.#loop && !this.#attaching && !this.#contents.channelCount;
  }
}

const gone = (): StoreError => new StoreError('closed', 'The room was closed before this could be written.');

const closed = (close: CloseCode): Attached => ({ ok: false, close });
