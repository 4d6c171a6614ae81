// The accounts of this server, and whether a password is theirs. All of them are in memory without their passwords
// (people.ts), since the gate asks who is an administrator, and everybody sees names everywhere.
// Invariants: names look different from each other, and the name of a deleted account stays taken, so that nobody
// speaks under the name of messages that still stand; one administrator at least is neither suspended nor deleted.

import type { UserInfo } from '#protocol/api/profile.ts';
import { newUserId, type UserId } from '#protocol/ids.ts';
import { PASSWORD_MAX_CHARS } from '#protocol/limits.ts';
import type { KeyValue, Operation } from '../store/key-value.ts';
import { decodeStored, encodeStored } from '../store/stored-json.ts';
import { ALL_ACCOUNTS, ALL_SEEN, accountKey, accountNameKey, seenKey } from './account-keys.ts';
import {
  accountOf,
  accountRecord,
  passwordMark,
  putAccount,
  userInfoOf,
  type Account,
  type AccountRecord
} from './account.ts';
import { NameSkeletons } from './name-skeletons.ts';
import { OneAtATime } from './one-at-a-time.ts';
import type { PasswordHasher } from './password-hasher.ts';
import { PasswordRules } from './password-rules.ts';
import { People } from './people.ts';
import { foldedName, readUserName } from './user-name.ts';
import * as v from 'valibot';

export type { Account } from './account.ts';

export type AccountRefusal = 'name-invalid' | 'name-taken' | 'password-weak';
export type Refused = { readonly ok: false; readonly code: AccountRefusal; readonly detail: string };
export type AccountOutcome = { readonly ok: true; readonly account: Account } | Refused;

export interface NewAccount {
  readonly name: string;
  /** null: `also` holds a passkey. */
  readonly password: string | null;
  readonly admin: boolean;
  /** By default a new one. */
  readonly id?: UserId;
  /** Written in the same batch. */
  readonly also?: readonly Operation[];
}

export interface AccountsDeps {
  readonly kv: KeyValue;
  readonly hasher: PasswordHasher;
  /** Epoch ms. */
  readonly now: () => number;
}

type Change = Partial<Omit<AccountRecord, 'id' | 'createdAt'>>;

export class Accounts {
  readonly #kv: KeyValue;
  readonly #hasher: PasswordHasher;
  readonly #now: () => number;
  readonly #rules = PasswordRules.read();
  readonly #skeletons = NameSkeletons.read();
  readonly #writing = new OneAtATime();
  readonly #listeners = new Set<(user: UserInfo) => void>();
  #people = this.#nobody();
  #seenAt = new Map<UserId, number>();

  private constructor({ kv, hasher, now }: AccountsDeps) {
    this.#kv = kv;
    this.#hasher = hasher;
    this.#now = now;
  }

  /** Rejects with StoreError. */
  static async open(deps: AccountsDeps): Promise<Accounts> {
    const accounts = new Accounts(deps);
    await accounts.reload();
    return accounts;
  }

