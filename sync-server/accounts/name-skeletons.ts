// What names look like: two with the same skeleton cannot be told apart by eye (Unicode Technical Standard 39, §4).
// Since case does not make names differ either, a name has two skeletons: as it is written, and in lower case.

import { readFileSync } from 'node:fs';
import { fold } from './user-name.ts';

export class NameSkeletons {
  /** By character: what it looks like. */
  readonly #looks: ReadonlyMap<string, string>;

  private constructor(looks: ReadonlyMap<string, string>) {
    this.#looks = looks;
  }

  /** From the table beside this file. */
  static read(): NameSkeletons {
    const looks = new Map<string, string>();
    for (const line of readFileSync(new URL('./confusables.txt', import.meta.url), 'utf8').split('\n')) {
      const [target, sources] = line.split(': ');
      if (line.startsWith('#') || target === undefined || sources === undefined) continue;
      const look = target.split('+').map(character).join('');
      for (const source of sources.split(' ')) looks.set(character(source), look);
    }
    return new NameSkeletons(looks);
  }

  /** Two names look alike when they share one. @param name as `readUserName` made it */
  of(name: string): readonly string[] {
    const written = fold(this.#skeleton(name));
    return [...new Set([this.#skeleton(fold(name)), this.#skeleton(written)])];
  }

  #skeleton(text: string): string {
    const looks = [...text.normalize('NFD')].map((letter) => this.#looks.get(letter) ?? letter);
    return looks.join('').normalize('NFD');
  }
}

const character = (hex: string): string => String.fromCodePoint(Number.parseInt(hex, 16));
