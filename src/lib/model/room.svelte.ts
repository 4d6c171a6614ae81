// A room as the screen sees it: what its replica on this device holds, turned into views, and the actions in it.
// Invariant: nothing here waits for the network but what says so; actions are entries, written to disk first.

import type { MemberInfo } from '#protocol/api.ts';
import {
  effectTarget,
  isKnown,
  parseEntry,
  threadOf,
  type Entry,
  type MessageEntry,
  type Role,
  type RoomKind
} from '#protocol/entry.ts';
import { newEntryId } from '#protocol/ids.ts';
import { MENTIONS_MAX } from '#protocol/limits.ts';
import type { UnreadMark } from '#protocol/personal.ts';
import { refusal, type TargetInfo } from '#protocol/refusal.ts';
import type { RefusalCode } from '#protocol/refusal-codes.ts';
import type { RoomState } from '#protocol/room-state.ts';
import type { Environment } from '../environment.ts';
import type { ApiClient } from '../session/api-client.ts';
import { isErased } from '../sync/erased-entry.ts';
import type { Found } from '../sync/message-finder.ts';
import type { RoomReplica } from '../sync/room-replica.ts';
import type { OpenRoom, SyncClient } from '../sync/sync-client.ts';
import type { MessageItem, PersonView, ReplyQuote, Result, RoomModel, TimelineItem } from './app-model.ts';
import type { Attention } from './attention.ts';
import { refused } from './failure-words.ts';
import { FirstUnread } from './first-unread.ts';
import { LoadedEntries, NO_EFFECTS, pendingEffects } from './loaded-entries.ts';
import { Composing } from './composition.svelte.ts';
import { CLOSED_ROOM_NAME, closedBy } from './room-closed.ts';
import { RoomDraft } from './room-draft.svelte.ts';
import type { Proof } from './proofs.ts';
import { MessageDeeds } from './message-deeds.svelte.ts';
import type { SoughtMessage } from './message-acts.ts';
import { soughtMessage } from './sought-message.ts';
import { memberViews } from './room-members.ts';
import { About } from './room-about.svelte.ts';
import { RoomDeeds, type ActPayload } from './room-acts.svelte.ts';
import { NO_PRESENCE, NOBODY_TYPES, readPresence } from './room-presence.ts';
import { RoomReceiptsView } from './room-receipts.svelte.ts';
import { Schedule } from './room-schedule.svelte.ts';
import { Threads, type ThreadsSource } from './room-threads.svelte.ts';
import { pageIn } from './loaded-room.ts';
import { titleOf } from './room-title.ts';
import type { ThreadRowsSource } from './thread-rows.ts';
import { quoteOf, Timeline, type TimelineContext } from './timeline.ts';

export type MentionsIn = (
  body: string,
  people: readonly PersonView[]
) => { readonly people: readonly string[]; readonly room: boolean };

export interface RoomViewOptions {
  readonly id: string;
  readonly environment: Environment;
  readonly api: ApiClient;
  readonly person: (id: string) => PersonView;
  readonly proof: (room: string, entry: Entry) => Proof;
  /** Whom of these the words mention. */
  readonly mentionsIn: MentionsIn;
  /** The address that invitations lead to. */
  readonly publicOrigin: () => string;
  readonly attention: Attention;
  /** Whether one tells others that one is typing, and is told. Reactive. */
  readonly sharesTyping: () => boolean;
  readonly sent: () => void;
  readonly threadsChanged: (source: ThreadRowsSource) => void;
  readonly draftSaved: () => void;
  readonly closed: (view: RoomView) => void;
}

const TYPING_MS = 5_000;

const threadRoot = (entry: Entry | null): string | null => (entry ? threadOf(entry) : null);

const DONE: Result<void> = { ok: true, value: undefined };

type Payload = ActPayload | ({ readonly type: 'message' } & Readonly<Record<string, unknown>>);

