// Tells people's devices of what came, where they do not look: by room (or thread) and person one notice that waits a
// moment, grows with what comes meanwhile, and is dropped when it is read.
//
//   came → DELAY_MS → still there, not read, not on screen, to be told of? → a push to each device that is not in use
//                     on screen, or in use: looked at again, until it is read or GIVE_UP_MS have passed
//                     the service has no time: again later, ever more slowly, up to GIVE_UP_MS
//
// Invariant: what is decided is decided when it is sent, by what is true then. A process that is killed loses no notice of
// a room: what was told is kept (pushed-rooms.ts), and the next one tells of what was not (`recover`).

import { createHash } from 'node:crypto';
import type { ArrivedEntry } from '#protocol/api/sealed-page.ts';
import type { EntryId, RoomId, UserId } from '#protocol/ids.ts';
import { pushTagOf } from '#protocol/push.ts';
import type { RoomState } from '#protocol/room-state.ts';
import type { JustArrived, RoomEvents, RoomService } from '../rooms/room-service.ts';
import type { PresentIn } from '../sync/presence.ts';
import { PushDecisions, type Notice, type PushDecision, type PushDecisionsDeps } from './push-decisions.ts';
import { pushPayload, type Pushed } from './push-message.ts';
import { missedBy, newsOf, type MessageNews } from './push-news.ts';
import type { PushOutcome, PushSender } from './push-sender.ts';
import type { PushSubscription, PushSubscriptions } from './push-subscriptions.ts';
import { PushedRooms } from './pushed-rooms.ts';

/** Time to read it on another device, and for what else comes. */
const DELAY_MS = 3_000;
/** Who has it on screen, or has just put the device away without a word, is looked at again after this time. */
const LOOK_AGAIN_MS = 30_000;
const RETRY_MS = 5_000;
const RETRY_MAX_MS = 2 * 60_000;
const GIVE_UP_MS = 10 * 60_000;
/** Of what waits in one room, the newest are enough to count by. */
const WAITING_MAX = 50;

export interface PushNoticesDeps extends Omit<PushDecisionsDeps, 'readSince'> {
  readonly rooms: Pick<RoomService, 'summary' | 'joined' | 'headEntries'>;
  readonly subscriptions: PushSubscriptions;
  readonly sender: Pick<PushSender, 'send'>;
  readonly presentIn: PresentIn;
  /** Ids of the person's sessions with which they are at a device now: the app tells them itself. */
  readonly sessionsHere: (user: UserId) => ReadonlySet<string>;
  readonly serverName: string;
  readonly log: { warn(fields: object, message: string): void };
}

interface Waiting extends Notice {
  messages: MessageNews[];
  invitedBy: UserId | null;
  /** Sessions that know of all that waits. */
  readonly told: Set<string>;
  firstAtMs: number;
  tries: number;
  /** It is being told of: what comes meanwhile is told of next. */
  running: boolean;
  grown: boolean;
  /** Ends the pushes that are on their way. */
  sending: AbortController | null;
  cancel: () => void;
}

export class PushNotices implements RoomEvents {
  readonly #deps: PushNoticesDeps;
  readonly #waiting = new Map<string, Waiting>();
  readonly #pushed: PushedRooms;
  readonly #decisions: PushDecisions;
  /** What stands on the newest pages of rooms, read once for all who are told of it, while nothing changes there. */
  readonly #heads = new Map<RoomId, Promise<readonly ArrivedEntry[]>>();
  readonly #running = new Set<Promise<void>>();
  #closed = false;

