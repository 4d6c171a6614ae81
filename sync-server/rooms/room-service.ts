// What the server's front ends (HTTP, sockets, command line) may ask of the rooms. The one place where pages are
// checked, committed and handed out. Implemented by rooms.ts.

import type { MemberInfo, RoomClosing } from '#protocol/api/room.ts';
import type { ArrivedEntry, SealedPage } from '#protocol/api/sealed-page.ts';
import type { Arrival } from '#protocol/arrival.ts';
import type { CloseCode } from '#protocol/close-codes.ts';
import type { RoomSummary } from '#protocol/control.ts';
import type { Role } from '#protocol/entry-fields.ts';
import type { Entry } from '#protocol/entry.ts';
import type { RoomEntry } from '#protocol/room-entries.ts';
import type { EntryId, PageRef, RoomId, UserId } from '#protocol/ids.ts';
import type { RefusalCode } from '#protocol/refusal-codes.ts';
import type { Receipt } from '#protocol/receipt.ts';
import type { RoomState } from '#protocol/room-state.ts';
import type { Session } from '../accounts/session.ts';
import type { Operation } from '../store/key-value.ts';

/** One open channel, as the rooms see it. All calls are synchronous and must not throw. */
export interface PageReader {
  readonly user: UserId;
  /** Of the session: people at a browser sign what they write, bots and tools need not. */
  readonly kind: Session['kind'];
  /** Whole y-websocket message (sync protocol: update, step 1 or step 2); shared between readers, so never changed. */
  send(message: Uint8Array): void;
  /** An entry that this channel sent was not taken. */
  refused(id: EntryId, code: RefusalCode, detail: string): void;
  /** Milliseconds of the server's own time that went into what this channel sent. */
  spent?(ms: number): void;
  /** The channel is over (person removed, page malformed, storage failed); nothing is sent after it. */
  close(code: CloseCode): void;
}

export interface PageAttachment {
  readonly ref: PageRef;
  /** Answers a SyncStep1 out of committed state, through `reader.send`. */
  syncStep1(stateVector: Uint8Array): void;
  /** Takes an update or SyncStep2 payload. Outcomes come through the reader; bytes may be reused after the call. */
  receive(update: Uint8Array): void;
  /**
   * Binds a Yjs client id to the reader's user before it has written anything: a stock client shows its id to
   * others in its presence, and nobody else may write under it first. Taken: the reader is closed (clientIdTaken).
   */
  bind?(clientId: number): void;
  detach(): void;
}

export interface OpenPage extends PageRef {
  /** The Yjs client id to bind, or null when it shows only in the first update (stock clients). */
  readonly clientId: number | null;
  readonly create: boolean;
}

export type Attached =
  { readonly ok: true; readonly attachment: PageAttachment } | { readonly ok: false; readonly close: CloseCode };

/** An entry that was written just now, by a person or in their name; imported ones are not. */
export interface JustArrived {
  readonly entry: Entry;
  readonly arrival: Arrival;
}

export interface RoomEvents {
  /** A room of this person changed: new messages, name, membership; at most once a tick and room. */
  changed(user: UserId, room: RoomId): void;
  /** The person is no longer in the room. */
  gone(user: UserId, room: RoomId): void;
  read(user: UserId, room: RoomId, n: number, unread: number): void;
  /** How far a member has come, as others may know it. */
  receipt(user: UserId, room: RoomId, receipt: Receipt): void;
  pageChanged(user: UserId, ref: PageRef, revision: number, cursor: number): void;
  /** What one commit brought, in its order, once it is on disk. */
  arrived?(room: RoomId, state: RoomState, arrived: readonly JustArrived[]): void;
  /** What one commit took away, by whatever way: a word, its time, the end of an account. */
  erased?(room: RoomId, ids: readonly EntryId[]): void;
}

export const DIRECTORY_PART_ROOMS = 50;

/** Which part of the directory of public rooms. */
export interface DirectoryPart {
  /** Found in the name, without regard to case; left out: all. */
  readonly query?: string;
  /** The last room of the part before; left out: from the first. */
  readonly after?: RoomId;
}

export interface ImportCount {
  readonly imported: number;
  readonly alreadyThere: number;
}

export interface RoomService {
  /** After attaching, the service sends its own SyncStep1 through the reader. */
  attach(page: OpenPage, reader: PageReader): Promise<Attached>;

