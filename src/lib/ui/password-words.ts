// What is said of a new password while it is typed. The server is the judge, and knows which are common; here is said
// what can be known without it.

import { PASSWORD_MIN_CHARS } from '#protocol/limits.ts';
import { m } from '../words/generated/messages.js';

export interface PasswordWords {
  readonly text: string;
  readonly good: boolean;
}

/** @returns null while there is nothing to say */
export function passwordWords(password: string, name: string): PasswordWords | null {
  if (password === '') return null;
  const missing = PASSWORD_MIN_CHARS - [...password].length;
  if (missing > 0) return { text: m.password_missing({ n: missing }), good: false };
  const plain = password.toLowerCase();
  const own = name.trim().toLowerCase();
  if (own.length >= 3 && plain.replaceAll(own, '').length < 4) return { text: m.password_name(), good: false };
  if (new Set(plain).size < 4) return { text: m.password_few(), good: false };
  if (isRun(plain)) return { text: m.password_run(), good: false };
  if (password.length < 12) return { text: m.password_long_enough(), good: true };
  return { text: m.password_good(), good: true };
}

/** 12345678, abcdefgh, 87654321. */
function isRun(text: string): boolean {
  const codes = [...text].map((character) => character.codePointAt(0)!);
  const step = codes[1]! - codes[0]!;
  return Math.abs(step) === 1 && codes.every((code, at) => at === 0 || code - codes[at - 1]! === step);
}