  /** A write that failed may be on disk all the same: read again when the store is open again. */
  async reload(): Promise<void> {
    await this.#writing.run(async () => {
      const people = this.#nobody();
      for await (const [key, value] of this.#kv.range(ALL_ACCOUNTS)) {
        const record = decodeStored(accountRecord, key, value);
        people.set(accountOf(record), record.formerName);
      }
      const seenAt = new Map<UserId, number>();
      for await (const [key, value] of this.#kv.range(ALL_SEEN)) {
        seenAt.set(key.slice(key.indexOf('/') + 1), decodeStored(v.number(), key, value));
      }
      this.#people = people;
      this.#seenAt = seenAt;
    });
  }

  /** @param onlyIfFirst makes the account only while there is none; 'not-first' otherwise */
  async create(request: NewAccount, onlyIfFirst = false): Promise<AccountOutcome | 'not-first'> {
    const { admin, also = [] } = request;
    const weak = request.password === null ? null : this.weakPassword(request.name, request.password);
    const refused = this.nameRefusal(request.name) ?? weak;
    if (refused) return refused;
    const password = request.password === null ? null : await this.hash(request.password);
    return this.#writing.run(async () => {
      if (onlyIfFirst && this.#people.any) return 'not-first';
      const named = readUserName(request.name);
      const taken = this.nameRefusal(request.name);
      if (taken || !named.ok) return taken!;
      const record: AccountRecord = {
        ...{ id: request.id ?? newUserId(), name: named.name, admin, password, createdAt: this.#now() },
        ...{
          suspended: false,
          displayName: '',
          avatar: null,
          status: '',
          colour: null,
          formerName: null,
          erased: false
        }
      };
      await this.#kv.batch([putAccount(record), ...also], { sync: true });
      return { ok: true, account: this.#keep(record) };
    });
  }

  /** Why nobody can sign up under this name, or null. */
  nameRefusal(name: string): Refused | null {
    const named = readUserName(name);
    if (!named.ok) return { ok: false, code: 'name-invalid', detail: named.reason };
    if (!this.#people.isTaken(named.name)) return null;
    const same = this.#people.byFolded(named.folded) !== null;
    const detail = `The name ${named.name} ${same ? 'is taken' : 'is taken, or looks too much like one that is'}.`;
    return { ok: false, code: 'name-taken', detail };
  }

  /** Whether anybody has an account yet. */
  async any(): Promise<boolean> {
    return Promise.resolve(this.#people.any);
  }

  /** Deleted ones, too. */
  get(id: UserId): Account | null {
    return this.#people.get(id);
  }

  /** Deleted ones, too. */
  all(): Account[] {
    return this.#people.all();
  }

  async byId(id: UserId): Promise<Account | null> {
    return Promise.resolve(this.#people.get(id));
  }

  /** Those that exist, deleted ones too, in the order asked for. */
  async byIds(ids: readonly UserId[]): Promise<Account[]> {
    return Promise.resolve(ids.flatMap((id) => this.#people.get(id) ?? []));
  }

  async byName(name: string): Promise<Account | null> {
    return Promise.resolve(this.#byName(name));
  }

  /** Synchronous, since the gate is. Suspended and deleted ones are none. */
  isAdmin(id: UserId): boolean {
    return this.#people.isAdministrator(id);
  }

  /** At most `limit` people whose name, or what they are called, begins so. */
  search(query: string, limit: number): Account[] {
    return this.#people.search(query, limit);
  }

  /** All who are not deleted, by name. @param after id of the last one of the page before */
  page(query: string, after: UserId | null, limit: number): Account[] {
    return this.#people.page(query, after, limit);
  }

  /** Those that are not deleted. */
  get count(): number {
    return this.#people.all().filter(({ deleted }) => !deleted).length;
  }

  /** When the person was last here, to the hour; null: never since the server counts. Epoch ms. */
  seenAt(id: UserId): number | null {
    return this.#seenAt.get(id) ?? null;
  }

  /** The operation that says so, to be written with a session's own. */
  seen(id: UserId, at: number): Operation {
    this.#seenAt.set(id, at);
    return { type: 'put', key: seenKey(id), value: encodeStored(at) };
  }

  /**
   * Takes the same time for a name that is not there, and for one without a password. Whether the person is suspended
   * is the caller's to see: only who has the password may learn it.
   */
  async withPassword(name: string, password: string): Promise<Account | null> {
    const id = this.#byName(name)?.id ?? '';
    const mark = await this.#verified(id, password);
    const account = this.#people.get(id);
    // Changed while it was checked: by now it is wrong.
    return account?.passwordMark === mark ? account : null;
  }

  /** Takes the same time when there is no such account, or it has no password. */
  async isPassword(id: UserId, password: string): Promise<boolean> {
    const mark = await this.#verified(id, password);
    return mark !== null && mark === this.#people.get(id)?.passwordMark;
  }

  /** Why a password cannot be set for somebody of this name, or null. */
  weakPassword(name: string, password: string): Refused | null {
    const detail = this.#rules.weakness(password, name);
    return detail === null ? null : { ok: false, code: 'password-weak', detail };
  }

  /**
   * @param proven as the account was when its person proved who they are; left out: whoever asks need not
   * @returns null: there is no such account, or its password is another one since
   */
  async setPassword(id: UserId, password: string, proven?: Account): Promise<AccountOutcome | null> {
    const refused = this.weakPassword(this.#people.get(id)?.name ?? '', password);
    if (refused) return refused;
    const account = await this.setHash(id, await this.hash(password), [], proven?.passwordMark);
    return account && { ok: true, account };
  }

  /** Of a password, ahead of `setHash`. */
  hash(password: string): Promise<string> {
    return this.#hasher.hash(password);
  }

  /**
   * @param also written in the same batch
   * @param after mark of the password that it takes the place of; left out: of whichever
   * @returns null: there is no such account, or its password is another one
   */
  async setHash(id: UserId, hash: string, also: readonly Operation[] = [], after?: string): Promise<Account | null> {
    const change = ({ password }: AccountRecord): Change | null =>
      after === undefined || after === passwordMark(password) ? { password: hash } : null;
    const account = await this.#change(id, change, also);
    return account === 'last-administrator' ? null : account;
  }

  /** null: there is no such account. */
  async setProfile(id: UserId, change: Partial<Pick<UserInfo, 'displayName' | 'avatar' | 'status' | 'colour'>>) {
    const account = await this.#change(id, () => change);
    return account === 'last-administrator' ? null : account;
  }

  /** Their sessions are the caller's to end. @param also written in the same batch */
  setSuspended(id: UserId, suspended: boolean, also: readonly Operation[] = []) {
    return this.#change(id, () => ({ suspended }), also);
  }

  /** @param also written in the same batch */
  setAdmin(id: UserId, admin: boolean, also: readonly Operation[] = []) {
    return this.#change(id, () => ({ admin }), also);
  }

  /**
   * Erases the profile, the password and the name; what it looked like stays taken.
   * @param erased all that they wrote goes, too: the caller's to do
   * @param also written in the same batch
   */
  async delete(
    id: UserId,
    erased = false,
    also: readonly Operation[] = []
  ): Promise<Account | 'last-administrator' | null> {
    const blank = { name: '', displayName: '', avatar: null, status: '', colour: null, password: null };
    return this.#change(
      id,
      ({ name }) => ({ ...blank, erased, admin: false, suspended: false, formerName: this.#people.lookHashes(name) }),
      ({ name }) => [
        // Folders of before names were in memory have it there, too.
        { type: 'del', key: accountNameKey(foldedName(name) ?? '') },
        { type: 'del', key: seenKey(id) },
        ...also
      ]
    );
  }

  /** Called after each change of what others see of a person. */
  onProfileChanged(listener: (user: UserInfo) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Who owns what the host makes without naming an owner: the oldest administrator, else the oldest account. */
  async eldest(): Promise<Account | null> {
    let eldest: Account | null = null;
    for (const account of this.#people.all()) {
      if (!account.deleted && (!eldest || precedes(account, eldest))) eldest = account;
    }
    return Promise.resolve(eldest);
  }

  #nobody(): People {
    return new People((name) => this.#skeletons.of(name));
  }

  #byName(name: string): Account | null {
    const folded = foldedName(name);
    return folded === null ? null : this.#people.byFolded(folded);
  }

  /** The mark of the password that it is, or null. @param id '': of nobody, for the same work */
  async #verified(id: UserId, password: string): Promise<string | null> {
    const stored = (await this.#record(id))?.password ?? null;
    const right = await this.#hasher.verify(stored, password.slice(0, PASSWORD_MAX_CHARS + 1));
    return right ? passwordMark(stored) : null;
  }

  /** null: there is no such account, it is deleted, or there is nothing to change. */
  async #change(
    id: UserId,
    change: (record: AccountRecord) => Change | null,
    also: readonly Operation[] | ((record: AccountRecord) => readonly Operation[]) = []
  ): Promise<Account | 'last-administrator' | null> {
    return this.#writing.run(async () => {
      const record = await this.#record(id);
      if (!record || record.formerName !== null) return null;
      const changed = change(record);
      if (!changed) return null;
      const next = { ...record, ...changed };
      const isOneAfter = next.admin && !next.suspended && next.formerName === null;
      if (this.isAdmin(id) && !isOneAfter && this.#people.administratorCount() === 1) return 'last-administrator';
      const more = typeof also === 'function' ? also(record) : also;
      await this.#kv.batch([putAccount(next), ...more], { sync: true });
      return this.#keep(next);
    });
  }

  async #record(id: UserId): Promise<AccountRecord | null> {
    const key = accountKey(id);
    const value = await this.#kv.get(key);
    return value ? decodeStored(accountRecord, key, value) : null;
  }

  #keep(record: AccountRecord): Account {
    const before = this.#people.get(record.id);
    const account = accountOf(record);
    this.#people.set(account, record.formerName);
    if (account.deleted) this.#seenAt.delete(account.id);
    const [was, is] = [before && userInfoOf(before), userInfoOf(account)];
    if (was && JSON.stringify(was) !== JSON.stringify(is)) for (const listener of this.#listeners) listener(is);
    return account;
  }
}

const precedes = (a: Account, b: Account): boolean => (a.admin === b.admin ? a.createdAt < b.createdAt : a.admin);