export class RoomView implements RoomModel {
  readonly id: string;
  readonly #options: RoomViewOptions;
  readonly acts: RoomDeeds;
  readonly about = new About();
  readonly messages: MessageDeeds;
  readonly receipts: RoomReceiptsView;
  readonly composition: Composing;
  readonly schedule: Schedule;
  readonly threads: Threads;
  #client: SyncClient | null = null;
  #open: OpenRoom | null = null;
  #context: TimelineContext | null = null;
  #timelineBuilder: Timeline | null = null;
  #stops: (() => void)[] = [];

  #status = $state<RoomModel['status']>('loading');
  #closed = $state<RoomModel['closed']>(null);
  #roomState = $state.raw<RoomState | null>(null);
  #name = $state('');
  #topic = $state('');
  #kind = $state<RoomKind>('private');
  #role = $state<Role | null>(null);
  #timeline = $state.raw<readonly TimelineItem[]>([]);
  #history = $state<RoomModel['history']>('loading');
  #newer = $state<RoomModel['newer']>('none');
  #firstUnreadId = $state<string | null>(null);
  #unreadBefore = $state(false);
  #unread = $state(0);
  #writtenId = $state<string | null>(null);
  #shownMessage = $state.raw<{ readonly id: string } | null>(null);
  #cannotWrite = $state<RefusalCode | null>(null);
  #unsent = $state(0);
  #memberCount = $state(0);
  #presence = $state.raw(NO_PRESENCE);
  /** Members that the snapshot left out, asked of the server. */
  #elided = $state.raw<readonly MemberInfo[]>([]);
  /** Grows whenever pages come or go, so that quotes are looked up again. */
  #loadedPages = $state(0);

