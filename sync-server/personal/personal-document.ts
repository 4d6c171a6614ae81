// One person's own document while somebody has it open, and for a while after.
//
//   judged → applied in memory → one synced write of all that came while the last was syncing → sent to the others
//
// Invariant: nothing is sent to another channel that is not synced to disk. A write that failed ends the document in
// memory: it is read anew from disk when it is opened again.

import { CLOSE, type CloseCode } from '#protocol/close-codes.ts';
import type { UserId } from '#protocol/ids.ts';
import type { PersonalRoot } from '#protocol/personal.ts';
import { syncStep1, syncStep2, syncUpdate } from '../rooms/sync-message.ts';
import type { KeyValue, Operation } from '../store/key-value.ts';
import type { Timers } from '../timers.ts';
import { PersonalContent } from './personal-content.ts';
import { personalBaseKey, personalRecordsOf, personalTailKey } from './personal-keys.ts';
import type { PrivacyChoices } from './privacy-choices.ts';

/** One channel that has the document open. */
export interface PersonalReader {
  /** A whole y-websocket message; shared between channels, so never changed. */
  send(message: Uint8Array): void;
  close(code: CloseCode): void;
}

export interface PersonalAttachment {
  /** The far side asks for what lies beyond this state. */
  syncStep1(stateVector: Uint8Array): void;
  receive(update: Uint8Array): void;
  detach(): void;
}

export interface PersonalDocumentDeps {
  readonly kv: KeyValue;
  readonly timers: Timers;
  readonly privacy: PrivacyChoices;
  readonly onError: (error: unknown, user: UserId) => void;
  /** It holds nothing any more that is not on disk, and is not to be used again. */
  readonly ended: () => void;
}

interface Staged {
  readonly change: Uint8Array;
  readonly from: PersonalReader;
}

/** Nobody has it open: kept so long for who comes back. */
const IDLE_MS = 30_000;
/** Records that are read at most when it is opened. */
const TAIL_MAX = 500;
/** How often one asks a channel for what its updates stand on before its copy is taken for broken. */
const ASKS_MAX = 16;

export class PersonalDocument {
  readonly #user: UserId;
  readonly #deps: PersonalDocumentDeps;
  readonly loaded: Promise<void>;
  #content: PersonalContent | null = null;
  readonly #readers = new Set<PersonalReader>();
  #staged: Staged[] = [];
  /** Numbers of the records beside the base. */
  #tail: number[] = [];
  #next = 0;
  #flushing: Promise<void> | null = null;
  /** Answers that wait until all that is in memory is on disk. */
  #questions: (() => void)[] = [];
  #cancelIdle: (() => void) | null = null;
  #ended = false;

