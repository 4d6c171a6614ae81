// Passkeys (WebAuthn Level 3): discoverable credentials, found by the user id that they carry.
// Invariants: an answer is checked against the challenge, origin and host of its own ceremony, which is used once; a
// counter that goes back is refused; the last way into an account is not removed.

import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';
import * as v from 'valibot';
import type { CeremonyOptions, PasskeyInfo } from '#protocol/api/passkey.ts';
import { isUserId, newUserId, type UserId } from '#protocol/ids.ts';
import type { KeyValue, Operation } from '../store/key-value.ts';
import { decodeStored, encodeStored } from '../store/stored-json.ts';
import { passkeyKey, passkeysOf } from './account-keys.ts';
import type { Account, AccountOutcome, Accounts } from './accounts.ts';
import { Ceremonies, CEREMONY_LIFE_MS, type Ceremony, type RelyingParty } from './ceremonies.ts';
import { OneAtATime } from './one-at-a-time.ts';

/** With all that it needs a fifth of what a start of the server loads: it comes with the first ceremony. */
const webauthn = () => import('@simplewebauthn/server');

export const PASSKEYS_MAX = 20;
const NAME_MAX_CHARS = 60;
/** EdDSA, ES256, RS256: what authenticators have. */
const ALGORITHMS = [-8, -7, -257];

const passkeyRecord = v.object({
  id: v.string(),
  user: v.string(),
  name: v.string(),
  /** COSE, base64url. */
  publicKey: v.string(),
  counter: v.number(),
  transports: v.array(v.string()),
  /** Host that it is bound to. */
  rpId: v.string(),
  createdAt: v.number(),
  usedAt: v.nullable(v.number())
});
type PasskeyRecord = v.InferOutput<typeof passkeyRecord>;

/** failed: the answer does not fit its ceremony, which may have ended. */
export type PasskeyRefusal = 'failed' | 'unknown' | 'too-many';
type Made = Pick<PasskeyRecord, 'id' | 'publicKey' | 'counter' | 'transports' | 'rpId'>;

export interface PasskeysDeps {
  readonly kv: KeyValue;
  readonly accounts: Accounts;
  /** What the server calls itself: browsers show it. */
  readonly serverName: string;
  /** Epoch ms. */
  readonly now: () => number;
}

export interface PasskeySignUp {
  readonly invitation: string | undefined;
  readonly create: () => Promise<AccountOutcome | 'not-first'>;
  /** An administrator, and only while there is no account. */
  readonly createFirst: () => Promise<AccountOutcome | 'not-first'>;
}

export class Passkeys {
  readonly #deps: PasskeysDeps;
  readonly #ceremonies: Ceremonies;
  readonly #writing = new OneAtATime();

  constructor(deps: PasskeysDeps) {
    this.#deps = deps;
    this.#ceremonies = new Ceremonies(deps.now);
  }

