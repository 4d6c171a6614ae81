import { expect, test } from 'vitest';
import { PasswordHasher } from './password-hasher.ts';

const quick = { memoryKiB: 64, passes: 1 };

test('[ACCT-2] passwords are kept as argon2id with 19 MiB and two passes', async () => {
  expect(await new PasswordHasher().hash('correct horse')).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
});

test('the right password fits, also typed in another Unicode form, and no other does', async () => {
  const hasher = new PasswordHasher(quick);
  const stored = await hasher.hash('café 12345');
  expect(await hasher.verify(stored, 'cafe\u0301 12345')).toBe(true);
  expect(await hasher.verify(stored, 'cafe 12345')).toBe(false);
  expect(await hasher.hash('café 12345')).not.toBe(stored);
});

test('an unknown name is false for every password, the decoy’s own too', async () => {
  const hasher = new PasswordHasher(quick);
  expect(await hasher.verify(null, 'a password that nobody has')).toBe(false);
});

test('many at once all come to their end', async () => {
  const hasher = new PasswordHasher(quick);
  const stored = await hasher.hash('one of many');
  const all = await Promise.all(
    Array.from({ length: 20 }, (_, i) => hasher.verify(stored, i % 2 ? 'one of many' : 'x'))
  );
  expect(all).toEqual(all.map((_, i) => i % 2 === 1));
});

test('one that fails does not stop those that wait', async () => {
  const hasher = new PasswordHasher(quick);
  const stored = await hasher.hash('a password');
  const results = await Promise.allSettled([
    hasher.verify('no hash', 'x'),
    hasher.verify('no hash', 'x'),
    hasher.verify('no hash', 'x'),
    hasher.verify(stored, 'a password')
  ]);
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected', 'fulfilled']);
});
