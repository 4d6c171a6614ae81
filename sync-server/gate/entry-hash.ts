// The hash that tells whether two entries with one id are the same entry.

import { hash } from 'node:crypto';
import { canonicalJson } from '#protocol/canonical.ts';
import type { Entry } from '#protocol/entry.ts';

/** SHA-256 of the entry's canonical JSON, base64url: 43 characters. */
export const entryHash = (entry: Entry): string => hash('sha256', canonicalJson(entry), 'base64url');
