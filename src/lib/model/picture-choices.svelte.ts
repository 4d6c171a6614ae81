// The two sizes of pictures in a composer: the smaller one that they are made into, and the full one for whoever wants it.
// Invariant: what was not chosen in this tab is as it stands; nothing of a choice outlives its picture in the composer.

import type { Attachment } from '#protocol/attachment.ts';
import type { Prepared } from '../files/prepare-file.ts';
import type { PictureSizes } from './room-files.ts';

export type Ready = Extract<Prepared, { kind: 'ready' }>;

interface Choice {
  readonly file: File;
  readonly small: Ready;
  readonly full: Ready | null;
  readonly making: boolean;
}

export class PictureChoices {
  #choices = $state.raw<readonly Choice[]>([]);

  /** A picture stands in the composer. */
  add(file: File, small: Ready): void {
    if (small.larger) this.#choices = [...this.#choices, { file, small, full: null, making: false }];
  }

  sizes(hash: string): PictureSizes | null {
    const choice = this.#of(hash);
    if (!choice) return null;
    const { small, full, making } = choice;
    const isFull = full?.attachment.hash === hash;
    const otherBytes = isFull ? small.attachment.size : (full?.attachment.size ?? null);
    return { ...small.larger!, full: isFull, making, otherBytes };
  }

  /**
   * The other making of a picture, made now if it was not yet.
   * @returns null: it cannot be had, or is on its way already
   */
  async other(hash: string, make: (file: File) => Promise<Prepared | null>): Promise<Ready | null> {
    const choice = this.#of(hash);
    if (!choice || choice.making) return null;
    if (choice.full) return choice.full.attachment.hash === hash ? choice.small : choice.full;
    this.#set(choice.small, { making: true });
    const made = await make(choice.file);
    const full = made?.kind === 'ready' && !made.unread ? made : null;
    this.#set(choice.small, { making: false, full });
    return full;
  }

  /** These stand in the composer now: what was made of others is let go of. */
  keep(composed: readonly Attachment[]): void {
    const left = this.#choices.filter(
      ({ small, full, making }) =>
        making || composed.some(({ hash }) => hash === small.attachment.hash || hash === full?.attachment.hash)
    );
    if (left.length < this.#choices.length) this.#choices = left;
  }

  #of(hash: string): Choice | undefined {
    return this.#choices.find(({ small, full }) => small.attachment.hash === hash || full?.attachment.hash === hash);
  }

  #set(small: Ready, change: Partial<Choice>): void {
    this.#choices = this.#choices.map((choice) => (choice.small === small ? { ...choice, ...change } : choice));
  }
}
