// Brings the outbox of one room to the server: appends to the head page what is not there, lets go of what has
// arrived, and watches for what gets no answer.
//   kept ──append──► in the page ──arrival──► gone from the outbox
//                        ├─refused──► failed (stays, with its reason)
//                        ├─too soon for slow mode──► appended again when its turn comes, same id
//                        ├─not signed as it must be──► signed anew, appended again, same id
//                        ├─a file is not there──► uploaded again, appended again, same id
//                        ├─sealed───► appended to the next head, same id
//                        └─silence──► page rebuilt, appended again, same id
// Invariant: an entry goes out only once it is on disk, or is known not to get there.

import { effectTarget, isKnown, type Entry } from '#protocol/entry.ts';
import type { UserId } from '#protocol/ids.ts';
import { ARRIVAL_OVERDUE_MS } from '#protocol/limits.ts';
import type { OrderedEntry } from '#protocol/order.ts';
import type { RefusalCode } from '#protocol/refusal-codes.ts';
import type { PendingEntry } from './outbox.ts';
import type { PageReplica } from './page-replica.ts';
import type { RoomHistory } from './room-history.ts';
import type { RoomShared } from './room-shared.ts';
import { SlowQueue } from './slow-queue.ts';

export class Sender {
  readonly #room: string;
  readonly #shared: RoomShared;
  readonly #history: RoomHistory;
  readonly #head: () => PageReplica;
  readonly #again: () => void;
  readonly #slowSeconds: () => number;
  readonly #slow: SlowQueue;
  /** Ids put into the head's present copy: one that vanishes was refused, and is not put in again. */
  readonly #appended = new Set<string>();
  /** Ids that could not be signed. */
  readonly #unsignable = new Set<string>();
  /** Ids whose files went up a second time: another word that they are missing is final. */
  readonly #uploadedAgain = new Set<string>();
  #signing = false;
  #overdueTimer: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param again called when another look is worth it
   * @param slowSeconds how far apart the room wants a member's messages; 0: no matter
   */
  constructor(
    room: string,
    shared: RoomShared,
    history: RoomHistory,
    head: () => PageReplica,
    again: () => void,
    slowSeconds: () => number
  ) {
    this.#room = room;
    this.#shared = shared;
    this.#history = history;
    this.#head = head;
    this.#again = again;
    this.#slowSeconds = slowSeconds;
    this.#slow = new SlowQueue(again);
  }

