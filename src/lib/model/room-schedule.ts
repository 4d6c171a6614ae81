// What of a room is to be sent later, as the screen sees it. Types alone; room-schedule.svelte.ts is behind them.

import type { Attachment } from '#protocol/attachment.ts';
import type { Preview } from '#protocol/preview.ts';
import type { Result } from './result.ts';

export interface ScheduledView {
  readonly id: string;
  readonly body: string;
  readonly files: readonly Attachment[];
  /** The root of the thread that it goes into; null: into none. */
  readonly thread: string | null;
  /** When it is to be sent, epoch ms. */
  readonly at: number;
  /** server: it is sent whether this device is there or not. device: not handed over yet. */
  readonly state: 'server' | 'device' | 'failed';
  /** Of a failed one: why, in a sentence; else null. */
  readonly failure: string | null;
}

/** What goes with the words that are sent later. */
export interface ScheduledBeside {
  readonly thread?: string;
  /** Left out: what the room's composer has. */
  readonly preview?: Preview | null;
  /** Of the composer that the words stand in, whose files go along; left out: the room's. */
  readonly files?: ComposerFiles;
}

/** What a message takes files from. */
export interface ComposerFiles {
  readonly composed: readonly Attachment[];
  take(entry: string): Promise<readonly Attachment[]>;
  /** It is on this device's disk. */
  sent(entry: string): Promise<void>;
  /** It could not be put there. */
  giveBack(entry: string): Promise<void>;
}

export interface RoomSchedule {
  /** Soonest first; of a room those for its threads, too. */
  readonly items: readonly ScheduledView[];
  /** Grows when something was to be changed or taken back that had been sent. */
  readonly sentAlready: number;
  /**
   * Resolves when it is on this device's disk. What stands in the composer goes along.
   * @param at epoch ms
   * @param thread the root of the thread that it goes into; left out: into the room
   */
  add(body: string, replyTo: string | null, at: number, beside?: ScheduledBeside): Promise<Result<void>>;
  move(id: string, at: number): Promise<Result<void>>;
  sendNow(id: string): Promise<Result<void>>;
  remove(id: string): Promise<void>;
}
