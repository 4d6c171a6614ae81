// Who may do what in a room, as one table: `refusal` decides by it, docs/permissions.md shows it, tests walk it.

import type { Role, RoomKind } from './entry-fields.ts';

/** What a person does in a room, as the table has it. */
export const ACTS = [
  'write',
  'mention-room',
  'edit',
  'react',
  'pin',
  'vote',
  'close-own',
  'close-other',
  'rename',
  'topic',
  'avatar',
  'kind',
  'slow',
  'disappearing',
  'delete',
  'join',
  'leave',
  'invite',
  'remove',
  'ban',
  'unban',
  'role',
  'redact-own',
  'redact-other'
] as const;
export type Act = (typeof ACTS)[number];

/**
 * The least that a person must be. `anyone`: of this server, unless banned. `invited`: or a member. nobody: not in such
 * a room.
 */
export type Least = 'anyone' | 'invited' | Role | 'nobody';

export const PERMISSIONS: Readonly<Record<Act, Readonly<Record<RoomKind, Least>>>> = {
  write: { public: 'anyone', private: 'member', direct: 'member', group: 'member' },
  'mention-room': { public: 'anyone', private: 'member', direct: 'member', group: 'member' },
  edit: { public: 'anyone', private: 'member', direct: 'member', group: 'member' },
  react: { public: 'anyone', private: 'member', direct: 'member', group: 'member' },
  pin: { public: 'moderator', private: 'moderator', direct: 'member', group: 'member' },
  vote: { public: 'anyone', private: 'member', direct: 'member', group: 'member' },
  'close-own': { public: 'anyone', private: 'member', direct: 'member', group: 'member' },
  'close-other': { public: 'moderator', private: 'moderator', direct: 'nobody', group: 'nobody' },
  rename: { public: 'moderator', private: 'moderator', direct: 'nobody', group: 'nobody' },
  topic: { public: 'moderator', private: 'moderator', direct: 'nobody', group: 'nobody' },
  avatar: { public: 'moderator', private: 'moderator', direct: 'nobody', group: 'nobody' },
  kind: { public: 'owner', private: 'owner', direct: 'nobody', group: 'nobody' },
  slow: { public: 'moderator', private: 'moderator', direct: 'nobody', group: 'nobody' },
  disappearing: { public: 'moderator', private: 'moderator', direct: 'member', group: 'member' },
  delete: { public: 'owner', private: 'owner', direct: 'nobody', group: 'nobody' },
  join: { public: 'anyone', private: 'invited', direct: 'nobody', group: 'nobody' },
  leave: { public: 'invited', private: 'invited', direct: 'nobody', group: 'member' },
  invite: { public: 'member', private: 'member', direct: 'nobody', group: 'nobody' },
  remove: { public: 'moderator', private: 'moderator', direct: 'nobody', group: 'nobody' },
  ban: { public: 'moderator', private: 'moderator', direct: 'nobody', group: 'nobody' },
  unban: { public: 'moderator', private: 'moderator', direct: 'nobody', group: 'nobody' },
  role: { public: 'owner', private: 'owner', direct: 'nobody', group: 'nobody' },
  'redact-own': { public: 'anyone', private: 'member', direct: 'member', group: 'member' },
  'redact-other': { public: 'moderator', private: 'moderator', direct: 'nobody', group: 'nobody' }
};

const RANK: Record<Role, number> = { member: 1, moderator: 2, owner: 3 };

/** 0: not a member. */
export const rankOfRole = (role: Role | null): number => (role === null ? 0 : RANK[role]);

/** Whether a person of this role may let others in by a link that makes this of them. */
export function mayMakeLink(kind: RoomKind, own: Role | null, role: Role): boolean {
  if (own === null || !isEnough(PERMISSIONS.invite[kind], own, false)) return false;
  return role === 'member' || isEnough(PERMISSIONS.role[kind], own, false);
}

/** Whether a role, or an open invitation, is enough for the act. */
export function isEnough(least: Least, role: Role | null, invited: boolean): boolean {
  if (least === 'nobody') return false;
  if (least === 'anyone') return true;
  if (least === 'invited') return invited || role !== null;
  return rankOfRole(role) >= RANK[least];
}
