// The people of this server: who they are, and whether a password is theirs.
// Invariant: a folded name belongs to one account; both records are written in one batch.

import * as v from 'valibot';
import { newUserId, type UserId } from '#protocol/ids.ts';
import { PASSWORD_MAX_CHARS, PASSWORD_MIN_CHARS } from '#protocol/limits.ts';
import type { KeyValue } from '../store/key-value.ts';
import { ALL_ACCOUNTS, accountKey, accountNameKey } from './account-keys.ts';
import { decodeStored, encodeStored } from '../store/stored-json.ts';
import { OneAtATime } from './one-at-a-time.ts';
import type { PasswordHasher } from './password-hasher.ts';
import { readUserName } from './user-name.ts';

const accountRecord = v.object({
  id: v.string(),
  name: v.string(),
  admin: v.boolean(),
  /** PHC form. */
  password: v.string(),
  createdAt: v.number()
});
type AccountRecord = v.InferOutput<typeof accountRecord>;

export interface Account {
  readonly id: UserId;
  readonly name: string;
  readonly admin: boolean;
  /** Epoch ms. */
  readonly createdAt: number;
}

export type AccountRefusal = 'name-invalid' | 'name-taken' | 'password-weak';
export type AccountOutcome =
  | { readonly ok: true; readonly account: Account }
  | { readonly ok: false; readonly code: AccountRefusal; readonly detail: string };

export interface NewAccount {
  readonly name: string;
  readonly password: string;
  readonly admin: boolean;
}

export interface AccountsDeps {
  readonly kv: KeyValue;
  readonly hasher: PasswordHasher;
  /** Epoch ms. */
  readonly now: () => number;
}

export class Accounts {
  readonly #kv: KeyValue;
  readonly #hasher: PasswordHasher;
  readonly #now: () => number;
  readonly #writing = new OneAtATime();
  #anyAccount = false;

  constructor({ kv, hasher, now }: AccountsDeps) {
    this.#kv = kv;
    this.#hasher = hasher;
    this.#now = now;
  }

  /** @param onlyIfFirst makes the account only while there is none; 'not-first' otherwise */
  async create(request: NewAccount, onlyIfFirst = false): Promise<AccountOutcome | 'not-first'> {
    const named = readUserName(request.name);
    if (!named.ok) return { ok: false, code: 'name-invalid', detail: named.reason };
    const weakness = passwordWeakness(request.password);
    if (weakness) return { ok: false, code: 'password-weak', detail: weakness };
    const { name, folded } = named;
    const taken: AccountOutcome = { ok: false, code: 'name-taken', detail: `The name ${name} is taken.` };
    if (await this.#kv.get(accountNameKey(folded))) return taken;
    const password = await this.#hasher.hash(request.password);
    return this.#writing.run(async () => {
      if (onlyIfFirst && (await this.any())) return 'not-first';
      if (await this.#kv.get(accountNameKey(folded))) return taken;
      const { admin } = request;
      const record: AccountRecord = { id: newUserId(), name, admin, password, createdAt: this.#now() };
      await this.#kv.batch(
        [
          { type: 'put', key: accountKey(record.id), value: encodeStored(record) },
          { type: 'put', key: accountNameKey(folded), value: encodeStored(record.id) }
        ],
        { sync: true }
      );
      return { ok: true, account: withoutPassword(record) };
    });
  }

  /** Whether anybody has an account yet. */
  async any(): Promise<boolean> {
    if (this.#anyAccount) return true;
    for await (const _ of this.#kv.range({ ...ALL_ACCOUNTS, limit: 1 })) this.#anyAccount = true;
    return this.#anyAccount;
  }

  async byId(id: UserId): Promise<Account | null> {
    const [account] = await this.byIds([id]);
    return account ?? null;
  }

  /** Those that exist, in the order asked for. */
  async byIds(ids: readonly UserId[]): Promise<Account[]> {
    const keys = ids.map(accountKey);
    const values = await this.#kv.getMany(keys);
    return values.flatMap((value, i) => (value ? [withoutPassword(decodeStored(accountRecord, keys[i]!, value))] : []));
  }

  async byName(name: string): Promise<Account | null> {
    const record = await this.#recordByName(name);
    return record && withoutPassword(record);
  }

  /** Takes the same time for a name that is not there. */
  async withPassword(name: string, password: string): Promise<Account | null> {
    const record = await this.#recordByName(name);
    const right = await this.#hasher.verify(record?.password ?? null, password.slice(0, PASSWORD_MAX_CHARS + 1));
    return right && record ? withoutPassword(record) : null;
  }

  async setPassword(id: UserId, password: string): Promise<AccountOutcome | null> {
    const weakness = passwordWeakness(password);
    if (weakness) return { ok: false, code: 'password-weak', detail: weakness };
    const hash = await this.#hasher.hash(password);
    return this.#writing.run(async () => {
      const value = await this.#kv.get(accountKey(id));
      if (!value) return null;
      const record = { ...decodeStored(accountRecord, accountKey(id), value), password: hash };
      await this.#kv.batch([{ type: 'put', key: accountKey(id), value: encodeStored(record) }], { sync: true });
      return { ok: true, account: withoutPassword(record) };
    });
  }

  /** Who owns what the host makes without naming an owner: the oldest administrator, else the oldest account. */
  async eldest(): Promise<Account | null> {
    let eldest: Account | null = null;
    for await (const [key, value] of this.#kv.range(ALL_ACCOUNTS)) {
      const account = withoutPassword(decodeStored(accountRecord, key, value));
      if (!eldest || precedes(account, eldest)) eldest = account;
    }
    return eldest;
  }

  async #recordByName(name: string): Promise<AccountRecord | null> {
    const named = readUserName(name);
    if (!named.ok) return null;
    const nameKey = accountNameKey(named.folded);
    const idValue = await this.#kv.get(nameKey);
    if (!idValue) return null;
    const key = accountKey(decodeStored(v.string(), nameKey, idValue));
    const value = await this.#kv.get(key);
    return value ? decodeStored(accountRecord, key, value) : null;
  }
}

function passwordWeakness(password: string): string | null {
  if (password.length < PASSWORD_MIN_CHARS) return `A password needs at least ${PASSWORD_MIN_CHARS} characters.`;
  if (password.length > PASSWORD_MAX_CHARS) return `A password has at most ${PASSWORD_MAX_CHARS} characters.`;
  return null;
}

const withoutPassword = ({ id, name, admin, createdAt }: AccountRecord): Account => ({ id, name, admin, createdAt });

const precedes = (a: Account, b: Account): boolean => (a.admin === b.admin ? a.createdAt < b.createdAt : a.admin);
