// What the interface sees of Roost: reactive view models ($state inside), and the actions people take.
// Screens import these types alone; the classes behind them are built in the composition root and come by context.

import type { InvitationInfo, Recovery, ServerInfo } from '#protocol/api.ts';
import type { Role, RoomKind } from '#protocol/entry.ts';
import type { Density, NotificationLevel } from '#protocol/personal.ts';
import type { RefusalCode } from '#protocol/refusal-codes.ts';
import type { PasskeySupport } from '../session/passkeys.ts';
import type { EndedSession } from '../storage/device-db.ts';
import type { AdminModel } from './admin-model.ts';
import type { AccountModel } from './account-model.ts';
import type { PrivacyModel, ReceiptsModel } from './receipts-model.ts';
import type { RoomSchedule } from './room-schedule.ts';
import type { MessageActs, PollView } from './message-acts.ts';
import type { RoomAbout, RoomActs } from './room-acts.ts';
import type { ForwardWish } from './forwarding.ts';
import type { StarredModel } from './starred.svelte.ts';
import type { RoomNotice } from './notices.ts';
import type { OwnRooms } from './own-rooms.ts';
import type { RoomThreads } from './thread-model.ts';
import type { ThreadsModel } from './threads-model.ts';

export interface AppModel {
  readonly session: SessionModel;
  readonly account: AccountModel;
  /** null: this person is no administrator. */
  readonly admin: AdminModel | null;
  readonly connection: ConnectionView;
  /** Joined rooms, newest activity first. */
  readonly rooms: readonly RoomListItem[];
  /**
   * Messages of others not read yet, over all rooms: the "(3)" in the title. Of muted rooms and those put away mentions
   * alone.
   */
  readonly unreadTotal: number;
  /** Rooms that this person is invited to and has not joined or declined, newest first. */
  readonly invitations: readonly ReceivedInvitation[];
  readonly preferences: PreferencesModel;
  readonly privacy: PrivacyModel;
  /** What this person does with rooms for themselves alone. */
  readonly own: OwnRooms;
  readonly starred: StarredModel;
  /** One's own threads over all rooms. */
  readonly threads: ThreadsModel;
  /** Says the words of a message in other rooms, too. Works offline; resolves once it is on disk. */
  forward(wish: ForwardWish): Promise<Result<void>>;
  readonly update: UpdateModel;

  /** Messages that have just come and are worth a word, in rooms that nobody here looks at. @returns ends it */
  listenToNotices(listener: (notice: RoomNotice) => void): () => void;
  /** The model of one room, opened and kept in step until `close`. Works offline, also for rooms just made. */
  openRoom(id: string): RoomModel;
  /** Makes a room, works offline. Resolves with its id once the entry is on this device's disk. */
  createRoom(name: string, kind: 'public' | 'private'): Promise<string>;
  /** Whether this person may make public and private rooms on this server. */
  readonly mayCreateRooms: boolean;
  /** The room of oneself and these people: with one, always the same; with more, a new group. Works offline. */
  openDirect(others: readonly string[]): Promise<string>;
  /** People whose names begin so: those this device knows, and with a network the server's. */
  findPeople(query: string): Promise<readonly PersonView[]>;
  /** Those among `findPeople` that this device knows. */
  knownPeople(query: string): readonly PersonView[];
  /** The keys of a person's devices, to compare. Null while nobody is signed in. */
  personKeys(user: string): PersonKeys | null;
  /** Whose messages fold away, for this person alone. */
  readonly blocked: readonly PersonView[];
  /** Stands at once, offline too. */
  setBlocked(user: string, blocked: boolean): Promise<void>;
  /** Whether a person is here now, in any room that this person may open, too; null: not known. Reactive. */
  presenceOf(person: string): MemberView['presence'];
  /** When somebody who is not here was last, epoch ms; null: not known, or not told. Reactive. */
  lastSeenOf(person: string): number | null;
  /** Public rooms of this server; needs the network. @param after id of the last one of the page before */
  directory(query?: string, after?: string | null): Promise<Result<readonly DirectoryItem[]>>;
  join(room: string): Promise<Result<void>>;
  decline(room: string): Promise<Result<void>>;
  lookUpInvitation(secret: string): Promise<Result<InvitationInfo>>;
  /** Resolves with the room's id. */
  acceptInvitation(secret: string): Promise<Result<string>>;
  /** A name for an author id: account name, imported name, or a short stand-in while unknown. Reactive. */
  person(id: string): PersonView;
}

/** Failure carries words for the person: what happened and what to do. */
export type Result<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly code: string; readonly message: string };

