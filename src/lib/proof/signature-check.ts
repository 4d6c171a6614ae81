// Whether a signature fits an entry: by WebCrypto where the page has Ed25519, else by @noble/ed25519. Never throws.

import type { Entry } from '#protocol/entry.ts';
import type { RoomId } from '#protocol/ids.ts';
import { fromBase64url, signedBytes } from '#protocol/signing.ts';
import { noble } from './device-key.ts';

export interface SignatureQuestion {
  readonly room: RoomId;
  readonly entry: Entry;
  /** 32 bytes in base64url. */
  readonly publicKey: string;
}

export async function isSignatureValid(question: SignatureQuestion, subtle: SubtleCrypto | null): Promise<boolean> {
  const { room, entry } = question;
  const publicKey = fromBase64url(question.publicKey);
  const signature = entry.signature === undefined ? null : fromBase64url(entry.signature);
  if (publicKey?.length !== 32 || signature?.length !== 64) return false;
  const bytes = signedBytes(room, entry);
  if (subtle) {
    try {
      const key = await subtle.importKey('raw', publicKey, 'Ed25519', false, ['verify']);
      return await subtle.verify('Ed25519', key, signature, bytes);
    } catch {
      // A browser with WebCrypto but without Ed25519.
    }
  }
  try {
    return (await noble()).verify(signature, bytes, publicKey);
  } catch {
    return false;
  }
}