  constructor(user: UserId, deps: PersonalDocumentDeps) {
    this.#user = user;
    this.#deps = deps;
    this.loaded = this.#load();
    // Whoever attaches hears of it.
    this.loaded.catch(() => this.#end(CLOSE.storage));
  }

  /** Only once it is loaded: a value as it is now. */
  value(root: PersonalRoot, key: string): unknown {
    return this.#content?.value(root, key);
  }

  /** Only once it is loaded. @returns null when it has ended meanwhile */
  attach(reader: PersonalReader): PersonalAttachment | null {
    const content = this.#content;
    if (this.#ended || !content) return null;
    this.#cancelIdle?.();
    this.#cancelIdle = null;
    this.#readers.add(reader);
    reader.send(syncStep1(content.stateVector));
    let asks = 0;
    return {
      syncStep1: (stateVector) => {
        this.#ask(() => {
          if (!this.#readers.has(reader)) return;
          const missing = content.beyond(stateVector);
          if (missing) reader.send(syncStep2(missing));
          else this.#turnAway(reader, CLOSE.malformed);
        });
      },
      receive: (update) => {
        if (!this.#readers.has(reader)) return;
        const applied = this.#apply(content, update);
        if (applied === null) return;
        if (applied.kind === 'gap') {
          asks += 1;
          if (asks > ASKS_MAX) this.#turnAway(reader, CLOSE.discardCopy);
          else reader.send(syncStep1(content.stateVector));
          return;
        }
        asks = 0;
        if (applied.kind === 'malformed') this.#turnAway(reader, CLOSE.malformed);
        else if (applied.kind === 'too-large') this.#turnAway(reader, CLOSE.tooLarge);
        else if (applied.change) {
          this.#staged.push({ change: applied.change, from: reader });
          void this.#flush();
        }
      },
      detach: () => this.#detach(reader)
    };
  }

  /** Writes what is staged, then ends. */
  async close(): Promise<void> {
    await this.loaded.catch(() => undefined);
    while (this.#flushing) await this.#flushing;
    this.#end(CLOSE.stopping);
  }

  /** Ends now; what is being written is waited for, and nothing after it. */
  async drop(): Promise<void> {
    this.#end(CLOSE.signedOut);
    await this.#flushing;
  }

  async #load(): Promise<void> {
    const records: Uint8Array[] = [];
    for await (const [key, value] of this.#deps.kv.range(personalRecordsOf(this.#user))) {
      records.push(value);
      if (key === personalBaseKey(this.#user)) continue;
      this.#tail.push(Number(key.slice(key.lastIndexOf('/') + 1)));
    }
    this.#next = (this.#tail.at(-1) ?? -1) + 1;
    this.#content = new PersonalContent(records);
    // Opened by who is gone by now.
    this.#restIfAlone();
  }

  #apply(content: PersonalContent, update: Uint8Array): ReturnType<PersonalContent['apply']> | null {
    try {
      return content.apply(update);
    } catch (error) {
      // What is in memory may be half of something: the disk is right.
      this.#fail(error);
      return null;
    }
  }

  #ask(answer: () => void): void {
    this.#questions.push(answer);
    void this.#flush();
  }

  #flush(): Promise<void> {
    this.#flushing ??= this.#drain(false);
    return this.#flushing;
  }

  /** Writes and answers until nothing waits. @param compact first writes all in the place of what is on disk */
  async #drain(compact: boolean): Promise<void> {
    try {
      // What comes in the same turn goes together.
      await Promise.resolve();
      if (compact) await this.#write(null);
      while ((this.#staged.length > 0 || this.#questions.length > 0) && !this.#ended) await this.#step();
    } catch (error) {
      this.#fail(error);
    } finally {
      // In the same turn as the last look at what waits: nothing falls between.
      this.#flushing = null;
    }
  }

  async #step(): Promise<void> {
    const group = this.#staged;
    if (group.length === 0) {
      const questions = this.#questions;
      this.#questions = [];
      for (const answer of questions) answer();
      return;
    }
    this.#staged = [];
    await this.#write(this.#tail.length + group.length > TAIL_MAX ? null : group);
    if (this.#ended) return;
    for (const { change, from } of group) this.#broadcast(syncUpdate(change), from);
  }

  #broadcast(message: Uint8Array, from: PersonalReader): void {
    for (const reader of [...this.#readers]) if (reader !== from) reader.send(message);
  }

  /** One synced batch. @param group null: all that is in memory, in the place of all that is on disk */
  async #write(group: readonly Staged[] | null): Promise<void> {
    const user = this.#user;
    const operations: Operation[] = [];
    let tail = this.#tail;
    if (group) {
      tail = [...tail, ...group.map((_staged, at) => this.#next + at)];
      for (const { change } of group)
        operations.push({ type: 'put', key: personalTailKey(user, this.#next++), value: change });
    } else {
      operations.push({ type: 'put', key: personalBaseKey(user), value: this.#content!.whole });
      for (const number of tail) operations.push({ type: 'del', key: personalTailKey(user, number) });
      tail = [];
    }
    const { privacy } = this.#content!;
    const choice = this.#deps.privacy.operation(user, privacy);
    if (choice) operations.push(choice);
    await this.#deps.kv.batch(operations, { sync: true });
    if (choice) this.#deps.privacy.settle(user, privacy);
    this.#tail = tail;
  }

  #turnAway(reader: PersonalReader, code: CloseCode): void {
    this.#detach(reader);
    reader.close(code);
  }

  #detach(reader: PersonalReader): void {
    if (this.#readers.delete(reader)) this.#restIfAlone();
  }

  #restIfAlone(): void {
    if (this.#readers.size > 0 || this.#ended) return;
    this.#cancelIdle?.();
    this.#cancelIdle = this.#deps.timers.after(IDLE_MS, () => void this.#rest());
  }

  /** Compacts, and leaves memory unless somebody came meanwhile. */
  async #rest(): Promise<void> {
    while (this.#flushing) await this.#flushing;
    if (this.#readers.size > 0 || this.#ended) return;
    if (this.#tail.length > 0) await (this.#flushing = this.#drain(true));
    if (this.#readers.size === 0) this.#end(CLOSE.stopping);
  }

  #fail(error: unknown): void {
    if (this.#ended) return;
    this.#deps.onError(error, this.#user);
    this.#end(CLOSE.storage);
  }

  #end(code: CloseCode): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancelIdle?.();
    this.#staged = [];
    this.#questions = [];
    const readers = [...this.#readers];
    this.#readers.clear();
    this.#deps.ended();
    for (const reader of readers) reader.close(code);
    this.#content?.destroy();
  }
}
