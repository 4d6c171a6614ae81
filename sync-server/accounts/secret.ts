// Secrets that the server hands out: session tokens, invitations, the set-up token. The store keeps their
// SHA-256 alone, so a stolen copy of the data folder signs nobody in.

import { createHash, randomBytes } from 'node:crypto';

/** 32 random bytes, base64url. */
export const newSecret = (): string => randomBytes(32).toString('base64url');

/** SHA-256 of a secret, base64url. Secrets have 256 random bits, so no salt and no slow hash is needed. */
export const secretHash = (secret: string): string => createHash('sha256').update(secret).digest('base64url');

/** What a secret can look like; anything else is not worth a look into the store. */
export const looksLikeSecret = (value: string): boolean => /^[A-Za-z0-9_-]{43}$/.test(value);