export interface SessionModel {
  /** `loading` only until IndexedDB has answered; a cold start offline goes to `signed-in` without the network. */
  readonly status: 'loading' | 'signed-out' | 'signed-in';
  readonly me: PersonView | null;
  readonly admin: boolean;
  /** null until the server was reached. */
  readonly server: ServerInfo | null;
  /** Who was signed out here without their doing, and how many of their entries wait on this device for them. */
  readonly ended: EndedSession | null;
  /** The person has read what `ended` says of a deleted account. */
  forgetEnded(): void;
  readonly passkeySupport: PasskeySupport;
  signIn(name: string, password: string): Promise<Result<void>>;
  signUp(name: string, password: string, invitation: string | null): Promise<Result<void>>;
  setUp(token: string, name: string, password: string): Promise<Result<void>>;
  setUpWithPasskey(token: string, name: string): Promise<Result<void>>;
  /** Signed in already: shows anew that it is this person. */
  signInWithPasskey(): Promise<Result<void>>;
  /**
   * Offers passkeys in the name field until one is taken or `stop` is called; null: stopped, or there are none.
   * Any other ceremony takes its place.
   */
  offerPasskeys(): { readonly done: Promise<Result<void> | null>; stop(): void };
  signUpWithPasskey(name: string, invitation: string | null): Promise<Result<void>>;
  /** Sets a new password by a recovery code or an administrator's link, and signs in. */
  recover(recovery: Recovery): Promise<Result<void>>;
  /** Entries that exist on this device only and would be lost by signing out. */
  unsentCount(): Promise<number>;
  /** Wipes this device's data. */
  signOut(): Promise<Result<void>>;
}

export interface PersonView {
  readonly id: string;
  readonly name: string;
  /** Imported authors have no account. */
  readonly imported: boolean;
  /** 1–12: which author colour. */
  readonly colour: number;
  /** One or two letters; one character for Han and Kana. */
  readonly initials: string;
  /** The name one signs in with; '' while not known, and of imported authors. */
  readonly userName: string;
  /** Address of their picture, or null. */
  readonly avatar: string | null;
  readonly status: string;
  /** The account is gone. */
  readonly deleted: boolean;
  /** The server was asked and knows nobody by this id. */
  readonly absent: boolean;
  /** By this person: their messages fold away. */
  readonly blocked: boolean;
}

export interface PersonKeys {
  /** `offline`: what is shown is as it was last known here. */
  readonly status: 'loading' | 'ready' | 'offline';
  /** Oldest first, revoked ones too. */
  readonly devices: readonly PersonKeyView[];
  /**
   * How far the keys in use were compared; `new`: there are others since this person compared, be it that the other has a
   * new device, be it that somebody names a key as theirs that is not.
   */
  readonly comparison: 'none' | 'some' | 'all' | 'new';
  /** This person has compared the fingerprint with the other's. Kept on this device alone. */
  setVerified(id: string, verified: boolean): Promise<void>;
}

export interface PersonKeyView {
  readonly id: string;
  /** "Firefox on Linux". */
  readonly label: string;
  /** Epoch ms. */
  readonly createdAt: number;
  readonly revokedAt: number | null;
  /** Six groups of five digits. */
  readonly fingerprint: string;
  readonly verified: boolean;
  /** In use, not compared, and not there when this person last compared. */
  readonly isNew: boolean;
}

export interface ConnectionView {
  /** `connecting` covers the first seconds; `offline` is shown in words after 2–5 s. */
  readonly status: 'connected' | 'syncing' | 'connecting' | 'offline';
  /** Own entries without arrival, over all rooms. */
  readonly waiting: number;
  /** Own messages that could not be delivered and wait for their author, over all rooms. */
  readonly failed: number;
  /** Whether the slim banner should show now. */
  readonly banner: 'none' | 'offline' | 'syncing';
  /** Something about storage that the person must know, in words; null when all is well. */
  readonly storageProblem: string | null;
  /** Plain http off localhost: what is missing and why; null on a secure page. */
  readonly insecureNotice: string | null;
}

export interface RoomListItem {
  readonly id: string;
  readonly name: string;
  readonly kind: RoomKind;
  readonly avatar: string | null;
  /** The others of a direct room or a group; [] in other rooms. */
  readonly others: readonly PersonView[];
  readonly unread: number;
  /** Unread messages that mention this person. */
  readonly mentions: number;
  /** Its place among favourites, the smallest on top; null: it is none. */
  readonly favourite: number | null;
  readonly muted: boolean;
  readonly archived: boolean;
  /** Of which messages one hears at once; null: as the default says. */
  readonly level: NotificationLevel | null;
  /** Epoch ms of the newest activity. */
  readonly at: number;
  /** One line: "Bo: see you at six", "You made this room". '' when there is nothing. */
  readonly preview: string;
  /** The draft kept for the room, '' when none: the list shows "Draft:" and it instead of the preview. */
  readonly draft: string;
  /** State of the newest entry if it is one's own, else null. */
  readonly ownState: MessageState | null;
}

