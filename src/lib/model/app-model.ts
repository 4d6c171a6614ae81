// What the interface sees of Roost: reactive view models ($state inside), and the actions people take.
// Screens import such types alone; the classes behind them are built in the composition root and come by context.

import type { InvitationInfo } from '#protocol/api/invitation.ts';
import type { AccountModel } from './account-model.ts';
import type { AdminModel } from './admin-model.ts';
import type { ConnectionView } from './connection-view.ts';
import type { DirectoryItem } from './directory-item.ts';
import type { ForwardWish } from './forwarding.ts';
import type { InstallModel } from './install-model.ts';
import type { MemberView } from './member-view.ts';
import type { RoomNotice } from './notices.ts';
import type { OwnRooms } from './own-rooms.ts';
import type { PersonKeys } from './person-keys.ts';
import type { PersonView } from './person-view.ts';
import type { PlaceModel } from './place.ts';
import type { PreferencesModel } from './preferences-model.ts';
import type { PushModel } from './push-model.ts';
import type { PrivacyModel } from './receipts-model.ts';
import type { ReceivedInvitation } from './received-invitations.ts';
import type { Result } from './result.ts';
import type { KeptFiles } from './room-files.ts';
import type { RoomListItem } from './room-list-item.ts';
import type { RoomModel } from './room-model.ts';
import type { SessionModel } from './session-model.ts';
import type { SharedModel } from './shared-model.ts';
import type { StarredModel } from './starred.svelte.ts';
import type { StorageWarning } from './storage-warning.ts';
import type { ThreadsModel } from './threads-model.ts';
import type { UpdateModel } from './update-model.ts';

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
  /** Tries the line at once, rather than at its next turn. */
  reconnect(): void;
  readonly storageWarning: StorageWarning;
  /** Where the person was last on this device. */
  readonly place: PlaceModel;
  /** From other apps on this device. */
  readonly shared: SharedModel;
  /** Having Roost as an app of its own. */
  readonly install: InstallModel;
  /** Whether this device is pushed to. */
  readonly push: PushModel;
  /** What this person does with rooms for themselves alone. */
  readonly own: OwnRooms;
  readonly starred: StarredModel;
  readonly keptFiles: KeptFiles;
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