  constructor(deps: PushNoticesDeps) {
    this.#deps = deps;
    this.#pushed = new PushedRooms(deps.kv);
    this.#decisions = new PushDecisions({
      ...deps,
      readSince: (user, besides) => this.#pushed.readSince(user, besides)
    });
  }

  /** Rooms, threads and invitations of people that wait. */
  get waitingCount(): number {
    return this.#waiting.size;
  }

  // RoomEvents

  arrived(room: RoomId, state: RoomState, arrived: readonly JustArrived[]): void {
    this.#heads.delete(room);
    const { subscriptions } = this.#deps;
    for (const news of newsOf(state, arrived, (user) => subscriptions.has(user))) {
      switch (news.kind) {
        case 'message':
          for (const user of news.to) this.#add(user, room, news.message);
          break;
        case 'invited':
          this.#wait(news.to, room, null).invitedBy = news.by;
          break;
        case 'edited':
          for (const waiting of this.#waiting.values())
            if (waiting.room === room)
              waiting.messages = waiting.messages.map((message) =>
                message.id === news.id ? { ...message, text: news.text } : message
              );
      }
    }
  }

  erased(room: RoomId, ids: readonly EntryId[]): void {
    this.#heads.delete(room);
    const gone = new Set(ids);
    for (const waiting of [...this.#waiting.values()]) {
      if (waiting.room !== room || !waiting.messages.some(({ id }) => gone.has(id))) continue;
      waiting.messages = waiting.messages.filter(({ id }) => !gone.has(id));
      // Its words may stand in a push that waits for its turn or for a line.
      waiting.sending?.abort();
      if (waiting.messages.length === 0 && waiting.invitedBy === null) this.#end(waiting);
    }
  }

  read(user: UserId, room: RoomId, n: number): void {
    this.#pushed.wasRead(user, room);
    const waiting = this.#waiting.get(keyOf(user, room, null));
    if (!waiting || waiting.messages.length === 0) return;
    const unread = waiting.messages.filter((message) => message.n > n);
    if (unread.length < waiting.messages.length) waiting.sending?.abort();
    waiting.messages = unread;
    if (unread.length === 0) this.#end(waiting);
  }

  gone(user: UserId, room: RoomId): void {
    this.#pushed.wasRead(user, room);
    for (const waiting of this.#waiting.values())
      if (waiting.user === user && waiting.room === room) this.#end(waiting);
    if (this.#deps.subscriptions.has(user)) void this.#track(this.#pushed.forget(user, room));
  }

  changed(): void {}
  receipt(): void {}
  pageChanged(): void {}

  /** Tells of what a process before this one could not. Never rejects. */
  async recover(): Promise<void> {
    const { subscriptions, log } = this.#deps;
    for (const user of [...subscriptions.users]) {
      await this.#recover(user).catch((error: unknown) =>
        log.warn({ user, err: error }, 'what a person was not told of could not be looked up')
      );
    }
    this.#heads.clear();
  }

  /** What waits is told of by the next process. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const waiting of this.#waiting.values()) this.#end(waiting);
    await Promise.all(this.#running);
  }

  async #recover(user: UserId): Promise<void> {
    const { rooms, timers } = this.#deps;
    const since = timers.nowMs() - GIVE_UP_MS;
    const told = await this.#pushed.told(user);
    for (const { id: room, role, n, read, last } of await rooms.joined(user)) {
      const upTo = Math.max(read, told.get(room) ?? 0);
      if (role === null || n <= upTo || !last || last.at < since) continue;
      const head = this.#heads.get(room) ?? rooms.headEntries(room);
      this.#heads.set(room, head);
      const missed = missedBy(user, await head).filter(({ n: place, at }) => place > upTo && at >= since);
      if (missed.length === 0) continue;
      const waiting = this.#wait(user, room, null);
      // What has come since this process began is there already.
      const known = new Set(waiting.messages.map(({ id }) => id));
      waiting.messages = [...missed.filter(({ id }) => !known.has(id)), ...waiting.messages].slice(-WAITING_MAX);
    }
  }

  #add(user: UserId, room: RoomId, message: MessageNews): void {
    const waiting = this.#wait(user, room, message.thread?.root ?? null);
    waiting.messages = [...waiting.messages, message].slice(-WAITING_MAX);
  }

  /** What waits there, or begins to; devices that knew of the former are told anew. */
  #wait(user: UserId, room: RoomId, root: EntryId | null): Waiting {
    const key = keyOf(user, room, root);
    const before = this.#waiting.get(key);
    if (before) {
      if (before.running) before.grown = true;
      // What was not told yet keeps its time: a busy room is not put off for ever.
      else if (before.told.size > 0 || before.tries > 0) this.#beginAnew(before);
      return before;
    }
    const waiting: Waiting = {
      ...{ user, room, root, messages: [], invitedBy: null, told: new Set<string>() },
      ...{ firstAtMs: 0, tries: 0, running: false, grown: false, sending: null, cancel: () => undefined }
    };
    this.#waiting.set(key, waiting);
    this.#beginAnew(waiting);
    return waiting;
  }

  #beginAnew(waiting: Waiting): void {
    waiting.cancel();
    waiting.told.clear();
    waiting.firstAtMs = this.#deps.timers.nowMs();
    waiting.tries = 0;
    waiting.grown = false;
    this.#plan(waiting, DELAY_MS);
  }

  #plan(waiting: Waiting, afterMs: number): void {
    if (this.#closed) return;
    waiting.cancel = this.#deps.timers.after(afterMs, () => void this.#track(this.#run(waiting)));
  }

  #track(running: Promise<void>): Promise<void> {
    const { log } = this.#deps;
    const done = running
      .catch((error: unknown) => log.warn({ err: error }, 'a person could not be told of what came'))
      .finally(() => this.#running.delete(done));
    this.#running.add(done);
    return done;
  }

  /** Nothing is to be told of it any more, nor of what came while it was told. */
  #end(waiting: Waiting): void {
    waiting.sending?.abort();
    waiting.grown = false;
    this.#drop(waiting);
  }

  #drop(waiting: Waiting): void {
    waiting.cancel();
    const key = keyOf(waiting.user, waiting.room, waiting.root);
    if (this.#waiting.get(key) === waiting) this.#waiting.delete(key);
  }

  /** Read, gone, or the server stops. */
  #isOver(waiting: Waiting): boolean {
    return this.#closed || this.#waiting.get(keyOf(waiting.user, waiting.room, waiting.root)) !== waiting;
  }

  async #run(waiting: Waiting): Promise<void> {
    waiting.running = true;
    try {
      await this.#tell(waiting);
    } catch (error) {
      this.#drop(waiting);
      throw error;
    } finally {
      waiting.running = false;
      if (waiting.grown && !this.#closed) {
        this.#waiting.set(keyOf(waiting.user, waiting.room, waiting.root), waiting);
        this.#beginAnew(waiting);
      }
    }
  }

  async #tell(waiting: Waiting): Promise<void> {
    const { subscriptions, presentIn, sessionsHere, timers } = this.#deps;
    const { user, room } = waiting;
    let decided = await this.#decisions.decide(waiting);
    // What was taken away or changed while it was decided is not told as it was.
    while (decided?.newest && !waiting.messages.includes(decided.newest))
      decided = await this.#decisions.decide(waiting);
    if (this.#isOver(waiting)) return;
    const untold = subscriptions.of(user).filter(({ session }) => !waiting.told.has(session));
    if (!decided || untold.length === 0) return this.#drop(waiting);
    const here = sessionsHere(user);
    const isOnScreen = presentIn([user])
      .get(user)
      ?.some(([where, status]) => where === room && status === 'here');
    const targets = isOnScreen ? [] : untold.filter(({ session }) => !here.has(session));
    const sending = (waiting.sending = new AbortController());
    const tell = decided;
    const outcomes = await Promise.all(targets.map((to) => this.#send(to, tell, waiting.root, sending.signal)));
    waiting.sending = null;
    outcomes.forEach((outcome, at) => {
      if (outcome.kind !== 'later') waiting.told.add(targets[at]!.session);
    });
    if (outcomes.some(({ kind }) => kind === 'taken')) await this.#note(user, decided.pushed);
    if (this.#isOver(waiting)) return;
    const isLeft = untold.some(({ session }) => !waiting.told.has(session));
    const afterMs = this.#againAfterMs(waiting, outcomes);
    if (!isLeft || timers.nowMs() + afterMs > waiting.firstAtMs + GIVE_UP_MS) this.#drop(waiting);
    else this.#plan(waiting, afterMs);
  }

  /** It was taken; what became of the person meanwhile counts. */
  async #note(user: UserId, pushed: Pushed): Promise<void> {
    const { rooms, subscriptions } = this.#deps;
    if (pushed.n === null) return this.#pushed.note(user, pushed);
    const summary = await rooms.summary(user, pushed.room);
    // What was kept of whom has gone with their place in the room, or with their last device.
    if (!summary || summary.role === null || !subscriptions.has(user)) return;
    await this.#pushed.note(user, pushed);
    if (summary.read >= pushed.n) this.#pushed.wasRead(user, pushed.room);
  }

  #againAfterMs(waiting: Waiting, outcomes: readonly PushOutcome[]): number {
    const later = outcomes.filter((outcome) => outcome.kind === 'later');
    if (later.length === 0) return LOOK_AGAIN_MS;
    const backoffMs = Math.min(RETRY_MAX_MS, RETRY_MS * 2 ** waiting.tries);
    waiting.tries += 1;
    return Math.max(backoffMs, ...later.map(({ afterMs }) => afterMs ?? 0));
  }

  async #send(
    to: PushSubscription,
    { pushed, urgent }: PushDecision,
    root: EntryId | null,
    signal: AbortSignal
  ): Promise<PushOutcome> {
    const { sender, subscriptions, serverName, log } = this.#deps;
    const push = {
      payload: pushPayload(pushed, { content: to.content, origin: to.origin, serverName }),
      topic: topicOf(to, pushTagOf(pushed.room, root)),
      urgency: urgent ? 'high' : 'normal'
    } as const;
    const outcome = await sender.send(to, push, AbortSignal.any([signal, subscriptions.whileThere(to)]));
    if (outcome.kind === 'gone') await subscriptions.remove(to.user, to.session, to.endpoint);
    if (outcome.kind === 'refused') log.warn({ user: to.user, why: outcome.why }, 'a push service refused a push');
    return outcome;
  }
}

const keyOf = (user: UserId, room: RoomId, root: EntryId | null): string => `${user}/${pushTagOf(room, root)}`;

/** Says nothing of the room to the service, nor whether two people are in the same one. */
const topicOf = ({ auth }: PushSubscription, tag: string): string =>
  createHash('sha256').update(`${auth}/${tag}`).digest('base64url').slice(0, 32);
