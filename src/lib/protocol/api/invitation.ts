// Links that invite into a room.

import type { RoomKind } from '#protocol/entry-fields.ts';

/** POST /api/rooms/:id/invitations NewInvitation, by a member. The link is `<origin>/i#<secret>`. */
export interface NewInvitation {
  /** At most 90 days; default a week. */
  readonly lifeMs?: number;
  /** 1–1,000; default 20. */
  readonly uses?: number;
  /** Default member. moderator: by owners alone, as only they give roles. */
  readonly role?: 'moderator' | 'member';
}
/**
 * GET /api/rooms/:id/invitations: one's own, of all for moderators; those that can still be used. DELETE
 * /api/invitations/:id by its maker, the room's moderators and administrators.
 */
export interface InvitationSummary {
  readonly id: string;
  readonly room: string;
  readonly by: string;
  readonly role: 'moderator' | 'member';
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly usesLeft: number;
}
export interface Invitation {
  readonly id: string;
  readonly secret: string;
  /** Epoch ms. */
  readonly expiresAt: number;
  readonly usesLeft: number;
}
/** POST /api/invitations/lookup { secret }, public: what the link leads to. */
export interface InvitationInfo {
  readonly room: { readonly id: string; readonly name: string; readonly kind: RoomKind };
  readonly invitedBy: string;
  /** What the link makes of who comes in by it. */
  readonly role: 'moderator' | 'member';
  readonly expiresAt: number;
}
/** POST /api/invitations/accept { secret }: the server writes the `joined` entry. */
export interface InvitationAccepted {
  readonly room: string;
}
