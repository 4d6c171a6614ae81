// What a browser does with a push: keys of its own, and the decryption of what comes for them (RFC 8291 over RFC 8188).

import { createDecipheriv, createECDH, hkdfSync, randomBytes, type ECDH } from 'node:crypto';

const SALT_BYTES = 16;
const HEADER_BYTES = 21;
const TAG_BYTES = 16;

export class BrowserKeys {
  readonly #own: ECDH = createECDH('prime256v1');
  readonly #secret = randomBytes(16);

  constructor() {
    this.#own.generateKeys();
  }

  /** As `PushSubscription.toJSON().keys` has them. */
  get keys(): { readonly p256dh: string; readonly auth: string } {
    return { p256dh: this.#own.getPublicKey('base64url'), auth: this.#secret.toString('base64url') };
  }

  /** @throws when it was meant for somebody else, or changed on the way */
  decrypt(body: Buffer): string {
    const salt = body.subarray(0, SALT_BYTES);
    const theirs = body.subarray(HEADER_BYTES, HEADER_BYTES + body[HEADER_BYTES - 1]!);
    const info = Buffer.concat([Buffer.from('WebPush: info\0'), this.#own.getPublicKey(), theirs]);
    const shared = Buffer.from(hkdfSync('sha256', this.#own.computeSecret(theirs), this.#secret, info, 32));
    const derive = (name: string, length: number): Buffer =>
      Buffer.from(hkdfSync('sha256', shared, salt, Buffer.from(`Content-Encoding: ${name}\0`), length));
    const sealed = body.subarray(HEADER_BYTES + theirs.length);
    const decipher = createDecipheriv('aes-128-gcm', derive('aes128gcm', 16), derive('nonce', 12));
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    const padded = Buffer.concat([decipher.update(sealed.subarray(0, -TAG_BYTES)), decipher.final()]);
    // One record: what is said, then 2, then zeroes.
    return padded.subarray(0, padded.lastIndexOf(2)).toString();
  }
}
