// A bar on standard error, where a person watches; elsewhere only the lines about bad input.

import type { ImportProgress } from './import-file.ts';

const WIDTH = 32;

export class ProgressBar implements ImportProgress {
  readonly #out: NodeJS.WriteStream;
  #bar = '';

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
  }

  show(done: number, lines: number): void {
    if (!this.#out.isTTY) return;
    const full = Math.round(Math.min(1, done) * WIDTH);
    const percent = String(Math.floor(Math.min(1, done) * 100)).padStart(3);
    this.#bar = `${'█'.repeat(full)}${'░'.repeat(WIDTH - full)} ${percent} %  ${lines.toLocaleString('en')} lines`;
    this.#out.write(`\r\u001b[2K${this.#bar}`);
  }

  bad(lineNumber: number, reason: string): void {
    this.#print(`line ${lineNumber}: ${reason}; skipped`);
  }

  /** Takes the bar away. */
  end(): void {
    if (this.#bar !== '') this.#out.write('\r\u001b[2K');
    this.#bar = '';
  }

  #print(line: string): void {
    const bar = this.#bar;
    this.end();
    this.#out.write(`${line}\n`);
    if (bar !== '') this.#out.write((this.#bar = bar));
  }
}
