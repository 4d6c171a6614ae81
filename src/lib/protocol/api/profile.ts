// People as others see them, and whom one does not want to see.

/**
 * What others see of a person. GET /api/users?ids=a,b,c (at most 100) → UserInfo[]: those that exist. GET
 * /api/users?query=… → at most 20, by name. Live through the control message `people`.
 */
export interface UserInfo {
  readonly id: string;
  /** The user name. '' of a deleted account. */
  readonly name: string;
  /** '' : the user name is shown. */
  readonly displayName: string;
  /** GET /api/avatars/:id, or null. */
  readonly avatar: string | null;
  readonly status: string;
  /** 1–12, or null: by hash of the id. */
  readonly colour: number | null;
  readonly deleted: boolean;
}
/** PATCH /api/profile: any of these → UserInfo. */
export type ProfileChange = Partial<Pick<UserInfo, 'displayName' | 'avatar' | 'status' | 'colour'>>;
/** POST /api/avatars, body image/webp, square, at most AVATAR_MAX_PX and AVATAR_MAX_BYTES → AvatarStored. */
export interface AvatarStored {
  readonly id: string;
}

/** GET /api/blocked, PUT /api/blocked Blocked: whose messages fold away, for oneself alone. */
export interface Blocked {
  readonly users: readonly string[];
}
