// Why there are no passkeys here, for people.

import type { PasskeySupport } from './passkeys.ts';

export const SUPPORT_WORDS: Record<Exclude<PasskeySupport, 'ready'>, string> = {
  insecure: 'Passkeys need HTTPS. This address is plain http, so browsers do not offer them here.',
  address: 'Passkeys need a name such as chat.example: browsers keep none for an address of digits.',
  missing: 'This browser has no passkeys.'
};
