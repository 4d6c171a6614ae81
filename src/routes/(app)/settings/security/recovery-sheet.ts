// Recovery codes as a text to keep: whose they are, where they work, and how.

interface Sheet {
  readonly codes: readonly string[];
  readonly name: string;
  readonly address: string;
  readonly server: string;
}

export const recoverySheet = ({ codes, name, address, server }: Sheet): string =>
  [
    `Recovery codes of ${name} at ${server}`,
    '',
    ...codes,
    '',
    `Each works once: open ${address}/recover, type your name, one code and a new password.`,
    'New codes make these void.',
    ''
  ].join('\n');
