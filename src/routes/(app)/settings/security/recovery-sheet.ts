// Recovery codes as a text to keep: whose they are, where they work, and how.

import { m } from '#lib/words/generated/messages.js';

interface Sheet {
  readonly codes: readonly string[];
  readonly name: string;
  readonly address: string;
  readonly server: string;
}

export const recoverySheet = ({ codes, name, address, server }: Sheet): string =>
  [
    m.settings_sheet_title({ name, server }),
    '',
    ...codes,
    '',
    m.settings_sheet_how({ address }),
    m.settings_sheet_void(),
    ''
  ].join('\n');