  /** Own entries without arrival: what lets their author in first, then by their own clock, which may have been set. */
  get pending(): readonly PendingEntry[] {
    const { outbox } = this.#shared;
    const waiting = [...outbox.of(this.#room), ...outbox.goneElsewhere(this.#room)].filter(
      ({ id }) => !this.#hasArrived(id)
    );
    // Who left and comes back must do so in that order.
    const leaves = waiting.some(({ entry }) => isLeaving(entry));
    const rank = ({ entry }: PendingEntry): number => {
      if (isCreation(entry)) return 0;
      return isEntrance(entry) && !leaves ? 1 : 2;
    };
    return waiting.sort((a, b) => rank(a) - rank(b) || a.entry.sentAt - b.entry.sentAt || (a.id < b.id ? -1 : 1));
  }

  /** Made on this device, and not known to the server yet. */
  get createsRoom(): boolean {
    return this.creates !== null;
  }

  /** As OpenRequest.create; null: the server knows the room. */
  get creates(): true | UserId | null {
    for (const { entry } of this.#shared.outbox.of(this.#room)) {
      if (!isKnown(entry) || entry.type !== 'room' || entry.action !== 'created') continue;
      if (entry.kind !== 'direct') return true;
      return entry.people.find((person) => person !== this.#shared.me) ?? true;
    }
    return null;
  }

  /** Lets go of what has arrived. */
  settle(): void {
    const { outbox } = this.#shared;
    const gone = outbox.goneElsewhere(this.#room).filter(({ id }) => this.#hasArrived(id));
    outbox.forgetGone(
      this.#room,
      gone.map(({ id }) => id)
    );
    const arrived = outbox.of(this.#room).filter(({ id }) => this.#hasArrived(id));
    for (const id of this.#slow.ids) {
      const pending = outbox.get(this.#room, id);
      const waits = pending && pending.state !== 'failed' && !this.#hasArrived(id);
      if (!waits) this.#slow.settled(id, this.#slowSeconds());
    }
    this.#takeBack();
    if (arrived.length === 0) return;
    this.#stopWatching();
    this.#head().worked();
    const ids = arrived.map(({ id }) => id);
    for (const id of ids) this.#appended.delete(id);
    void outbox.remove(this.#room, ids);
  }

  /** Appends what is due. */
  append(): void {
    const head = this.#head();
    if (!head.accepts) return;
    const { outbox, signer } = this.#shared;
    // The server refuses what is signed with a key that it has not been told of.
    if (!signer.ready || this.#signing) return;
    const page = head.ref.page;
    const due = this.#due();
    const unsigned = due.filter((pending) => !outbox.isSigned(pending) && !this.#unsignable.has(pending.id));
    // All wait for these, so that they keep their order.
    if (unsigned.length > 0) return void this.#sign(unsigned);
    // An entry of an earlier page may have arrived there unseen: that page is read before it is appended again.
    const ready = due.filter((pending) => this.#history.hasRead(pending.page, page));
    if (ready.length < due.length) void this.#readBehind(Math.min(...due.map((pending) => pending.page)), page);
    if (ready.length === 0) return;
    const ids = ready.map(({ id }) => id);
    for (const id of ids) this.#appended.add(id);
    head.append(ready.map(({ entry }) => entry));
    void this.#shared.outbox.moved(this.#room, ids, page);
  }

  /** An entry that the server has had for a while and does not acknowledge: the page is fetched anew. */
  watch(): void {
    const waiting = this.pending.some(({ id, state }) => state !== 'failed' && this.#isSent(id));
    if (!waiting || !this.#head().synced) return this.#stopWatching();
    this.#overdueTimer ??= setTimeout(() => {
      this.#overdueTimer = undefined;
      this.#head().rebuild('overdue');
    }, ARRIVAL_OVERDUE_MS);
  }

  /** The head's document is another one: all of it is due again. */
  startOver(): void {
    this.#appended.clear();
  }

  /** This one is due again. */
  forget(id: string): void {
    this.#shared.signer.forgive(id);
    this.#unsignable.delete(id);
    this.#uploadedAgain.delete(id);
    this.#appended.delete(id);
  }

  /** The server did not take an entry that this tab sent. */
  async refused(id: string, code: RefusalCode): Promise<void> {
    const { outbox } = this.#shared;
    // The seal follows, and the entry goes to the next page under the same id.
    if (code === 'sealed' || this.#hasArrived(id)) return;
    // It is so already: nothing is lost by letting go of it.
    if (code === 'no-change' || isPointless(outbox.get(this.#room, id)?.entry, code))
      return outbox.remove(this.#room, [id]);
    // Later it is taken. Whoever made too many rooms has no room to wait in.
    const seconds = this.#slowSeconds();
    if (code === 'slow' && seconds > 0 && outbox.get(this.#room, id)) {
      this.#appended.delete(id);
      return this.#slow.refused(id, seconds);
    }
    if (isOfSigning(code) && (await this.#signAgain(id))) return;
    if (code === 'attachment' && this.#uploadAgain(id)) return;
    const head = this.#head();
    await this.adopt(
      head.pending.filter(({ entry }) => entry.id === id),
      head.ref.page
    );
    await outbox.fail(this.#room, id, code);
  }

  /** The room is closed to this person. */
  async failAll(code: 'closed' | 'banned' | 'deleted'): Promise<void> {
    const { outbox } = this.#shared;
    for (const { id, state } of outbox.of(this.#room)) {
      if (state !== 'failed') await outbox.fail(this.#room, id, code);
    }
  }

  /** Own entries that a document has and the outbox does not, before that document is dropped. */
  async adopt(pending: readonly OrderedEntry[], page: number): Promise<void> {
    const own = pending.map(({ entry }) => entry).filter(({ author }) => author === this.#shared.me);
    await this.#shared.outbox.adopt(this.#room, own, page);
  }

  close(): void {
    this.#stopWatching();
    this.#slow.close();
  }

  #due(): PendingEntry[] {
    const due: PendingEntry[] = [];
    const notNow = this.#shared.outbox.removals.notNow(this.#room);
    for (const pending of this.pending) {
      if (pending.state === 'failed' || this.#isSent(pending.id)) continue;
      if (notNow.has(pending.id) || this.#waitsForMessage(pending)) continue;
      // What comes after it goes out meanwhile.
      if (!this.#shared.uploads.ready(pending.entry)) continue;
      // Until it is written it must not go out: a crash would leave it with the server and not with us.
      if (pending.state !== 'saving' && this.#shared.sendsFor(pending.tab)) due.push(pending);
      // Another tab's, or not on disk: but without its room or its membership nothing after it would be taken.
      else if (isEntrance(pending.entry)) break;
    }
    const messages = due.filter(({ entry }) => entry.type === 'message').map(({ id }) => id);
    const now = new Set(this.#slow.allowed(messages));
    return due.filter(({ id, entry }) => entry.type !== 'message' || now.has(id));
  }

  /** A message that is to go, and was never sent, goes with its removal; whoever would have sent it knows. */
  #takeBack(): void {
    if (!this.#head().loaded) return;
    const { outbox, sendsFor } = this.#shared;
    for (const message of outbox.removals.due(this.#room)) {
      const isOurs = sendsFor(message.tab) && !this.#isSent(message.id) && !this.#hasArrived(message.id);
      if (isOurs && this.#isUnposted(message)) void this.#discard(message.id);
    }
  }

  /** What the worker may have sent has not arrived for certain once all pages are read that it can be on. */
  #isUnposted({ posted, page }: PendingEntry): boolean {
    if (!posted) return true;
    const head = this.#head();
    if (!head.accepts) return false;
    const isRead = this.#history.hasRead(page, head.ref.page);
    if (!isRead) void this.#readBehind(page, head.ref.page);
    return isRead;
  }

  async #discard(id: string): Promise<void> {
    if (await this.#shared.outbox.discard(this.#room, id)) this.#shared.erased(this.#room, [id]);
  }

  /** The removal of a message that another tab may have sent waits until that is known. */
  #waitsForMessage({ entry }: PendingEntry): boolean {
    const target = entry.type === 'redaction' ? effectTarget(entry) : null;
    return target !== null && this.#shared.outbox.get(this.#room, target) !== undefined && !this.#isSent(target);
  }

  async #readBehind(from: number, head: number): Promise<void> {
    if (await this.#history.readBehind(from, head)) this.#again();
  }

  /** Written before this device had its present key. One that cannot be signed goes as it is, and is refused. */
  async #sign(unsigned: readonly PendingEntry[]): Promise<void> {
    const { outbox } = this.#shared;
    const ids = unsigned.map(({ id }) => id);
    this.#signing = true;
    await outbox.sign(this.#room, ids);
    this.#signing = false;
    for (const id of ids) {
      const after = outbox.get(this.#room, id);
      if (after && !outbox.isSigned(after)) this.#unsignable.add(id);
    }
    this.#again();
  }

  async #signAgain(id: string): Promise<boolean> {
    const head = this.#head();
    await this.adopt(
      head.pending.filter(({ entry }) => entry.id === id),
      head.ref.page
    );
    if (!(await this.#shared.signer.refused(id))) return false;
    this.#unsignable.delete(id);
    // Due again as soon as the tombstone has taken the refused one away.
    this.#appended.delete(id);
    this.#again();
    return true;
  }

  #uploadAgain(id: string): boolean {
    const pending = this.#shared.outbox.get(this.#room, id);
    if (!pending || this.#uploadedAgain.has(id)) return false;
    this.#uploadedAgain.add(id);
    this.#shared.uploads.missing(pending.entry);
    this.#appended.delete(id);
    return true;
  }

  #hasArrived(id: string): boolean {
    return this.#head().hasArrival(id) || this.#history.has(id);
  }

  #isSent(id: string): boolean {
    return this.#appended.has(id) || this.#head().has(id);
  }

  #stopWatching(): void {
    clearTimeout(this.#overdueTimer);
    this.#overdueTimer = undefined;
  }
}

/** What another signature may change. */
export const isOfSigning = (code: RefusalCode): boolean => code === 'unsigned' || code === 'signature';

const isCreation = (entry: Entry): boolean => isKnown(entry) && entry.type === 'room' && entry.action === 'created';

const isLeaving = (entry: Entry): boolean => isKnown(entry) && entry.type === 'membership' && entry.action === 'left';

/** What was to be taken away never got there, or what was reacted to, voted on or pinned is gone. */
const isPointless = (entry: Entry | undefined, code: RefusalCode): boolean =>
  code === 'no-target' && entry !== undefined && POINTLESS_TYPES.includes(entry.type);
const POINTLESS_TYPES: readonly string[] = ['redaction', 'reaction', 'vote', 'poll-close', 'pin'];

/** What makes its author one who may write in the room. */
const isEntrance = (entry: Entry): boolean =>
  isCreation(entry) || (isKnown(entry) && entry.type === 'membership' && entry.action === 'joined');
