// A whole Roost server as people run it: a process of its own on loopback with a data folder of its own.
// For tests that kill it, starve it, restore its folder or drive it by the command line.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../..');

export interface RoostOptions {
  /** Kept between restarts; by default a fresh one that goes with `dispose`. */
  readonly dataDir?: string;
  readonly port?: number;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Command and arguments to put before node, e.g. a shell that sets a limit. */
  readonly wrapper?: readonly string[];
  /** Another server than Roost's, relative to the checkout, which prints the same line when it serves. */
  readonly main?: string;
}

export interface Exited {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export class RoostProcess {
  readonly dataDir: string;
  readonly port: number;
  readonly #options: RoostOptions;
  readonly #ownsDataDir: boolean;
  #child: ChildProcess | null = null;
  #exited: Promise<Exited> | null = null;
  #output = '';

  private constructor(options: RoostOptions, dataDir: string, port: number, ownsDataDir: boolean) {
    this.#options = options;
    this.dataDir = dataDir;
    this.port = port;
    this.#ownsDataDir = ownsDataDir;
  }

  /** A process that is not started yet. */
  static async prepare(options: RoostOptions = {}): Promise<RoostProcess> {
    const dataDir = options.dataDir ?? (await mkdtemp(path.join(tmpdir(), 'roost-')));
    return new RoostProcess(options, dataDir, options.port ?? (await freePort()), options.dataDir === undefined);
  }

  /** A process that answers. */
  static async start(options: RoostOptions = {}): Promise<RoostProcess> {
    const roost = await RoostProcess.prepare(options);
    await roost.start();
    return roost;
  }

  get url(): string {
    return `http://localhost:${this.port}`;
  }

  /** Of the running process. */
  get pid(): number {
    const pid = this.#child?.pid;
    if (pid === undefined) throw new Error('the server was not started');
    return pid;
  }

  /** Everything the process has printed since its last start. */
  get output(): string {
    return this.#output;
  }

  /** The one-time link for the first account. */
  get setupLink(): string {
    const match = /https?:\/\/\S+\/setup#\S+/.exec(this.#output);
    if (!match) throw new Error(`no set-up link was printed:\n${this.#output}`);
    return match[0];
  }

  /** Resolves when the process serves; rejects with its output when it ends before. */
  async start(env: Readonly<Record<string, string>> = {}): Promise<void> {
    const { args = [], wrapper = [], main = 'sync-server/main.ts' } = this.#options;
    const [command, ...rest] = [...wrapper, process.execPath, path.join(ROOT, main), ...args];
    this.#output = '';
    const child = spawn(command!, rest, {
      cwd: ROOT,
      env: {
        ...process.env,
        HOST: 'localhost',
        PORT: String(this.port),
        ROOST_DATA_DIR: this.dataDir,
        ...this.#options.env,
        ...env
      },
      stdio: ['ignore', 'pipe', 'pipe']
    });
    this.#child = child;
    this.#exited = once(child, 'exit').then(([code, signal]) => ({
      code: code as number | null,
      signal: signal as NodeJS.Signals | null
    }));
    const ready = new Promise<void>((resolve) => {
      const collect = (chunk: Buffer) => {
        this.#output += chunk.toString();
        if (this.#output.includes('Roost is at ')) resolve();
      };
      child.stdout.on('data', collect);
      child.stderr.on('data', collect);
    });
    const ended = this.#exited.then(({ code }) => {
      throw new Error(`the server ended with ${code} before it served:\n${this.#output}`);
    });
    await Promise.race([ready, ended]);
    ended.catch(() => undefined);
  }

  /** How the process ended, once it has. */
  async exited(): Promise<Exited> {
    if (!this.#exited) throw new Error('the server was not started');
    return this.#exited;
  }

  /** Ends the process and waits until it is gone. SIGKILL leaves it no moment to tidy up. */
  async kill(signal: NodeJS.Signals): Promise<Exited> {
    this.#child?.kill(signal);
    return this.exited();
  }

  async restart(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.kill(signal);
    await this.start();
  }

  /** `npm run roost -- …` on this server's data folder. */
  async roost(args: readonly string[], stdin = ''): Promise<{ code: number; stdout: string; stderr: string }> {
    const child = spawn(process.execPath, [path.join(ROOT, 'sync-server/cli.ts'), ...args], {
      cwd: ROOT,
      env: { ...process.env, ROOST_DATA_DIR: this.dataDir, PORT: String(this.port) },
      stdio: ['pipe', 'pipe', 'pipe']
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.stdin.end(stdin);
    const [code] = (await once(child, 'close')) as [number];
    return { code, stdout, stderr };
  }

  async dispose(): Promise<void> {
    if (this.#child && this.#child.exitCode === null && this.#child.signalCode === null) await this.kill('SIGKILL');
    if (this.#ownsDataDir) await rm(this.dataDir, { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }
}

/** Below all that systems give out by themselves, so that nobody is given it before a server has it, or while that is killed. */
const FIRST_PORT = 11_000;
const PORTS_EACH = 100;
const OWNERS = 210;
let taken = 0;

/** A port of loopback that nothing listens on now, and no other process of tests asks for. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + (process.pid % OWNERS) * PORTS_EACH + (taken++ % PORTS_EACH);
    const server = createServer().listen(port, '127.0.0.1');
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false
    );
    server.close();
    if (!isFree) continue;
    await once(server, 'close');
    return port;
  }
}
