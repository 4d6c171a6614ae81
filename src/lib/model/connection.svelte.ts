// What the person sees of the connection. Invariant: words come late and go at once: nothing flashes for a short gap.

import type { ConnectionView } from './connection-view.ts';
import { m } from '../words/generated/messages.js';

/** Without a line for this long, the banner says so. */
const OFFLINE_AFTER_MS = 3_000;
/** Syncing for longer than this shows. */
const SYNCING_AFTER_MS = 400;

export class Connection implements ConnectionView {
  readonly insecureNotice: string | null;
  #line = $state<'down' | 'up'>('down');
  #overdue = $state(false);
  #busy = $state(false);
  #slow = $state(false);
  #waiting = $state(0);
  #failed = $state(0);
  #storageProblem = $state<string | null>(null);
  #downTimer: ReturnType<typeof setTimeout> | undefined;
  #busyTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(secure: boolean) {
    this.insecureNotice = secure ? null : m.connection_insecure();
  }

  get status(): ConnectionView['status'] {
    if (this.#line === 'up') return this.#busy ? 'syncing' : 'connected';
    return this.#overdue ? 'offline' : 'connecting';
  }
  get waiting() {
    return this.#waiting;
  }
  get failed() {
    return this.#failed;
  }
  get banner(): ConnectionView['banner'] {
    if (this.#line === 'down') return this.#overdue ? 'offline' : 'none';
    return this.#busy && this.#slow ? 'syncing' : 'none';
  }
  get storageProblem() {
    return this.#storageProblem;
  }

  /** Begins to count: from here on a missing line is news. */
  expectLine(): void {
    this.#line = 'down';
    clearTimeout(this.#downTimer);
    this.#downTimer = setTimeout(() => (this.#overdue = true), OFFLINE_AFTER_MS);
  }

  lineUp(): void {
    clearTimeout(this.#downTimer);
    this.#downTimer = undefined;
    this.#overdue = false;
    this.#line = 'up';
  }

  lineDown(): void {
    if (this.#line === 'up') this.expectLine();
  }

  /** Nobody is signed in: no line is wanted. */
  rest(): void {
    clearTimeout(this.#downTimer);
    clearTimeout(this.#busyTimer);
    this.#overdue = false;
    this.#line = 'down';
    this.setBusy(false);
    this.setUnsent(0, 0);
    this.#storageProblem = null;
  }

  setBusy(busy: boolean): void {
    if (busy === this.#busy) return;
    this.#busy = busy;
    clearTimeout(this.#busyTimer);
    this.#slow = false;
    if (busy) this.#busyTimer = setTimeout(() => (this.#slow = true), SYNCING_AFTER_MS);
  }

  setUnsent(waiting: number, failed: number): void {
    this.#waiting = waiting;
    this.#failed = failed;
  }

  setStorageProblem(words: string | null): void {
    this.#storageProblem = words;
  }
}
