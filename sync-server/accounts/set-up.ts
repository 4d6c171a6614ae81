// The one-time set-up link: made anew at each start while there is no account, good for the first account alone.

import { timingSafeEqual } from 'node:crypto';
import * as v from 'valibot';
import type { KeyValue } from '../store/key-value.ts';
import { SETUP_KEY } from './account-keys.ts';
import type { AccountOutcome, Accounts } from './accounts.ts';
import { decodeStored, encodeStored } from '../store/stored-json.ts';
import { newSecret, secretHash } from './secret.ts';

export class SetUp {
  readonly #kv: KeyValue;
  readonly #accounts: Accounts;

  constructor({ kv, accounts }: { kv: KeyValue; accounts: Accounts }) {
    this.#kv = kv;
    this.#accounts = accounts;
  }

  /** A fresh token, which replaces any earlier one, or null when there is an account. */
  async open(): Promise<string | null> {
    if (await this.#accounts.any()) return null;
    const token = newSecret();
    const value = encodeStored(secretHash(token));
    await this.#kv.batch([{ type: 'put', key: SETUP_KEY, value }], { sync: true });
    return token;
  }

  /** Whether the first account can be made with it. */
  async isGood(token: string): Promise<boolean> {
    const value = await this.#kv.get(SETUP_KEY);
    if (!value || !(await this.needed())) return false;
    return sameHash(decodeStored(v.string(), SETUP_KEY, value), secretHash(token));
  }

  async needed(): Promise<boolean> {
    return !(await this.#accounts.any());
  }

  /** 'setup-invalid': another token, or the first account is there. */
  async use(token: string, name: string, password: string): Promise<AccountOutcome | 'setup-invalid'> {
    return this.useFor(token, () => this.#accounts.create({ name, password, admin: true }, true));
  }

  /** @param create makes an administrator, and only while there is no account */
  async useFor(
    token: string,
    create: () => Promise<AccountOutcome | 'not-first'>
  ): Promise<AccountOutcome | 'setup-invalid'> {
    if (!(await this.isGood(token))) return 'setup-invalid';
    const outcome = await create();
    if (outcome === 'not-first') return 'setup-invalid';
    if (outcome.ok) await this.#kv.batch([{ type: 'del', key: SETUP_KEY }], { sync: false });
    return outcome;
  }
}

const sameHash = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
