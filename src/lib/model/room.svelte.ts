// A room as the screen sees it: what its replica on this device holds, turned into views, and the actions in it.
// Invariant: nothing here waits for the network but what says so; actions are entries, written to disk first.

import type { Entry } from '#protocol/entry.ts';
import type { ApiClient } from '../session/api-client.ts';
import type { OpenRoom } from '../sync/open-rooms.ts';
import type { SyncClient } from '../sync/sync-client.ts';
import type { Attention } from './attention.ts';
import type { ComposerParts } from './composer-parts.ts';
import { pageIn } from './loaded-room.ts';
import type { SoughtMessage } from './message-acts.ts';
import { MessageDeeds } from './message-deeds.svelte.ts';
import { MessageSeeking } from './message-seeking.svelte.ts';
import { PresenceInRoom } from './presence-in-room.ts';
import type { PersonView } from './person-view.ts';
import type { Proof } from './proofs.ts';
import type { Result } from './result.ts';
import { About } from './room-about.svelte.ts';
import { RoomAccess } from './room-access.svelte.ts';
import { RoomDeeds } from './room-acts.svelte.ts';
import { RoomGalleries } from './room-galleries.ts';
import type { GalleryModel } from './room-gallery.ts';
import type { RoomModel } from './room-model.ts';
import { PeopleOfRoom } from './room-people.svelte.ts';
import { RoomReading } from './room-reading.svelte.ts';
import { RoomReceiptsView } from './room-receipts.svelte.ts';
import { RoomSaying } from './room-saying.svelte.ts';
import { threadsSource } from './room-threads-source.ts';
import { RoomTimeline } from './room-timeline.svelte.ts';
import { RoomWriting, type MentionsIn } from './room-writing.ts';
import { soughtMessage } from './sought-message.ts';
import type { ThreadRowsSource } from './thread-rows.ts';
import type { MessageItem, TimelineItem } from './timeline-item.ts';

export interface RoomViewOptions {
  readonly id: string;
  /** Epoch ms. */
  readonly now: () => number;
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
  readonly parts: ComposerParts;
  readonly closed: (view: RoomView) => void;
}

export class RoomView implements RoomModel {
  readonly id: string;
  readonly #options: RoomViewOptions;
  readonly acts: RoomDeeds;
  readonly about = new About();
  readonly messages: MessageDeeds;
  readonly receipts: RoomReceiptsView;
  #client: SyncClient | null = null;
  #open: OpenRoom | null = null;
  #stops: (() => void)[] = [];

  readonly #access: RoomAccess;
  readonly #people: PeopleOfRoom;
  readonly #timeline: RoomTimeline;
  readonly #reading: RoomReading;
  readonly #writing: RoomWriting;
  readonly #saying: RoomSaying;
  readonly #seeking: MessageSeeking;
  readonly #galleries = new RoomGalleries((id) => this.acts.redacting.has(id));
  readonly #presence: PresenceInRoom;
  #unsent = $state(0);
  /** Nobody looks at it, and it closes when all that was to be sent is on the disk. */
  #left = false;

