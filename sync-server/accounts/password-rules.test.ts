import { expect, test } from 'vitest';
import { PasswordRules } from './password-rules.ts';

const rules = PasswordRules.read();

test.each([
  ...[
    'password',
    'Password',
    'ｐａｓｓｗｏｒｄ',
    '12345678',
    'qwertyuiop',
    'iloveyou',
    'trustno1',
    '1qaz2wsx',
    'aaaaaaaa'
  ],
  ...['12121212', 'abcdefgh', '98765432', 'short', 'x'.repeat(257), 'Ann of Gables', 'ann OF gables']
])('[ACCT-3] %s is refused, with words', (password) => {
  expect(rules.weakness(password, 'Ann of Gables')).toMatch(/^(A|The|This) password .*\.$/);
});

test.each(['correct horse', 'tr0ub4dor&3', 'пароль из слов', 'a'.repeat(7) + 'bc', '7 words or so'])(
  '[ACCT-3] %s is taken',
  (password) => expect(rules.weakness(password, 'Ann')).toBeNull()
);
