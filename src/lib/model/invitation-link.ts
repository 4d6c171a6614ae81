// A link that invites into a room, as its maker gets it.

export interface InvitationLink {
  readonly url: string;
  /** Epoch ms. */
  readonly expiresAt: number;
  readonly usesLeft: number;
}
