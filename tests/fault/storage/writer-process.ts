// Runs store-writer.ts and listens to it.

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const WRITER = join(import.meta.dirname, 'store-writer.ts');

export interface WriterOptions {
  readonly dataDir: string;
  /** Ends up in all that it writes. */
  readonly mark: string;
  readonly sync?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  /** Bytes that a file may have, from the start. */
  readonly fileSizeLimit?: number;
  readonly uid?: number;
}

export interface Ack {
  readonly room: string;
  readonly position: number;
}

export class WriterProcess {
  readonly acks: Ack[] = [];
  /** All that it said but acks. */
  readonly said: string[] = [];
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #stderr = '';
  #watchers: { readonly seen: () => boolean; readonly resolve: () => void; readonly reject: (e: Error) => void }[] = [];

  constructor(options: WriterOptions) {
    const command = [
      process.execPath,
      WRITER,
      options.dataDir,
      options.mark,
      ...(options.sync === false ? ['no-sync'] : [])
    ];
    if (options.fileSizeLimit !== undefined) command.unshift('prlimit', `--fsize=${options.fileSizeLimit}:unlimited`);
    this.#child = spawn(command[0]!, command.slice(1), {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...options.env },
      ...(options.uid === undefined ? {} : { uid: options.uid })
    });
    createInterface({ input: this.#child.stdout! }).on('line', (line) => this.#hear(line));
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
    this.#ended = new Promise((resolve) => {
      this.#child.once('error', (error) => (this.#stderr += error.message));
      this.#child.once('close', () => {
        for (const { reject } of this.#watchers) reject(new Error(`the writer ended: ${this.#stderr}`));
        this.#watchers = [];
        resolve();
      });
    });
  }

  get pid(): number {
    return this.#child.pid!;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Resolves when `seen` holds, looked at after each line; rejects when the process ends before. */
  until(seen: () => boolean): Promise<void> {
    if (seen()) return Promise.resolve();
    return new Promise((resolve, reject) => this.#watchers.push({ seen, resolve, reject }));
  }

  /** Kills it on the spot; resolves when all that it said was read. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  ended(): Promise<void> {
    return this.#ended;
  }

  #hear(line: string): void {
    const [word, room, position] = line.split(' ');
    if (word === 'ack') this.acks.push({ room: room!, position: Number(position) });
    else this.said.push(line);
    const done = this.#watchers.filter(({ seen }) => seen());
    this.#watchers = this.#watchers.filter((watcher) => !done.includes(watcher));
    for (const { resolve } of done) resolve();
  }
}