  constructor(options: RoomViewOptions) {
    const { api, attention, id, now, person, publicOrigin, sharesTyping } = options;
    this.id = id;
    this.#options = options;
    this.#access = new RoomAccess(id);
    this.#people = new PeopleOfRoom({ room: id, api, person, sharesTyping });
    this.#presence = new PresenceInRoom(attention, sharesTyping);
    this.#timeline = new RoomTimeline({ person, proof: (entry) => options.proof(id, entry) });
    this.#reading = new RoomReading(id, this.#timeline);
    this.#writing = new RoomWriting({
      ...{ room: id, now, mentionsIn: options.mentionsIn },
      members: () => this.members.map((member) => member.person)
    });
    this.#seeking = new MessageSeeking({
      ...{ room: id, loaded: this.#timeline.loaded },
      attached: () => this.#writing.attached(),
      timeline: () => this.timeline,
      refresh: () => this.#refresh()
    });
    this.#saying = new RoomSaying({
      ...options,
      ...{ room: this, timeline: this.#timeline, writing: this.#writing },
      saysHere: () => {
        this.setTyping(false);
        this.#reading.wrote();
      }
    });
    this.receipts = new RoomReceiptsView(id, person, () => this.timeline);
    this.messages = new MessageDeeds({
      ...{ room: id, person },
      act: (payload, target) => this.#writing.act(payload, target),
      say: (payload) => this.#saying.say(payload),
      read: (of) => this.#read(of)
    });
    this.acts = new RoomDeeds({
      ...{ room: id, api, person, publicOrigin },
      act: (payload, target) => this.#writing.act(payload, target),
      hold: (payload, target) => this.#writing.act(payload, target, (entry, replica) => replica.hold(entry)),
      callBack: (of) => this.#writing.callBack(of),
      messageOf: (of) => this.#timeline.loaded.message(of)
    });
  }

  get status() {
    return this.#access.status;
  }
  get closed() {
    return this.#access.closed;
  }
  get role() {
    return this.#access.role;
  }
  get cannotWrite() {
    return this.#access.cannotWrite;
  }
  get name() {
    return this.about.name;
  }
  get topic() {
    return this.about.topic;
  }
  get kind() {
    return this.about.kind;
  }
  get members() {
    return this.#people.members;
  }
  get memberCount() {
    return this.#people.count;
  }
  get hereCount() {
    return this.#people.hereCount;
  }
  get typing() {
    return this.#people.typing;
  }
  get timeline() {
    return this.#timeline.items;
  }
  get history() {
    return this.#timeline.history;
  }
  get newer() {
    return this.#timeline.newer;
  }
  get firstUnreadId() {
    return this.#reading.firstUnreadId;
  }
  get unreadBefore() {
    return this.#reading.unreadBefore;
  }
  get unread() {
    return this.#reading.unread;
  }
  get writtenId() {
    return this.#saying.writtenId;
  }
  get shownMessage() {
    return this.#seeking.shown;
  }
  get unsent() {
    return this.#unsent;
  }
  get draft() {
    return this.#saying.composer.draft.text;
  }
  get composition() {
    return this.#saying.composer.composition;
  }
  get files() {
    return this.#saying.composer.files;
  }
  get schedule() {
    return this.#saying.schedule;
  }
  get threads() {
    return this.#saying.threads;
  }
  get preview() {
    return this.#saying.composer.preview;
  }

  /** Takes the room from this client: at opening, and again when another client takes its place. */
  attach(client: SyncClient): void {
    this.detach();
    this.#client = client;
    const open = client.open(this.id);
    this.#open = open;
    const { replica } = open;
    this.#timeline.attach(replica, client.me.id);
    this.#reading.attach(client, replica);
    this.#saying.attach(client);
    this.#stops = [
      replica.listen(() => this.#refresh()),
      this.receipts.attach(client.receipts),
      replica.listenToPresence(() => this.#people.updatePresence(replica.head.presence(), client.me.id))
    ];
    // Whoever left it is not in it, though something is still on its way.
    if (!this.#left) this.#presence.attach(replica);
    this.#refresh();
    this.#writing.attach(client, replica);
  }

  /** Lets go of the client; what is shown stays. */
  detach(): void {
    for (const stop of this.#stops) stop();
    this.#stops = [];
    this.#writing.detach();
    this.#saying.detach();
    this.#galleries.detach();
    this.#reading.detach();
    this.#timeline.detach();
    this.#presence.detach();
    const open = this.#open;
    this.#open = null;
    this.#client = null;
    open?.replica.follow(true);
    void open?.release();
  }

  /** What is on its way to the disk, or goes with files that are being made ready, gets there before. */
  close(): void {
    this.setTyping(false);
    // After somebody signed out nothing of theirs waits for whoever comes next.
    this.#left = this.#client !== null && this.#saying.isSending;
    if (this.#left) {
      this.#presence.detach();
      void this.#saying.settled().then(() => {
        if (this.#left) this.close();
      });
      return;
    }
    this.#seeking.close();
    this.#saying.close();
    this.detach();
    this.#options.closed(this);
  }

  /** Somebody comes back before it is closed. @returns whether that can be */
  comeAgain(): boolean {
    if (!this.#left) return false;
    this.#left = false;
    if (this.#open) this.#presence.attach(this.#open.replica);
    return true;
  }

  setDraft(text: string): void {
    this.#saying.composer.draft.set(text);
  }

  /** Another tab wrote in the same room's composer. */
  draftElsewhere(text: string, thread: string | null): void {
    this.#saying.draftElsewhere(text, thread);
  }

  /** Resolves once the draft is on disk. */
  flushDraft(): Promise<void> {
    return this.#saying.flush();
  }

  setTyping(typing: boolean): void {
    this.#presence.setTyping(typing);
  }

  send(body: string, replyTo: string | null = null, withFiles = true): Promise<void> {
    return this.#saying.composer.send(body, replyTo, withFiles);
  }

  takeUp(id: string): Promise<void> {
    return this.#saying.takeUp(id);
  }

  async #read(id: string): Promise<SoughtMessage> {
    const found = this.#timeline.found(id) ?? (await this.#client?.finder.read(this.id, id));
    return soughtMessage(found ?? { kind: 'offline' }, this.#options.person);
  }

  retry(id: string): Promise<void> {
    return this.#writing.retry(id);
  }

  discard(id: string): Promise<void> {
    return this.#writing.discard(id);
  }

  /** Its person asked to come in, from outside of it. */
  async comeBack(): Promise<void> {
    await this.#open?.replica.comeBack();
  }

  markRead(upTo: TimelineItem): void {
    this.#reading.seen(upTo);
  }

  markUnread(item: MessageItem): void {
    this.#reading.markUnread(item);
  }

  /** There is a line again. */
  lineUp(): void {
    this.#people.lineUp();
    this.threads.retry();
    this.#galleries.lineUp();
  }

  marksChanged(): void {
    this.#reading.marksChanged();
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
    await this.#reading.toFirst(signal);
    this.#refresh();
  }

  toMessage(id: string): Promise<'shown' | 'gone' | 'offline'> {
    return this.#seeking.show(id);
  }

  pageOf(id: string): number | null {
    return this.#open ? pageIn(this.#open.replica, id) : null;
  }

  openGallery(): GalleryModel {
    return this.#galleries.open();
  }

  setFollowing(following: boolean): void {
    this.#open?.replica.follow(following);
  }

  join(): Promise<Result<void>> {
    return this.#writing.act({ type: 'membership', action: 'joined' });
  }

  #refresh(): void {
    const client = this.#client;
    const replica = this.#open?.replica;
    if (!client || !replica) return;
    const { state, summary } = replica;
    const me = client.me.id;
    const context = this.#timeline.read(replica);
    this.threads.update(threadsSource({ client, replica }, this.#timeline, context));
    this.#galleries.update(replica, context);
    this.#people.update(state, summary, me);
    this.#access.update(replica, state, me);
    this.#timeline.build(replica);
    this.about.update({
      ...{ state, summary, me, timeline: this.timeline, person: this.#options.person },
      closed: this.closed !== null
    });
    const known = replica.forbidden ? null : state;
    this.acts.update(known, me, client.outbox.removals.recallable(this.id));
    this.messages.update(known, me);
    this.#unsent = replica.pending.length;
    this.#reading.update();
  }
}
