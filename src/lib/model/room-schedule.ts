// What of a room is to be sent later, as the screen sees it. Types alone; room-schedule.svelte.ts is behind them.

import type { Result } from './app-model.ts';

export interface ScheduledView {
  readonly id: string;
  readonly body: string;
  /** When it is to be sent, epoch ms. */
  readonly at: number;
  /** server: it is sent whether this device is there or not. device: not handed over yet. */
  readonly state: 'server' | 'device' | 'failed';
  /** Of a failed one: why, in a sentence; else null. */
  readonly failure: string | null;
}

export interface RoomSchedule {
  /** Soonest first. */
  readonly items: readonly ScheduledView[];
  /** Grows when something was to be changed or taken back that had been sent. */
  readonly sentAlready: number;
  /**
   * Resolves when it is on this device's disk.
   * @param at epoch ms
   */
  add(body: string, replyTo: string | null, at: number): Promise<Result<void>>;
  move(id: string, at: number): Promise<Result<void>>;
  sendNow(id: string): Promise<Result<void>>;
  remove(id: string): Promise<void>;
}
