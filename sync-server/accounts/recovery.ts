// Ways back into an account whose password is lost: ten codes that its person keeps, and a link that an administrator
// hands out for 15 minutes. The store has their hashes alone.
// Invariants: each works once, also when it is used twice at the same moment, since it is taken away in the batch that
// sets the new password; and a wrong code and an unknown name cost the same work.

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import * as v from 'valibot';
import type { ResetLink } from '#protocol/api/admin.ts';
import type { UserId } from '#protocol/ids.ts';
import type { KeyValue, Operation } from '../store/key-value.ts';
import { decodeStored, encodeStored } from '../store/stored-json.ts';
import { ALL_RECOVERY_LINKS, recoveryCodesKey, recoveryLinkKey } from './account-keys.ts';
import type { Account, Accounts, Refused } from './accounts.ts';
import { OneAtATime } from './one-at-a-time.ts';
import { looksLikeSecret, newSecret, secretHash } from './secret.ts';

const RECOVERY_CODES = 10;
const RECOVERY_LINK_LIFE_MS = 15 * 60_000;
/** 80 random bits: no slow hash is needed. */
const CODE_CHARS = 16;
/** Crockford's: no letter that is taken for a digit. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** In the place of codes that are used or were never made: of no code's hash. */
const DECOYS = Array.from({ length: RECOVERY_CODES }, () => randomBytes(32).toString('base64url'));
const NO_CODES = encodeStored(DECOYS);

const codesRecord = v.array(v.string());
const linkRecord = v.object({ user: v.string(), expiresAt: v.number() });

export type RecoveryOutcome = { readonly ok: true; readonly account: Account } | Refused | 'invalid' | 'suspended';

export interface RecoveryDeps {
  readonly kv: KeyValue;
  readonly accounts: Accounts;
  /** Epoch ms. */
  readonly now: () => number;
}

export class Recovery {
  readonly #kv: KeyValue;
  readonly #accounts: Accounts;
  readonly #now: () => number;
  readonly #using = new OneAtATime();

  constructor({ kv, accounts, now }: RecoveryDeps) {
    this.#kv = kv;
    this.#accounts = accounts;
    this.#now = now;
  }

  /** New codes, the one time that they are seen; those of before are void. */
  async newCodes(user: UserId): Promise<string[]> {
    const codes = Array.from({ length: RECOVERY_CODES }, newCode);
    const hashes = codes.map((code) => codeHash(code));
    await this.#using.run(() =>
      this.#kv.batch([{ type: 'put', key: recoveryCodesKey(user), value: encodeStored(hashes) }], { sync: true })
    );
    return codes;
  }

  async codesLeft(user: UserId): Promise<number> {
    return (await this.#codes(user)).length;
  }

  /** The one time that its token is seen. Earlier links of the person stay good until they end. */
  async link(user: UserId): Promise<ResetLink> {
    const token = newSecret();
    const expiresAt = this.#now() + RECOVERY_LINK_LIFE_MS;
    const value = encodeStored({ user, expiresAt });
    await this.#kv.batch([{ type: 'put', key: recoveryLinkKey(secretHash(token)), value }], { sync: true });
    return { token, expiresAt };
  }

  /** Sets the password. Ending the sessions is the caller's. */
  async byCode(name: string, code: string, password: string): Promise<RecoveryOutcome> {
    const refused = this.#accounts.weakPassword(name, password);
    if (refused) return refused;
    // Before anything is looked up, as it takes the longest by far: whoever tries learns nothing from the time.
    const hashed = await this.#accounts.hash(password);
    const account = await this.#accounts.byName(name);
    return this.#using.run(async () => {
      const left = without(await this.#codesOrDecoys(account?.id ?? ''), codeHash(code));
      if (!account || left === null) return 'invalid';
      const value = encodeStored(left);
      return this.#set(account.id, hashed, [{ type: 'put', key: recoveryCodesKey(account.id), value }]);
    });
  }

  /** Sets the password. Ending the sessions is the caller's. */
  async byLink(token: string, password: string): Promise<RecoveryOutcome> {
    const key = recoveryLinkKey(secretHash(token));
    const link = looksLikeSecret(token) ? await this.#link(key) : null;
    const refused = this.#accounts.weakPassword(link ? (this.#accounts.get(link.user)?.name ?? '') : '', password);
    if (refused) return refused;
    const hashed = await this.#accounts.hash(password);
    return this.#using.run(async () => {
      // Used meanwhile.
      const still = link && (await this.#link(key));
      return still ? this.#set(still.user, hashed, [{ type: 'del', key }]) : 'invalid';
    });
  }

  /** What goes with the account. */
  async erasure(user: UserId): Promise<Operation[]> {
    const operations: Operation[] = [{ type: 'del', key: recoveryCodesKey(user) }];
    for await (const [key, value] of this.#kv.range(ALL_RECOVERY_LINKS)) {
      if (decodeStored(linkRecord, key, value).user === user) operations.push({ type: 'del', key });
    }
    return operations;
  }

  async removeExpired(): Promise<void> {
    const expired: Operation[] = [];
    for await (const [key, value] of this.#kv.range(ALL_RECOVERY_LINKS)) {
      if (decodeStored(linkRecord, key, value).expiresAt <= this.#now()) expired.push({ type: 'del', key });
    }
    if (expired.length > 0) await this.#kv.batch(expired, { sync: true });
  }

  async #set(user: UserId, hashed: string, also: readonly Operation[]): Promise<RecoveryOutcome> {
    if (this.#accounts.get(user)?.suspended) return 'suspended';
    const account = await this.#accounts.setHash(user, hashed, also);
    return account ? { ok: true, account } : 'invalid';
  }

  async #codes(user: UserId): Promise<readonly string[]> {
    const key = recoveryCodesKey(user);
    const value = await this.#kv.get(key);
    return value ? decodeStored(codesRecord, key, value) : [];
  }

  /** Never fewer than there were at first: where some were used, or none made, all looks and costs the same. */
  async #codesOrDecoys(user: UserId): Promise<readonly string[]> {
    const key = recoveryCodesKey(user);
    const codes = decodeStored(codesRecord, key, (await this.#kv.get(key)) ?? NO_CODES);
    return [...codes, ...DECOYS.slice(codes.length)];
  }

  async #link(key: string): Promise<{ user: UserId } | null> {
    const value = await this.#kv.get(key);
    const link = value && decodeStored(linkRecord, key, value);
    return link && link.expiresAt > this.#now() ? link : null;
  }
}

function newCode(): string {
  const letters = [...randomBytes(CODE_CHARS)].map((byte) => ALPHABET[byte % ALPHABET.length]);
  return letters.join('').replaceAll(/.{4}(?=.)/g, '$&-');
}

/** As people write codes down: in any case, with or without its dashes, O for 0, I and L for 1. */
function codeHash(code: string): string {
  const plain = code.slice(0, 100).toLowerCase().replaceAll(/[\s-]/g, '').replaceAll('o', '0').replaceAll(/[il]/g, '1');
  return createHash('sha256').update(`roost recovery\n${plain}`).digest('base64url');
}

/** The hashes without this one and without decoys, or null: it is not among them. Looks at all, wherever it is. */
function without(hashes: readonly string[], wanted: string): string[] | null {
  const same = hashes.map((hash) => timingSafeEqual(Buffer.from(hash), Buffer.from(wanted)));
  return same.includes(true) ? hashes.filter((hash, at) => !same[at] && !DECOYS.includes(hash)) : null;
}
