// A KeyValue that stays the same object while what is under it is closed and opened again. Any failed write turns it
// red: nothing is read or written then, and it opens anew, with growing pauses, until a synced write succeeds.
//
//   open ──write fails──▶ failed: tell failure listeners, reject the write, close
//                           └─▶ pause, open, synced probe write ──fails──▶ pause …
//                                                               └─succeeds─▶ open: tell reopened listeners

import { StoreError } from './key-value.ts';
import type { KeyValue, Operation, RangeOptions } from './key-value.ts';

const MIN_PAUSE_MS = 100;
const MAX_PAUSE_MS = 5_000;

/** Overwritten each time, so that probes leave one value at most. */
const PROBE: readonly Operation[] = [{ type: 'put', key: 'meta/probe', value: new Uint8Array([1]) }];

export interface ReopeningOptions {
  /** Opens what is under it; each call after the last result was closed. */
  readonly open: () => Promise<KeyValue>;
  /** Resolves after the time, or at once when aborted. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
}

type State =
  | { readonly kind: 'open'; readonly engine: KeyValue }
  | { readonly kind: 'failed'; readonly cause: StoreError; readonly reopening: Promise<void> }
  | { readonly kind: 'closed' };

export class ReopeningKeyValue implements KeyValue {
  readonly #options: ReopeningOptions;
  readonly #stop = new AbortController();
  readonly #failureListeners = new Set<(cause: StoreError) => void>();
  readonly #reopenedListeners = new Set<() => void>();
  #state: State;
  #closing: Promise<void> | null = null;

  private constructor(options: ReopeningOptions, engine: KeyValue) {
    this.#options = options;
    this.#state = { kind: 'open', engine };
  }

  static async open(options: ReopeningOptions): Promise<ReopeningKeyValue> {
    return new ReopeningKeyValue(options, await options.open());
  }

  /** False from a failed write until a probe write was synced again, and after `close`. */
  healthy(): boolean {
    return this.#state.kind === 'open';
  }

  /** Called before the write that failed rejects. */
  onFailure(listener: (cause: StoreError) => void): () => void {
    this.#failureListeners.add(listener);
    return () => this.#failureListeners.delete(listener);
  }

  onReopened(listener: () => void): () => void {
    this.#reopenedListeners.add(listener);
    return () => this.#reopenedListeners.delete(listener);
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    return this.#read((engine) => engine.get(key));
  }

  async getMany(keys: readonly string[]): Promise<(Uint8Array | undefined)[]> {
    return this.#read((engine) => engine.getMany(keys));
  }

  async *range(options: RangeOptions): AsyncGenerator<readonly [string, Uint8Array]> {
    const engine = this.#engine();
    try {
      yield* engine.range(options);
    } catch (error) {
      throw this.#ofReopening(error);
    }
  }

  async batch(operations: readonly Operation[], options: { readonly sync: boolean }): Promise<void> {
    const engine = this.#engine();
    await this.#write(engine, () => engine.batch(operations, options));
  }

  async compactRange(from: string, to: string): Promise<void> {
    const engine = this.#engine();
    await this.#write(engine, () => engine.compactRange(from, to));
  }

  async approximateBytes(from: string, to: string): Promise<number> {
    return this.#read((engine) => engine.approximateBytes(from, to));
  }

  close(): Promise<void> {
    this.#closing ??= this.#shut();
    return this.#closing;
  }

  async #shut(): Promise<void> {
    const state = this.#state;
    this.#state = { kind: 'closed' };
    this.#stop.abort();
    if (state.kind === 'open') await state.engine.close();
    if (state.kind === 'failed') await state.reopening;
  }

  #engine(): KeyValue {
    if (this.#state.kind === 'open') return this.#state.engine;
    throw this.#unavailable(this.#state);
  }

  async #read<T>(read: (engine: KeyValue) => Promise<T>): Promise<T> {
    const engine = this.#engine();
    try {
      return await read(engine);
    } catch (error) {
      throw this.#ofReopening(error);
    }
  }

  async #write(engine: KeyValue, write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      // 'closed' is the fate of what was under way when an earlier write failed. Anything else that is no StoreError
      // is the caller's bug, found before a byte was written.
      if (!(error instanceof StoreError) || error.code === 'closed') throw this.#ofReopening(error);
      this.#fail(engine, error);
      throw error;
    }
  }

  #fail(engine: KeyValue, cause: StoreError): void {
    if (this.#state.kind !== 'open' || this.#state.engine !== engine) return;
    this.#state = { kind: 'failed', cause, reopening: this.#reopen(engine) };
    tell(this.#failureListeners, cause);
  }

  async #reopen(failed: KeyValue): Promise<void> {
    let engine: KeyValue | null = failed;
    for (let pauseMs = MIN_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, MAX_PAUSE_MS)) {
      try {
        await engine?.close();
        engine = null;
      } catch {
        // LevelDB's close cannot fail but for being closed already; an open one would say 'locked' next.
      }
      await this.#options.pause(pauseMs, this.#stop.signal);
      if (this.#stop.signal.aborted) return;
      try {
        engine = await this.#options.open();
        await engine.batch(PROBE, { sync: true });
        break;
      } catch {
        // Still failing. The first failure stays the one that is reported.
      }
    }
    if (this.#state.kind !== 'failed') return engine.close();
    this.#state = { kind: 'open', engine };
    tell(this.#reopenedListeners, undefined);
  }

  /** A read that was cut off since the store is opening anew says so, and not that it was closed. */
  #ofReopening(error: unknown): unknown {
    const cutOff = error instanceof StoreError && error.code === 'closed';
    return cutOff && this.#state.kind === 'failed' ? this.#unavailable(this.#state) : error;
  }

  #unavailable(state: Exclude<State, { kind: 'open' }>): StoreError {
    if (state.kind === 'closed') return new StoreError('closed', 'the store is closed');
    const { code, message } = state.cause;
    return new StoreError(code, `the store is opening anew after a failed write: ${message}`, { cause: state.cause });
  }
}

/** A listener that throws is a bug of its own: it surfaces as an uncaught exception and stops no other. */
function tell<T>(listeners: Iterable<(news: T) => void>, news: T): void {
  for (const listener of [...listeners]) {
    try {
      listener(news);
    } catch (bug) {
      queueMicrotask(() => {
        throw bug;
      });
    }
  }
}
