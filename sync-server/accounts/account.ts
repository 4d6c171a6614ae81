// An account as it is stored, and as the rest of the server sees it: without its password.

import { createHash } from 'node:crypto';
import * as v from 'valibot';
import type { UserInfo } from '#protocol/api/profile.ts';
import type { UserId } from '#protocol/ids.ts';
import type { Operation } from '../store/key-value.ts';
import { encodeStored } from '../store/stored-json.ts';
import { accountKey } from './account-keys.ts';

export const accountRecord = v.object({
  id: v.string(),
  /** '' once it is deleted. */
  name: v.string(),
  admin: v.boolean(),
  /** PHC form; null: a passkey is the only way in. */
  password: v.nullable(v.string()),
  createdAt: v.number(),
  suspended: v.optional(v.boolean(), false),
  displayName: v.optional(v.string(), ''),
  avatar: v.optional(v.nullable(v.string()), null),
  status: v.optional(v.string(), ''),
  colour: v.optional(v.nullable(v.number()), null),
  /** Of a deleted account: hashes of the skeletons of its name, which nobody else gets. Null: it is not deleted. */
  formerName: v.optional(v.nullable(v.array(v.string())), null),
  erased: v.optional(v.boolean(), false)
});
export type AccountRecord = v.InferOutput<typeof accountRecord>;

export interface Account {
  readonly id: UserId;
  /** '' of a deleted account. */
  readonly name: string;
  readonly admin: boolean;
  readonly suspended: boolean;
  readonly deleted: boolean;
  /** Deleted with all that they wrote. */
  readonly erased: boolean;
  /** False: a passkey is the only way in. */
  readonly hasPassword: boolean;
  /** Another one with each password: tells whether a proof is still of the one that holds. No secret. */
  readonly passwordMark: string;
  /** Epoch ms. */
  readonly createdAt: number;
  readonly displayName: string;
  readonly avatar: string | null;
  readonly status: string;
  readonly colour: number | null;
}

export function accountOf(record: AccountRecord): Account {
  const { password, formerName, ...rest } = record;
  const [hasPassword, deleted] = [password !== null, formerName !== null];
  return { ...rest, hasPassword, passwordMark: passwordMark(password), deleted };
}

/** Of the salted hash, so that the same password set anew has another one. @param stored in PHC form */
export const passwordMark = (stored: string | null): string =>
  stored === null ? '' : createHash('sha256').update(stored).digest('base64url').slice(0, 16);

/** What others see. */
export const userInfoOf = ({ id, name, displayName, avatar, status, colour, deleted }: Account): UserInfo => ({
  ...{ id, name, displayName, avatar, status, colour, deleted }
});

export const putAccount = (record: AccountRecord): Operation => ({
  type: 'put',
  key: accountKey(record.id),
  value: encodeStored(record)
});