  /** Rooms the person is a member of or invited to, newest activity first. */
  joined(user: UserId): Promise<RoomSummary[]>;
  /** Public rooms that the person is not banned from, newest activity first, DIRECTORY_PART_ROOMS at a time. */
  publicRooms(user: UserId, part?: DirectoryPart): Promise<RoomSummary[]>;
  /** null: absent, or closed to this person. */
  summary(user: UserId, room: RoomId): Promise<RoomSummary | null>;
  /** Why a room is closed to somebody who could open it once; null to everybody else. */
  closing(user: UserId, room: RoomId): Promise<RoomClosing | null>;
  /** Whether there was such a room, and it was deleted: for who shows that they were let in. */
  isDeleted(room: RoomId): Promise<boolean>;
  /** How what `closing` goes by is forgotten, with the account. */
  closingErasure(user: UserId): Promise<Operation[]>;
  members(user: UserId, room: RoomId): Promise<Omit<MemberInfo, 'name'>[] | null>;
  sealedPage(user: UserId, ref: PageRef): Promise<SealedPage | 'not-sealed' | null>;
  /** Moves the read marker up; lower ones are ignored. null: absent or closed. @param shown whether others learn of it; yes by default */
  markRead(user: UserId, room: RoomId, n: number, shown?: boolean): Promise<{ n: number; unread: number } | null>;
  /** A device of a member has the room up to n on its disk; of others nothing is kept. */
  markStored(user: UserId, room: RoomId, n: number): Promise<void>;
  /** How far all members have come, for one of them. null: whoever asks is none. */
  receipts(user: UserId, room: RoomId): Promise<ReadonlyMap<UserId, Receipt> | null>;
  isMember(user: UserId, room: RoomId): Promise<boolean>;
  /** Those of the others who are in a room that this person is in or invited to. */
  sharingRoom(user: UserId, others: readonly UserId[]): Promise<ReadonlySet<UserId>>;
  /** How what is kept of a person's reading, and of when they wrote, is forgotten in the rooms they are in: with the account. */
  receiptErasure(user: UserId): Promise<Operation[]>;
  changedPages(
    user: UserId,
    since: number
  ): Promise<{ changed: { room: RoomId; page: number; revision: number }[]; cursor: number }>;

  /** Appends an entry in a person's name through the same checks as theirs (command line, API). */
  append(entry: Entry, room: RoomId): Promise<RefusalCode | null>;
  /** Makes a room in a person's name because the host wants it: who may make rooms, and how many, is not asked. */
  createForHost(entry: RoomEntry, room: RoomId): Promise<RefusalCode | null>;
  /**
   * Writes a `joined` entry for somebody who holds an invitation; null when done, 'no-change' when in already, 'banned',
   * 'deleted', 'not-allowed' for a room of certain people. The caller has checked that the inviter may give the role.
   * @param role what the invitation makes of them; a member when it is left out
   */
  joinByInvitation(room: RoomId, user: UserId, invitedBy: UserId, role?: Role): Promise<RefusalCode | null>;
  /** Whose an entry of the room is. null: no such entry, or the room is absent or closed to this person. */
  authorOf(user: UserId, room: RoomId, entry: EntryId): Promise<string | null>;
  /** The page that an entry is on. null: no such entry, or the room is absent or closed to this person. */
  pageOf(user: UserId, room: RoomId, entry: EntryId): Promise<number | null>;
  /** Whether the room holds this very entry; asked for who may read it. */
  holds(room: RoomId, entry: Entry): Promise<boolean>;
  /**
   * Ends a room for all, whoever asks: the caller has checked that they may. All of it is erased; the id stays taken.
   * False: there is no such room any more.
   */
  deleteRoom(room: RoomId, by: UserId): Promise<boolean>;
  /**
   * Erases the content of all messages that a person wrote, in all rooms. Resolves when every room has forgotten them;
   * begun, it is finished after a restart too. The caller has ended their sessions.
   */
  eraseMessagesOf(user: UserId): Promise<void>;
  /** Resolves when the bytes of all that was erased so far have left the disk. */
  erasuresSettled(): Promise<void>;
  /** Appends imported entries to a room that is empty or holds imports only. Rejects with a plain Error otherwise. */
  import(room: RoomId, entries: readonly Entry[]): Promise<ImportCount>;
  /** The public or joined room of this name, for the command line; null when none, an array when several. */
  findByName(name: string): Promise<RoomId | null | RoomId[]>;

  /** Arrived entries of the head page, oldest first (tests and tools). */
  headEntries(room: RoomId): Promise<ArrivedEntry[]>;

  /** Pictures that rooms show now. */
  avatarsInUse(): Promise<ReadonlySet<string>>;

  subscribe(events: RoomEvents): () => void;
  /** False from a failed write until the store is open again. */
  healthy(): boolean;
  /** Commits what is staged, closes every reader with CLOSE.stopping. */
  close(): Promise<void>;
}