  readonly #seen = $derived.by(() =>
    this.#options.sharesTyping() ? this.#presence : { ...this.#presence, typing: NOBODY_TYPES }
  );
  readonly #members = $derived.by(() =>
    memberViews(this.#roomState, this.#elided, this.#seen, this.#client?.me.id ?? null, this.#options.person)
  );
  readonly #typing = $derived([...this.#seen.typing].map((id) => this.#options.person(id).name));

  /** As it was when the room was opened. */
  #markedUnread: UnreadMark | null = null;
  readonly #firstUnread = new FirstUnread();
  #elidedAsked = false;
  // Lookups, not state: `#loadedPages` tells when they change.
  readonly #loaded = new LoadedEntries();
  /** One's own that wait: what they change shows at once. */
  #pendingEffects = $state.raw(NO_EFFECTS);
  readonly #untilAttached: (() => void)[] = [];
  #threadsAre = '';
  #typingNow = false;
  /** The message that is looked for, to be shown. */
  #seeking: AbortController | null = null;
  #typingTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #draft: RoomDraft;
  /** Kept over another try to open the room, which drops what is known of it. */
  #closedLast: RoomModel['closed'] = null;

  constructor(options: RoomViewOptions) {
    this.id = options.id;
    this.#options = options;
    this.receipts = new RoomReceiptsView(options.id, options.person, () => this.#timeline);
    this.#draft = new RoomDraft(options.id, options.draftSaved);
    this.schedule = new Schedule(
      options.id,
      () => options.environment.now(),
      (body) => this.#mentions({ type: 'message', body })
    );
    this.composition = new Composing({
      room: options.id,
      saved: options.draftSaved,
      quote: (id) => this.#quote(id),
      item: (id) =>
        this.#timeline.findLast((item): item is MessageItem => item.kind === 'message' && item.id === id) ?? null
    });
    this.messages = new MessageDeeds({
      room: options.id,
      person: options.person,
      act: (payload, target) => this.#act(payload, target),
      say: (payload) => this.#say(payload),
      read: (id) => this.#read(id)
    });
    this.threads = new Threads({
      ...{ room: this, person: options.person, draftSaved: options.draftSaved },
      changed: (source) => options.threadsChanged(source),
      send: (thread, body, replyTo, written) =>
        this.#say({ body: body.toWellFormed(), thread, ...(replyTo !== null && { replyTo }) }, written)
    });
    this.acts = new RoomDeeds({
      room: options.id,
      api: options.api,
      person: options.person,
      publicOrigin: options.publicOrigin,
      act: (payload, target) => this.#act(payload, target),
      takeBack: async (id) => {
        await this.discard(id);
        return !this.#client?.outbox.get(this.id, id) && !this.#open?.replica.head.has(id);
      },
      messageOf: (id) => {
        const entry = this.#loaded.get(id);
        return entry && isKnown(entry) && entry.type === 'message' ? entry : null;
      }
    });
  }

  get status() {
    return this.#status;
  }
  get closed() {
    return this.#closed;
  }
  get name() {
    return this.about.others.length > 0 ? titleOf(this.about.others) : this.#name;
  }
  get topic() {
    return this.#topic;
  }
  get kind() {
    return this.#kind;
  }
  get role() {
    return this.#role;
  }
  get members() {
    return this.#members;
  }
  get memberCount() {
    return this.#memberCount;
  }
  get hereCount() {
    return this.#presence.hereCount;
  }
  get typing() {
    return this.#typing;
  }
  get timeline() {
    return this.#timeline;
  }
  get history() {
    return this.#history;
  }
  get newer() {
    return this.#newer;
  }
  get firstUnreadId() {
    return this.#firstUnreadId;
  }
  get unreadBefore() {
    return this.#unreadBefore;
  }
  get unread() {
    return this.#unread;
  }
  get writtenId() {
    return this.#writtenId;
  }
  get shownMessage() {
    return this.#shownMessage;
  }
  get cannotWrite() {
    return this.#cannotWrite;
  }
  get unsent() {
    return this.#unsent;
  }
  get draft() {
    return this.#draft.text;
  }

  /** Takes the room from this client: at opening, and again when another client takes its place. */
  attach(client: SyncClient): void {
    this.detach();
    this.#client = client;
    const open = client.open(this.id);
    this.#open = open;
    this.#context = {
      me: client.me.id,
      person: this.#options.person,
      loaded: (id) => {
        void this.#loadedPages;
        return this.#loaded.get(id) ?? this.#open?.replica.pending.find((one) => one.id === id)?.entry ?? null;
      },
      effects: (id) => {
        void this.#loadedPages;
        const waiting = this.#pendingEffects.get(id);
        return waiting ? [...this.#loaded.effects(id), ...waiting] : this.#loaded.effects(id);
      },
      proof: (entry) => this.#options.proof(this.id, entry)
    };
    this.#timelineBuilder = new Timeline(this.#context);
    this.#markedUnread = client.unread.mark(this.id);
    if (client.list.summary(this.id)) this.#firstUnread.open(client.unread.of(this.id).read);
    this.#draft.attach(client);
    this.composition.attach(client);
    this.schedule.attach(client);
    this.#stops = [
      open.replica.listen(() => this.#refresh()),
      this.receipts.attach(client.receipts),
      open.replica.listenToPresence(() => this.#refreshPresence()),
      this.#options.attention.listen(() => this.#announce()),
      this.#options.environment.onVisibility(() => this.#visibilityChanged())
    ];
    this.#announce();
    this.#refresh();
    for (const go of this.#untilAttached.splice(0)) go();
  }

  /** Lets go of the client; what is shown stays. */
  detach(): void {
    this.acts.flush();
    for (const stop of this.#stops) stop();
    this.#stops = [];
    this.#draft.detach();
    this.composition.detach();
    this.schedule.detach();
    this.threads.detach();
    this.#threadsAre = '';
    const open = this.#open;
    this.#open = null;
    this.#client = null;
    open?.replica.setPresence(null);
    open?.replica.follow(true);
    void open?.release();
  }

  close(): void {
    this.#seeking?.abort();
    this.#setTypingNow(false);
    this.detach();
    this.#options.closed(this);
  }

  setDraft(text: string): void {
    this.#draft.set(text);
  }

  /** Another tab wrote in the same room's composer. */
  draftElsewhere(text: string, thread: string | null = null): void {
    if (thread === null) this.#draft.setElsewhere(text);
    else this.threads.draftElsewhere(thread, text);
  }

  /** Resolves once the draft is on disk. */
  async flushDraft(): Promise<void> {
    await Promise.all([this.#draft.flush(), this.composition.flush(), this.threads.flush()]);
  }

  setTyping(typing: boolean): void {
    clearTimeout(this.#typingTimer);
    if (typing) this.#typingTimer = setTimeout(() => this.#setTypingNow(false), TYPING_MS);
    this.#setTypingNow(typing);
  }

  async send(body: string, replyTo: string | null = null): Promise<void> {
    if (body.trim() === '') return;
    this.setTyping(false);
    // Who writes has read.
    this.#markedUnread = this.#client?.unread.mark(this.id) ?? null;
    // A lone surrogate would not survive the way; what people see stays the same.
    await this.#say({ body: body.toWellFormed(), ...(replyTo !== null && { replyTo }) });
  }

  /** @param written told of its id before it is on disk */
  async #say(payload: Readonly<Record<string, unknown>>, written = this.#show): Promise<void> {
    await this.#write({ type: 'message', ...payload }, written);
    this.#options.sent();
  }

  /** What one writes in the room stands after the newest, and one wants to see it. */
  readonly #show = (id: string): void => {
    if (this.#newer !== 'none') void this.toLatest();
    this.#writtenId = id;
  };

  async #read(id: string): Promise<SoughtMessage> {
    const entry = this.#loaded.get(id);
    const found: Found | undefined =
      entry && !isErased(entry)
        ? { kind: 'found', entry, effects: this.#context?.effects(id) ?? [], page: 0 }
        : await this.#client?.finder.read(this.id, id);
    return soughtMessage(found ?? { kind: 'offline' }, this.#options.person);
  }

  async retry(id: string): Promise<void> {
    const client = this.#client;
    const pending = client?.outbox.get(this.id, id);
    if (!client || !pending || !this.#open) return;
    // Under its own id, the server tells a second one from the first; where the id or the time was the trouble, not.
    const changed = pending.code === 'id-taken' || pending.code === 'clock';
    const entry = changed
      ? ({
          ...pending.entry,
          id: newEntryId(this.#options.environment.now()),
          sentAt: client.clock(this.id).next()
        } as Entry)
      : pending.entry;
    await client.hold(this.#open.replica.retry(id, entry));
  }

  async discard(id: string): Promise<void> {
    const pending = this.#client?.outbox.get(this.id, id);
    // What is under way cannot be called back.
    const sent = pending?.state !== 'failed' && this.#open?.replica.head.has(id);
    if (!pending || sent) return;
    // What is not there is neither edited nor reacted to: the server would only say so.
    const effects = this.#client!.outbox.of(this.id)
      // A reply has words of its own, which stay to be copied.
      .filter(({ entry }) => effectTarget(entry) === id && threadOf(entry) !== id);
    await this.#client!.outbox.remove(this.id, [id, ...effects.map((one) => one.id)]);
  }

  /** Its person asked to come in, from outside of it. */
  async comeBack(): Promise<void> {
    await this.#open?.replica.comeBack();
  }

  markRead(upTo: TimelineItem): void {
    if (upTo.n === null) return;
    // What disappeared after it is not there to be seen, and not unread either.
    const isLast = this.#timeline.findLast(({ n }) => n !== null) === upTo && this.#newer === 'none';
    const n = Math.max(upTo.n, (isLast && this.#open?.replica.head.arrived.at(-1)?.arrival?.n) || 0);
    // The list of rooms tells of a marker that moved; one that did not must change nothing, as the screen marks what it
    // sees whenever something changes.
    void this.#client?.unread.seen(this.id, n, this.#markedUnread);
  }

  markUnread({ id, n }: MessageItem): void {
    if (n === null || !this.#client) return;
    const others = this.#timeline.filter((item) => item.kind === 'message' && !item.own && (item.n ?? 0) >= n);
    this.#firstUnread.markFrom(id);
    this.#firstUnreadId = id;
    void this.#client.hold(this.#client.unread.markUnread(this.id, n, others.length));
  }

  /** There is a line again. */
  lineUp(): void {
    this.threads.retry();
  }

  marksChanged(): void {
    if (this.#client) this.#unread = this.#client.unread.of(this.id).count;
  }

  async loadOlder(): Promise<void> {
    await this.#open?.replica.loadOlder();
  }

  async loadNewer(): Promise<void> {
    await this.#open?.replica.loadNewer();
  }

  async toLatest(): Promise<void> {
    await this.#open?.replica.toLatest();
  }

  async toFirstUnread(signal: AbortSignal): Promise<void> {
    const replica = this.#open?.replica;
    if (!this.#client || !replica) return;
    await this.#firstUnread.seek(this.#client.me.id, this.#timeline, (hasIt) => replica.goBack(hasIt, signal));
    this.#refresh();
  }

  async toMessage(id: string): Promise<'shown' | 'gone' | 'offline'> {
    if (!this.#open) await this.#attached();
    this.#seeking?.abort();
    const seeking = (this.#seeking = new AbortController());
    const root = threadRoot(this.#loaded.get(id)) ?? id;
    if (!this.#isInTimeline(root)) {
      const failed = await this.#goTo(root, seeking.signal);
      if (failed) return failed;
    }
    if (!seeking.signal.aborted) this.#shownMessage = { id: threadRoot(this.#loaded.get(root)) ?? root };
    return 'shown';
  }

  pageOf(id: string): number | null {
    const replica = this.#open?.replica;
    if (!replica) return null;
    return pageIn(replica, id);
  }

  /** @returns why it cannot be shown; null: the timeline holds it */
  async #goTo(id: string, signal: AbortSignal): Promise<'gone' | 'offline' | null> {
    const [client, replica] = [this.#client, this.#open?.replica];
    if (!client || !replica) return 'offline';
    const place = await client.finder.place(this.id, id);
    if (place.kind !== 'page') return place.kind;
    // Nothing of what is shown may go for what is read now.
    replica.follow(false);
    const reached = await replica.goTo(place.page, signal);
    this.#refresh();
    if (signal.aborted) return null;
    if (!reached) return 'offline';
    const thread = threadRoot(this.#loaded.get(id));
    if (thread !== null && !this.#isInTimeline(thread)) return this.#goTo(thread, signal);
    return this.#isInTimeline(thread ?? id) ? null : 'gone';
  }

  #isInTimeline(id: string): boolean {
    return this.#timeline.some((item) => item.id === id);
  }

  setFollowing(following: boolean): void {
    this.#open?.replica.follow(following);
  }

  join(): Promise<Result<void>> {
    return this.#act({ type: 'membership', action: 'joined' });
  }

  #entry(payload: Payload): Entry {
    const client = this.#client!;
    const id = newEntryId(this.#options.environment.now());
    return { ...payload, ...this.#mentions(payload), id, author: client.me.id, sentAt: client.clock(this.id).next() };
  }

  /** What is forwarded calls nobody a second time. */
  #mentions(payload: Payload): Pick<MessageEntry, 'mentions' | 'mentionsRoom'> {
    const { type, body, forwarded } = payload as { type: string; body?: unknown; forwarded?: unknown };
    if ((type !== 'message' && type !== 'edit') || typeof body !== 'string' || forwarded !== undefined) return {};
    const members = this.#members.map(({ person }) => person);
    const { people, room } = this.#options.mentionsIn(body, members);
    return {
      ...(people.length > 0 && { mentions: people.slice(0, MENTIONS_MAX) }),
      ...(room && { mentionsRoom: true })
    };
  }

  /** Between two clients what is written waits for the next: none of it may go to one that is closed. */
  #attached(): Promise<void> {
    return new Promise((resolve) => this.#untilAttached.push(resolve));
  }

  async #act(payload: ActPayload, target: TargetInfo | null = null): Promise<Result<void>> {
    if (!this.#open) await this.#attached();
    if (!this.#client || !this.#open) return refused('not-member');
    const entry = this.#entry(payload);
    const parsed = parseEntry(entry);
    if (!parsed.ok) return refused(parsed.code);
    const code = refusal(this.id, this.#open.replica.state, entry, target);
    if (code) return refused(code);
    await this.#client.hold(this.#open.replica.write(entry));
    return DONE;
  }

  async #write(payload: Payload, written: (id: string) => void): Promise<void> {
    if (!this.#open) await this.#attached();
    if (!this.#client || !this.#open) return;
    const entry = this.#entry(payload);
    written(entry.id);
    const parsed = parseEntry(entry);
    if (parsed.ok) await this.#client.hold(this.#open.replica.write(entry));
    // Not sendable as it is, but never lost: it stands there with its reason, to be copied.
    else
      await this.#client.hold(
        this.#client.outbox.addFailed(this.id, entry, this.#open.replica.head.ref.page, parsed.code)
      );
  }

  #threadsSource(client: SyncClient, replica: RoomReplica): ThreadsSource {
    return {
      me: client.me.id,
      context: this.#context!,
      marks: client,
      seen: (root) => client.threadSeen(root),
      loaded: replica.head.loaded,
      inStep: replica.head.synced,
      pageOf: (id) => pageIn(replica, id),
      roots: this.#loaded.roots,
      replies: (root) => this.#loaded.thread(root),
      ordered: (id) => this.#loaded.ordered(id),
      effects: (id) => this.#context!.effects(id),
      unacknowledged: replica.unacknowledged,
      pending: replica.pending,
      place: (id) => client.finder.place(this.id, id),
      pin: (page) => replica.pin(page),
      unpin: (page) => replica.unpin(page)
    };
  }

  /** Own replies that wait, and which pages are loaded: what threads show depends on. */
  #threadsChanged(replica: RoomReplica): boolean {
    const waiting = [...replica.pending, ...replica.unacknowledged].filter(({ entry }) => threadOf(entry) !== null);
    const states = waiting.map((one) => `${one.entry.id} ${'state' in one ? one.state : ''}`).join();
    const now = `${this.#loadedPages} ${states}`;
    const changed = now !== this.#threadsAre;
    this.#threadsAre = now;
    return changed;
  }

  /** A message on the loaded pages, or one's own that waits. */
  #quote(id: string): ReplyQuote {
    // A head that only grows does not tell; what is answered may be in what is read from the disk just now.
    void this.#timeline;
    return this.#context ? quoteOf(id, this.#context) : { id, author: null, body: null };
  }

  #visibilityChanged(): void {
    // A hidden page may be gone the next moment, without another word.
    if (!this.#options.environment.visible()) this.acts.flush();
  }

  #announce(): void {
    const status = this.#options.attention.here ? 'here' : 'away';
    const typing = this.#typingNow && this.#options.sharesTyping();
    this.#open?.replica.setPresence(typing ? { status, typing: true } : { status });
  }

  #setTypingNow(typing: boolean): void {
    if (!typing) clearTimeout(this.#typingTimer);
    if (typing === this.#typingNow) return;
    this.#typingNow = typing;
    this.#announce();
  }

  #refresh(): void {
    const client = this.#client;
    const replica = this.#open?.replica;
    if (!client || !replica) return;
    const { state, older, read, head, pending, reachesHead, summary } = replica;
    this.#pendingEffects = pendingEffects(pending);
    if (this.#loaded.update(read, head.arrived)) this.#loadedPages += 1;
    this.threads.update(this.#threadsSource(client, replica), this.#threadsChanged(replica));
    this.#roomState = state;
    this.#closed = this.#closedNow(replica, client.me.id);
    const known = this.#closed === null ? '' : this.#name || CLOSED_ROOM_NAME;
    this.#name = state?.name ?? summary?.name ?? known;
    this.#topic = state?.topic ?? summary?.topic ?? '';
    this.#kind = state?.kind ?? summary?.kind ?? 'private';
    this.#role = (state ? state.members[client.me.id]?.role : summary?.role) ?? null;
    this.#memberCount = state ? Object.keys(state.members).length + state.membersElided : (summary?.members ?? 0);
    this.#timeline = reachesHead
      ? this.#timelineBuilder!.build(older, head.arrived, replica.unacknowledged, pending)
      : this.#timelineBuilder!.build(older, [], [], []);
    this.about.update({ state, summary, me: client.me.id, timeline: this.#timeline, person: this.#options.person });
    this.acts.update(replica.forbidden ? null : state, client.me.id);
    this.messages.update(replica.forbidden ? null : state, client.me.id);
    this.#history = replica.history;
    this.#newer = replica.newer;
    this.#unsent = pending.length;
    this.#unread = client.unread.of(this.id).count;
    this.#cannotWrite = this.#writeRefusal(replica.forbidden, state, client.me.id);
    this.#status = this.#statusNow(replica.ready, replica.forbidden);
    this.#findFirstUnread(client, replica);
    if (state && state.membersElided > 0) void this.#askElided();
  }

  #refreshPresence(): void {
    const client = this.#client;
    const replica = this.#open?.replica;
    if (client && replica) this.#presence = readPresence(replica.head.presence(), client.me.id);
  }

  #statusNow(ready: boolean, forbidden: boolean): RoomModel['status'] {
    // What failed for good stays to be read and copied.
    if (forbidden) return this.#unsent > 0 ? 'ready' : 'absent';
    return ready ? 'ready' : 'loading';
  }

  #closedNow(replica: RoomReplica, me: string): RoomModel['closed'] {
    if (replica.forbidden)
      return (this.#closedLast = closedBy(me, replica.head.arrived, replica.state, replica.closing, this.#closedLast));
    if (replica.head.synced) this.#closedLast = null;
    return null;
  }

  #writeRefusal(forbidden: boolean, state: RoomState | null, me: string): RefusalCode | null {
    if (forbidden) return this.#closed === 'banned' || this.#closed === 'deleted' ? this.#closed : 'not-member';
    if (!state) return null;
    return refusal(this.id, state, { id: 'a-message', type: 'message', author: me, sentAt: 0, body: '?' }, null);
  }

  #findFirstUnread(client: SyncClient, replica: RoomReplica): void {
    const items = this.#timeline;
    const newest = replica.head.arrived.at(-1)?.arrival?.n ?? items.findLast(({ n }) => n !== null)?.n ?? 0;
    this.#firstUnread.look({
      items,
      fromStart: this.#history === 'start',
      inStep: replica.head.synced && newest >= (replica.summary?.n ?? 0),
      now: client.unread.of(this.id)
    });
    this.#firstUnreadId = this.#firstUnread.id;
    this.#unreadBefore = this.#firstUnread.before;
  }

  async #askElided(): Promise<void> {
    if (this.#elidedAsked) return;
    this.#elidedAsked = true;
    const answer = await this.#options.api.get<MemberInfo[]>(`/api/rooms/${this.id}/members`);
    if (answer.ok) this.#elided = answer.value;
    else this.#elidedAsked = false;
  }
}
