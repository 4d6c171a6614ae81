// Why there are no passkeys here, for people.

import type { PasskeySupport } from './passkeys.ts';
import { m } from '../words/generated/messages.js';

export const SUPPORT_WORDS: Record<Exclude<PasskeySupport, 'ready'>, () => string> = {
  insecure: m.passkey_insecure,
  address: m.passkey_address,
  missing: m.passkey_missing
};
