// Which passwords are taken: long enough, and not among those that are tried first.

import { readFileSync } from 'node:fs';
import { PASSWORD_MAX_CHARS, PASSWORD_MIN_CHARS } from '#protocol/limits.ts';

export class PasswordRules {
  readonly #common: ReadonlySet<string>;

  private constructor(common: ReadonlySet<string>) {
    this.#common = common;
  }

  /** With the list beside this file. */
  static read(): PasswordRules {
    const lines = readFileSync(new URL('./common-passwords.txt', import.meta.url), 'utf8').split('\n');
    return new PasswordRules(new Set(lines.filter((line) => line !== '' && !line.startsWith('#'))));
  }

  /** Why a password is not taken, in words for its person, or null. */
  weakness(password: string, name: string): string | null {
    if (password.length < PASSWORD_MIN_CHARS) return `A password needs at least ${PASSWORD_MIN_CHARS} characters.`;
    if (password.length > PASSWORD_MAX_CHARS) return `A password has at most ${PASSWORD_MAX_CHARS} characters.`;
    const plain = password.normalize('NFKC').toLowerCase();
    if (plain === name.normalize('NFKC').toLowerCase()) return 'The password cannot be the name. Choose another.';
    if (this.#common.has(plain) || isRun(plain)) return 'This password is one that is tried first. Choose another.';
    return null;
  }
}

/** One or two characters over and over, or characters that follow each other: `aaaaaaaa`, `12121212`, `abcdefgh`. */
function isRun(text: string): boolean {
  const codes = [...text].map((letter) => letter.codePointAt(0)!);
  if (new Set(codes).size <= 2) return true;
  const steps = new Set(codes.slice(1).map((code, at) => code - codes[at]!));
  return steps.size === 1 && (steps.has(1) || steps.has(-1));
}