export interface ReceivedInvitation {
  readonly id: string;
  readonly name: string;
  readonly kind: RoomKind;
  readonly avatar: string | null;
  readonly by: PersonView;
}

export interface DirectoryItem {
  readonly id: string;
  readonly name: string;
  readonly avatar: string | null;
  readonly topic: string;
  readonly members: number;
  readonly joined: boolean;
}

export interface RoomModel {
  readonly id: string;
  /** `loading` until this device's copy is read; `absent`: closed to this person or not there. */
  readonly status: 'loading' | 'ready' | 'absent';
  /**
   * Why nothing more of the room is to be had; null: it is open to this person. `removed`, `banned`: by somebody;
   * `deleted`: it is over for all;
   * `not-any-more`: they were in it, and this device does not know why they are not; `not-here`: closed, or not there.
   * What they wrote in vain is still shown: then the status is `ready`.
   */
  readonly closed: 'removed' | 'banned' | 'deleted' | 'not-any-more' | 'not-here' | null;
  readonly name: string;
  readonly topic: string;
  readonly kind: RoomKind;
  readonly role: Role | null;
  readonly members: readonly MemberView[];
  readonly memberCount: number;
  /** Present people, oneself included; null while offline. */
  readonly hereCount: number | null;
  /** Names of others who are typing. */
  readonly typing: readonly string[];
  /**
   * Oldest first, system lines included; no date or New separators (the timeline component makes those). A window on
   * the room: pages come at the end that is read and go at the other. The same array while nothing in it changes.
   */
  readonly timeline: readonly TimelineItem[];
  readonly history: 'more' | 'loading' | 'start' | 'unavailable-offline';
  /** What comes after the last item; `none`: it is the newest, and own pending messages stand there. */
  readonly newer: 'none' | 'more' | 'loading' | 'unavailable-offline';
  /** Id of the first message that was unread when the room was opened; fixed until `close`. */
  readonly firstUnreadId: string | null;
  /** The first unread message is further back than what is loaded, and was not looked for yet: see `toFirstUnread`. */
  readonly unreadBefore: boolean;
  readonly unread: number;
  /** The message that was written here last since the room was opened: wherever one reads, it is shown. */
  readonly writtenId: string | null;
  /** Why this person cannot write here now, or null. */
  readonly cannotWrite: RefusalCode | null;
  readonly about: RoomAbout;
  readonly acts: RoomActs;
  readonly messages: MessageActs;
  readonly receipts: ReceiptsModel;
  readonly threads: RoomThreads;
  /** Entries of this room on this device only. */
  readonly unsent: number;

  readonly draft: string;
  setDraft(text: string): void;
  setTyping(typing: boolean): void;
  readonly composition: Composition;
  readonly schedule: RoomSchedule;
  /**
   * Resolves when the entry is on disk (or is shown as failed with `not-saved`); never throws.
   * @param replyTo id of the message that it answers
   */
  send(body: string, replyTo?: string | null): Promise<void>;
  retry(id: string): Promise<void>;
  /** What waits or failed goes, with one's own edits of it and reactions to it. */
  discard(id: string): Promise<void>;
  /** The person has seen everything up to this item. */
  markRead(upTo: TimelineItem): void;
  /** From this message on it is unread again, until the room is opened anew. */
  markUnread(item: MessageItem): void;
  /** Loads the page before; resolves when the timeline holds it or it cannot be had. */
  loadOlder(): Promise<void>;
  /** The same for the page after. */
  loadNewer(): Promise<void>;
  /** The timeline ends with the newest again; what is far before it goes. */
  toLatest(): Promise<void>;
  /** Takes the timeline back to the first unread message; leaves it as it is if that cannot be had or is not wanted. */
  toFirstUnread(signal: AbortSignal): Promise<void>;
  /**
   * Shows a message, wherever in the room it is, of a reply in a thread the root. `gone`: it is not in the room (any
   * more); `offline`: it is not on this device. Then the timeline stays as it is.
   */
  toMessage(id: string): Promise<'shown' | 'gone' | 'offline'>;
  /** The page that a message in the timeline is on, or null. */
  pageOf(id: string): number | null;
  /** The message that `toMessage` has shown last; another object each time. */
  readonly shownMessage: { readonly id: string } | null;
  /** The reader stays at the newest, or does not: so it is known which end of the timeline may go. */
  setFollowing(following: boolean): void;
  join(): Promise<Result<void>>;
  close(): void;
}

/** What the composer is for besides a plain message; kept over a reload, as the draft is. */
export interface Composition {
  /** The message that is answered; null: none. */
  readonly replyTo: ReplyQuote | null;
  /** A message of one's own that gets other words; null: none. The draft waits meanwhile. */
  readonly edit: {
    readonly id: string;
    /** As it stands in the timeline now; null: not among what is loaded. */
    readonly item: MessageItem | null;
    readonly text: string;
  } | null;
  reply(item: MessageItem): void;
  endReply(): void;
  beginEdit(item: MessageItem): void;
  setEdit(text: string): void;
  endEdit(): void;
}