  async list(user: UserId): Promise<PasskeyInfo[]> {
    return (await this.#of(user)).map(infoOf).sort((a, b) => a.createdAt - b.createdAt);
  }

  async beginSignIn(rp: RelyingParty): Promise<CeremonyOptions> {
    const { generateAuthenticationOptions } = await webauthn();
    const options = await generateAuthenticationOptions({
      ...{ rpID: rp.id, userVerification: 'preferred', timeout: CEREMONY_LIFE_MS }
    });
    return this.#begin({ kind: 'sign-in', challenge: options.challenge, rp }, options);
  }

  /** Whether the person is suspended is the caller's to see. */
  async signIn(id: string, response: unknown): Promise<Account | PasskeyRefusal> {
    const ceremony = this.#ceremonies.take('sign-in', id);
    const answer = readAnswer(response);
    if (!ceremony || !answer) return 'failed';
    const user = answer.userHandle === undefined ? '' : Buffer.from(answer.userHandle, 'base64url').toString();
    // One after the other: of two answers with one counter, one is a copy.
    return this.#writing.run(async () => {
      const account = isUserId(user) ? this.#deps.accounts.get(user) : null;
      const passkey = account && !account.deleted ? await this.#read(user, answer.id) : null;
      if (!account || !passkey) return 'unknown';
      const counter = await verified(ceremony, passkey, response);
      if (counter === null) return 'failed';
      await this.#deps.kv.batch([put({ ...passkey, counter, usedAt: this.#deps.now() })], { sync: true });
      return account;
    });
  }

  async beginSignUp(rp: RelyingParty, name: string, invitation: string | undefined): Promise<CeremonyOptions> {
    const user = newUserId();
    const options = await this.#registration(rp, user, name, []);
    const invited = invitation === undefined ? {} : { invitation };
    return this.#begin({ kind: 'sign-up', challenge: options.challenge, rp, user, name, ...invited }, options);
  }

  /** What to make an account of: `create` makes it, with its passkey, in one batch; `createFirst` the server's first. */
  async signUp(id: string, response: unknown): Promise<PasskeySignUp | 'failed'> {
    const ceremony = this.#ceremonies.take('sign-up', id);
    const made = ceremony && (await registered(ceremony, response));
    if (!ceremony || !made) return 'failed';
    const { user, name, invitation } = ceremony;
    const also = [put(this.#record(user, made, 'Passkey'))];
    const make = (isFirst: boolean) =>
      this.#deps.accounts.create({ name, password: null, admin: isFirst, id: user, also }, isFirst);
    return { invitation, create: () => make(false), createFirst: () => make(true) };
  }

  async beginAdd(rp: RelyingParty, account: Account): Promise<CeremonyOptions> {
    const options = await this.#registration(rp, account.id, account.name, await this.#of(account.id));
    return this.#begin({ kind: 'add', challenge: options.challenge, rp, user: account.id }, options);
  }

  /** @param name as its owner will call it */
  async add(user: UserId, id: string, response: unknown, name: string): Promise<PasskeyInfo | PasskeyRefusal> {
    const ceremony = this.#ceremonies.take('add', id);
    const made = ceremony?.user === user ? await registered(ceremony, response) : null;
    if (!made) return 'failed';
    return this.#writing.run(async () => {
      const before = await this.#of(user);
      if (before.length >= PASSKEYS_MAX) return 'too-many';
      if (this.#deps.accounts.get(user)?.deleted !== false || before.some((other) => other.id === made.id))
        return 'failed';
      const record = this.#record(user, made, name);
      await this.#deps.kv.batch([put(record)], { sync: true });
      return infoOf(record);
    });
  }

  async remove(user: UserId, id: string): Promise<'removed' | 'absent' | 'last-credential'> {
    return this.#writing.run(async () => {
      const passkeys = await this.#of(user);
      if (!passkeys.some((passkey) => passkey.id === id)) return 'absent';
      if (passkeys.length === 1 && this.#deps.accounts.get(user)?.hasPassword !== true) return 'last-credential';
      await this.#deps.kv.batch([{ type: 'del', key: passkeyKey(user, id) }], { sync: true });
      return 'removed';
    });
  }

  /** What goes with the account. */
  async erasure(user: UserId): Promise<Operation[]> {
    return (await this.#of(user)).map(({ id }) => ({ type: 'del', key: passkeyKey(user, id) }));
  }

  async #registration(rp: RelyingParty, user: UserId, name: string, others: readonly PasskeyRecord[]) {
    const { generateRegistrationOptions } = await webauthn();
    return generateRegistrationOptions({
      rpName: this.#deps.serverName,
      rpID: rp.id,
      userName: name,
      userDisplayName: name,
      userID: new TextEncoder().encode(user),
      attestationType: 'none',
      timeout: CEREMONY_LIFE_MS,
      // An authenticator that holds one already says so, instead of making a second.
      excludeCredentials: others.map(({ id, transports }) => ({ id, transports })),
      authenticatorSelection: { residentKey: 'required', userVerification: 'preferred' },
      supportedAlgorithmIDs: ALGORITHMS
    });
  }

  #begin(ceremony: Ceremony, options: unknown): CeremonyOptions {
    return { ceremony: this.#ceremonies.begin(ceremony), options };
  }

  #record(user: UserId, made: Made, name: string): PasskeyRecord {
    const called = name.normalize('NFKC').trim().slice(0, NAME_MAX_CHARS);
    return { ...made, user, name: called === '' ? 'Passkey' : called, createdAt: this.#deps.now(), usedAt: null };
  }

  async #of(user: UserId): Promise<PasskeyRecord[]> {
    const records: PasskeyRecord[] = [];
    for await (const [key, value] of this.#deps.kv.range(passkeysOf(user))) {
      records.push(decodeStored(passkeyRecord, key, value));
    }
    return records;
  }

  async #read(user: UserId, id: string): Promise<PasskeyRecord | null> {
    const key = passkeyKey(user, id);
    const value = await this.#deps.kv.get(key);
    return value ? decodeStored(passkeyRecord, key, value) : null;
  }
}

const answerSchema = v.object({
  id: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,1400}$/)),
  response: v.object({ userHandle: v.optional(v.pipe(v.string(), v.maxLength(100))) })
});

function readAnswer(response: unknown): { id: string; userHandle: string | undefined } | null {
  const read = v.safeParse(answerSchema, response);
  return read.success ? { id: read.output.id, userHandle: read.output.response.userHandle } : null;
}

/** The counter that comes with the answer, or null: it does not fit. The library throws on whatever is wrong. */
async function verified(ceremony: Ceremony, passkey: PasskeyRecord, response: unknown): Promise<number | null> {
  const { id, counter, publicKey } = passkey;
  const { verifyAuthenticationResponse } = await webauthn();
  try {
    const outcome = await verifyAuthenticationResponse({
      response: response as AuthenticationResponseJSON,
      expectedChallenge: ceremony.challenge,
      expectedOrigin: ceremony.rp.origin,
      expectedRPID: ceremony.rp.id,
      requireUserVerification: false,
      credential: { id, counter, publicKey: new Uint8Array(Buffer.from(publicKey, 'base64url')) }
    });
    return outcome.verified ? outcome.authenticationInfo.newCounter : null;
  } catch {
    return null;
  }
}

/** The passkey that was made, or null: the answer does not fit. */
async function registered(ceremony: Ceremony, response: unknown): Promise<Made | null> {
  const { verifyRegistrationResponse } = await webauthn();
  try {
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: response as RegistrationResponseJSON,
      expectedChallenge: ceremony.challenge,
      expectedOrigin: ceremony.rp.origin,
      expectedRPID: ceremony.rp.id,
      requireUserVerification: false,
      supportedAlgorithmIDs: ALGORITHMS
    });
    if (!verified) return null;
    const { id, publicKey, counter, transports } = registrationInfo.credential;
    return {
      ...{ id, counter, rpId: ceremony.rp.id, publicKey: Buffer.from(publicKey).toString('base64url') },
      transports: (transports ?? []).filter((transport) => typeof transport === 'string').slice(0, 10)
    };
  } catch {
    return null;
  }
}

const infoOf = ({ id, name, createdAt, usedAt }: PasskeyRecord): PasskeyInfo => ({ id, name, createdAt, usedAt });

const put = (record: PasskeyRecord): Operation => ({
  type: 'put',
  key: passkeyKey(record.user, record.id),
  value: encodeStored(record)
});
