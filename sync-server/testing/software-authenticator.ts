// An authenticator in software, for tests: makes ES256 passkeys with attestation "none" and signs with them, as a
// browser would hand it to the page. What is to be wrong is said per call.

import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';

const USER_PRESENT = 0x01;
const USER_VERIFIED = 0x04;
const ATTESTED = 0x40;

interface Credential {
  readonly id: string;
  readonly rpId: string;
  readonly userHandle: string;
  readonly privateKey: KeyObject;
  counter: number;
}

/** What the browser adds; by default what the options and the page say. */
export interface Bend {
  readonly origin?: string;
  readonly rpId?: string;
  readonly challenge?: string;
  readonly type?: string;
  /** Instead of one more than the last. */
  readonly counter?: number;
  readonly userHandle?: string;
}

interface CreateOptions {
  readonly challenge: string;
  readonly rp: { readonly id?: string };
  readonly user: { readonly id: string };
}
interface UseOptions {
  readonly challenge: string;
  readonly rpId?: string;
}

export class SoftwareAuthenticator {
  readonly #origin: string;
  readonly #credentials: Credential[] = [];

  /** @param origin of the page */
  constructor(origin: string) {
    this.#origin = origin;
  }

  /** RegistrationResponseJSON */
  create(options: unknown, bend: Bend = {}): { readonly id: string; readonly response: object } {
    const { challenge, rp, user } = options as CreateOptions;
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const id = randomBytes(16);
    const credential: Credential = {
      ...{ id: id.toString('base64url'), rpId: bend.rpId ?? rp.id!, userHandle: user.id, privateKey, counter: 1 }
    };
    this.#credentials.push(credential);
    const { x, y } = publicKey.export({ format: 'jwk' });
    const cose = Buffer.concat([
      Buffer.from('a5010203262001215820', 'hex'),
      Buffer.from(x!, 'base64url'),
      Buffer.from('225820', 'hex'),
      Buffer.from(y!, 'base64url')
    ]);
    const authData = Buffer.concat([
      this.#head(credential, ATTESTED | USER_PRESENT | USER_VERIFIED, bend),
      Buffer.alloc(16),
      Buffer.from([0, id.length]),
      id,
      cose
    ]);
    const attestation = Buffer.concat([
      Buffer.from('a363666d74646e6f6e656761747453746d74a068617574684461746159', 'hex'),
      Buffer.from([authData.length >> 8, authData.length & 255]),
      authData
    ]);
    const response = {
      clientDataJSON: this.#clientData('webauthn.create', challenge, bend).toString('base64url'),
      attestationObject: attestation.toString('base64url'),
      transports: ['internal']
    };
    return this.#answer(credential, response);
  }

  /** AuthenticationResponseJSON, of the passkey that was made last unless another is named */
  use(
    options: unknown,
    bend: Bend & { readonly id?: string } = {}
  ): { readonly id: string; readonly response: object } {
    const { challenge } = options as UseOptions;
    const credential = this.#credentials.findLast(({ id }) => bend.id === undefined || id === bend.id);
    if (!credential) throw new Error('no such passkey');
    credential.counter = bend.counter ?? credential.counter + 1;
    const authData = this.#head(credential, USER_PRESENT | USER_VERIFIED, bend);
    const clientData = this.#clientData('webauthn.get', challenge, bend);
    const signed = Buffer.concat([authData, createHash('sha256').update(clientData).digest()]);
    return this.#answer(credential, {
      clientDataJSON: clientData.toString('base64url'),
      authenticatorData: authData.toString('base64url'),
      signature: sign('sha256', signed, credential.privateKey).toString('base64url'),
      userHandle: bend.userHandle ?? credential.userHandle
    });
  }

  #answer({ id }: Credential, response: object) {
    return { id, rawId: id, type: 'public-key', response, clientExtensionResults: {} };
  }

  #head(credential: Credential, flags: number, { rpId }: Bend): Buffer {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(credential.counter);
    const hash = createHash('sha256').update(rpId ?? credential.rpId);
    return Buffer.concat([hash.digest(), Buffer.from([flags]), counter]);
  }

  #clientData(type: string, challenge: string, bend: Bend): Buffer {
    const data = {
      type: bend.type ?? type,
      challenge: bend.challenge ?? challenge,
      origin: bend.origin ?? this.#origin
    };
    return Buffer.from(JSON.stringify({ ...data, crossOrigin: false }));
  }
}