export interface InvitationLink {
  readonly url: string;
  /** Epoch ms. */
  readonly expiresAt: number;
  readonly usesLeft: number;
}

export interface MemberView {
  readonly person: PersonView;
  readonly role: Role;
  readonly isMe: boolean;
  /** null: not known (offline). */
  readonly presence: 'here' | 'away' | 'gone' | null;
  readonly typing: boolean;
}

/**
 * kept: on this device's disk, waiting. arrived: synced to the server's disk. failed: refused, see `failure`.
 * not-saved: this device could not keep it; it is in memory alone. saving: not on disk yet.
 */
export type MessageState = 'saving' | 'kept' | 'arrived' | 'failed' | 'not-saved';

export type TimelineItem = MessageItem | SystemItem;

export interface MessageItem {
  readonly kind: 'message';
  readonly id: string;
  readonly author: PersonView;
  readonly own: boolean;
  readonly body: string;
  /** "/me". */
  readonly action: boolean;
  /** When it was written, epoch ms. */
  readonly sentAt: number;
  /** When it arrived, or null. */
  readonly arrivedAt: number | null;
  /** Arrived so long after it was written that both times are shown. */
  readonly late: boolean;
  readonly state: MessageState;
  /** Words for `failed` and `not-saved`: the reason in a sentence, else null. */
  readonly failure: string | null;
  readonly replyTo: ReplyQuote | null;
  /**
   * Taken away: the body is '' then. null: it is there. `withAccount`: not by anybody's act on this message, but with the
   * account of its author, of whom nothing is left.
   */
  readonly redacted: { readonly by: PersonView; readonly own: boolean; readonly withAccount: boolean } | null;
  /** What it said over time, the first words first; [] where it was never edited. */
  readonly versions: readonly { readonly body: string; readonly at: number }[];
  readonly reactions: readonly ReactionView[];
  /** What people choose from; the body is the question then. */
  readonly poll: PollView | null;
  /** Who wrote it, by the word of who sent it, and where, as far as they say. */
  readonly forwarded: { readonly author: PersonView; readonly room: string | null; readonly id: string | null } | null;
  /** Whom its words mention; null: nobody. */
  readonly mentions: MentionsView | null;
  /** Whether it is shown who wrote it. `bot`: unsigned, as programs may write; `none`: imported, or by the server. */
  readonly proof: 'signed' | 'pending' | 'failed' | 'bot' | 'none';
  /** Arrival.n, in a thread its place there; null while pending. */
  readonly n: number | null;
  /** The root of the thread that it stands in; left out: in none. */
  readonly thread?: string | undefined;
}

export interface MentionsView {
  /** By name. */
  readonly people: readonly PersonView[];
  /** All who are in the room. */
  readonly room: boolean;
  /** Id of the person at this device. */
  readonly me: string;
  /** They have written it themselves. */
  readonly own: boolean;
}

export interface ReactionView {
  readonly emoji: string;
  /** The first one first; never empty. */
  readonly people: readonly PersonView[];
  readonly own: boolean;
}

export interface ReplyQuote {
  readonly id: string;
  /** null when the message is on a page that is not loaded. */
  readonly author: PersonView | null;
  readonly body: string | null;
}

export interface SystemItem {
  readonly kind: 'system';
  readonly id: string;
  readonly icon:
    | 'created'
    | 'joined'
    | 'left'
    | 'invited'
    | 'removed'
    | 'banned'
    | 'role'
    | 'renamed'
    | 'topic'
    | 'avatar'
    | 'kind'
    | 'slow'
    | 'disappearing'
    | 'deleted'
    | 'edited'
    | 'reaction'
    | 'pinned'
    | 'poll'
    | 'unknown';
  /** A whole sentence: "Ann joined by Nora's invitation". */
  readonly text: string;
  /** What its author typed, to be copied where it was refused; null: nothing. */
  readonly words: string | null;
  readonly sentAt: number;
  readonly arrivedAt: number | null;
  readonly state: MessageState;
  readonly failure: string | null;
  readonly own: boolean;
  readonly n: number | null;
}

export interface PreferencesModel {
  readonly theme: 'system' | 'light' | 'dark';
  readonly sound: boolean;
  /** How close lines stand; the same on all devices of the person. */
  readonly density: Density;
  setDensity(density: Density): void;
  setTheme(theme: 'system' | 'light' | 'dark'): void;
  setSound(sound: boolean): void;
}

export interface UpdateModel {
  /** A new version waits. */
  readonly available: boolean;
  /** Keeps drafts and scroll, then reloads. */
  apply(): Promise<void>;
}
