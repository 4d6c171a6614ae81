// The wall clock of a server process, set by a test: "it is nine hours later". Invariant: a reading is never half
// written, since the number is put in place by one rename.

import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

export class ServerClock {
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'roost-clock-'));
  readonly #file = path.join(this.#folder, 'offset-ms');
  #offsetMs = 0;

  constructor() {
    this.setOffset(0);
  }

  /** For the environment of the server's process. */
  get env(): Record<string, string> {
    const preload = pathToFileURL(path.join(import.meta.dirname, 'shifted-clock.ts')).href;
    return { NODE_OPTIONS: `--import=${preload}`, ROOST_TEST_CLOCK: this.#file };
  }

  /** What the server's clock says, epoch ms. */
  now(): number {
    return Date.now() + this.#offsetMs;
  }

  /** @param offsetMs how far the server's clock is ahead of the machine's; negative: behind */
  setOffset(offsetMs: number): void {
    this.#offsetMs = Math.round(offsetMs);
    const next = `${this.#file}.next`;
    writeFileSync(next, String(this.#offsetMs));
    renameSync(next, this.#file);
  }

  /** Sets the server's clock to a time of day, epoch ms, from where it runs on. */
  setTo(at: number): void {
    this.setOffset(at - Date.now());
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
