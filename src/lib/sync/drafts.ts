// What is typed and not sent yet. A text is on this device's disk at each key, in a row of its own; when the keys rest it
// moves into the person's own document, which the other devices have too, and the row goes.
//
//   key → row on disk → (a second of rest, or the page is hidden) → own document on disk → row deleted
//
// Invariant: a row is deleted only when the own document has its text on disk. While there is a row, what comes from
// elsewhere does not take its place. What belongs to no room, or is too large to sync, stays a row.

import { draftKeyOf } from '#protocol/personal.ts';
import type { DraftRow, UserDb } from '../storage/user-db.ts';
import type { PersonalReplica } from './personal-replica.ts';

const REST_MS = 1_000;

export interface DraftsOptions {
  readonly db: Pick<UserDb, 'drafts' | 'putDraft' | 'deleteDraft'>;
  readonly personal: Pick<PersonalReplica, 'draft' | 'fits' | 'setDraft'>;
  /** Epoch ms by the server's clock, as far as it is known. */
  readonly now: () => number;
  /** This tab has typed. @param was what stood there until then */
  readonly typed: (of: string, text: string, was: string) => void;
  /** Another device has. */
  readonly elsewhere: (of: string, text: string) => void;
}

interface Typed extends Required<DraftRow> {
  /** By this tab, or by one that is gone: this tab moves it. */
  readonly own: boolean;
}

export class Drafts {
  readonly #options: DraftsOptions;
  readonly #typed = new Map<string, Typed>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(options: DraftsOptions) {
    this.#options = options;
  }

  /** Reads the rows; the own document has been read before. */
  async load(): Promise<void> {
    for (const { room, text, at } of await this.#options.db.drafts()) {
      // Rows without a time are of a version that kept drafts there for good.
      this.#typed.set(room, { room, text, at: at ?? 0, own: true });
    }
    await this.settle();
  }

  /** @param of a room, or what in it */
  draft(of: string): string {
    return this.#typed.get(of)?.text ?? this.#options.personal.draft(of)?.text ?? '';
  }

  /** Resolves once it is on disk, or could not be put there. */
  async set(of: string, text: string): Promise<void> {
    const was = this.draft(of);
    if (text === was) return;
    const typed = { room: of, text, at: this.#options.now(), own: true };
    this.#typed.set(of, typed);
    const { room, at } = typed;
    // An emptied one is a row as well, until the own document knows: a crash between must not bring it back.
    await (text === '' && !draftKeyOf(of)
      ? this.#options.db.deleteDraft(of)
      : this.#options.db.putDraft({ room, text, at }));
    this.#options.typed(of, text, was);
    if (text === '') await this.#move(typed);
    else this.#settleSoon();
  }

  /**
   * Another tab has typed: the row is its own to move.
   * @param was what stood there until then
   * @returns false: it was emptied there, as what is sent is, and other words have been typed here since, which stay
   */
  heard(of: string, text: string, was: string): boolean {
    const mine = this.#typed.get(of);
    if (text === '' && mine?.own && mine.text !== '' && mine.text !== was) {
      void this.#options.db.putDraft({ room: of, text: mine.text, at: mine.at });
      this.#settleSoon();
      return false;
    }
    this.#typed.set(of, { room: of, text, at: this.#options.now(), own: false });
    return true;
  }

  /** The own document has changed by another device or tab. */
  changed(rooms: readonly string[]): void {
    for (const room of rooms) {
      if (this.#typed.get(room)?.own) continue;
      this.#typed.delete(room);
      this.#options.elsewhere(room, this.draft(room));
    }
  }

  /** Moves what this tab has typed now: the page may be gone the next moment. */
  async settle(): Promise<void> {
    clearTimeout(this.#timer);
    await Promise.all([...this.#typed.values()].filter(({ own }) => own).map((typed) => this.#move(typed)));
  }

  async close(): Promise<void> {
    await this.settle();
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #settleSoon(): void {
    clearTimeout(this.#timer);
    if (!this.#closed) this.#timer = setTimeout(() => void this.settle(), REST_MS);
  }

  async #move(typed: Typed): Promise<void> {
    const { room, text, at } = typed;
    if (!draftKeyOf(room)) return this.#forget(typed);
    const { personal, db } = this.#options;
    const there = personal.draft(room);
    if (there && there.at > at && at > 0) {
      // Typed before this device was last here; another one has gone on since.
      if (this.#typed.get(room) !== typed) return;
      this.#typed.delete(room);
      this.#options.elsewhere(room, there.text);
    } else if (text !== (there?.text ?? '')) {
      const draft = { text, at: at > 0 ? at : this.#options.now() };
      if (text !== '' && !personal.fits(draft)) return;
      const stored = await personal.setDraft(room, text === '' ? null : draft);
      if (!stored.ok) return;
    }
    // What was typed meanwhile has its own row by now, and comes after.
    if (this.#typed.get(room) === typed) this.#typed.delete(room);
    await db.deleteDraft(room, at);
  }

  /** Of what stays a row, nothing has to be remembered once it is empty. */
  #forget(typed: Typed): void {
    if (typed.text === '' && this.#typed.get(typed.room) === typed) this.#typed.delete(typed.room);
  }
}
