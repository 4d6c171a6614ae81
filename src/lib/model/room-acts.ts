// What people do to a room and to who is in it, as the screens see it. Every act but those said otherwise is an entry:
// it works offline, stands as a pending line until it has arrived, and says why when it is refused.

import type { Role } from '#protocol/entry-fields.ts';
import type { Act } from '#protocol/permissions.ts';
import type { InvitationLink } from './invitation-link.ts';
import type { PersonView } from './person-view.ts';
import type { Result } from './result.ts';
import type { MessageItem } from './timeline-item.ts';

/** What is done to one person. */
export type PersonAct = 'removed' | 'banned' | 'unbanned';

export interface RoomActs {
  /** Whether the person's role allows it at all; reactive, like all that begin with `may`. */
  may(act: Act): boolean;
  mayTo(act: PersonAct, user: string): boolean;
  mayMake(user: string, role: Role): boolean;
  /** Whether one may make them owner and be a member oneself. */
  mayHandOver(user: string): boolean;
  mayInvite(user: string): boolean;
  mayRedact(item: MessageItem): boolean;
  mayEdit(item: MessageItem): boolean;
  mayReact(item: MessageItem): boolean;

  rename(name: string): Promise<Result<void>>;
  setTopic(topic: string): Promise<Result<void>>;
  /** Needs the network: the picture goes to the server first. @param picture a square WebP; null takes it away */
  setAvatar(picture: Blob | null): Promise<Result<void>>;
  setKind(kind: 'public' | 'private'): Promise<Result<void>>;
  /** @param seconds 0 ends slow mode */
  setSlow(seconds: number): Promise<Result<void>>;
  /** @param seconds how long messages stay after they arrived; 0: for good */
  setDisappearing(seconds: number): Promise<Result<void>>;
  delete(): Promise<Result<void>>;
  invite(user: string): Promise<Result<void>>;
  cancelInvitation(user: string): Promise<Result<void>>;
  remove(user: string): Promise<Result<void>>;
  ban(user: string): Promise<Result<void>>;
  unban(user: string): Promise<Result<void>>;
  setRole(user: string, role: Role): Promise<Result<void>>;
  handOver(user: string): Promise<Result<void>>;
  leave(): Promise<Result<void>>;

  /** Other words for a message of one's own. */
  edit(item: MessageItem, body: string): Promise<Result<void>>;
  /** Puts one's emoji on a message, or takes it back. */
  react(item: MessageItem, emoji: string): Promise<Result<void>>;

  /** Messages taken away a moment ago, which can still be called back. */
  readonly redacting: ReadonlySet<string>;
  /** Takes a message away: at once for this device, for others once CALL_BACK_MS have passed. */
  redact(item: MessageItem): void;
  undoRedact(id: string): void;

  /** To the moderators; in rooms of certain people to the administrators, with its words. Needs the network, as all below. */
  report(id: string, reason: string): Promise<Result<void>>;
  /** Newest first; for moderators. */
  reports(): Promise<Result<readonly ReportView[]>>;
  settle(report: string): Promise<Result<void>>;
  invitations(): Promise<Result<readonly InvitationView[]>>;
  createInvitation(wish: InvitationWish): Promise<Result<InvitationLink>>;
  revokeInvitation(id: string): Promise<Result<void>>;
}

export interface InvitationWish {
  readonly lifeMs: number;
  readonly uses: number;
  readonly role: 'moderator' | 'member';
}

/** A week, for the people of one room. */
export const USUAL_INVITATION: InvitationWish = { lifeMs: 7 * 86_400_000, uses: 20, role: 'member' };

export interface InvitationView {
  readonly id: string;
  readonly by: PersonView;
  readonly mine: boolean;
  readonly role: 'moderator' | 'member';
  /** Epoch ms. */
  readonly expiresAt: number;
  readonly usesLeft: number;
}

export interface ReportView {
  readonly id: string;
  readonly by: PersonView;
  readonly of: PersonView;
  readonly reason: string;
  /** Epoch ms. */
  readonly at: number;
  readonly entry: string;
  /** What was written; null where this device has not loaded it, or it is gone. */
  readonly body: string | null;
}

/** What a room is beside its name and topic. */
export interface RoomAbout {
  readonly avatar: string | null;
  /** How far apart a member's messages must lie; 0: no slow mode. */
  readonly slowSeconds: number;
  /** How long what is written now stays after it arrived; 0: for good. */
  readonly disappearingSeconds: number;
  /** When this person may write again, epoch ms; null: now, as far as slow mode goes. */
  readonly writesAgainAt: number | null;
  /** The others of a direct room or a group; [] in other rooms. */
  readonly others: readonly PersonView[];
  /** Invited, and not come yet. */
  readonly invited: readonly Concerned[];
  readonly banned: readonly Concerned[];
}

export interface Concerned {
  readonly person: PersonView;
  /** Who invited or banned them. */
  readonly by: PersonView;
}
