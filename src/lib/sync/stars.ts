// The messages that this person has starred, out of their own document. Nothing of a message but where it is: what was
// erased lives on in no star. Invariant: a star shows at once, offline too, and is on all of the person's devices later.

import { readStar } from '#protocol/personal.ts';
import type { PersonalReplica } from './personal-replica.ts';

export interface StarredMessage {
  readonly id: string;
  readonly room: string;
  /** When it was starred, epoch ms. */
  readonly at: number;
  /** The page that it was on then, where that was known. */
  readonly page: number | null;
}

export class Stars {
  readonly #personal: Pick<PersonalReplica, 'get' | 'set' | 'keys'>;
  readonly #now: () => number;

  /** @param now epoch ms by the server's clock, as far as it is known */
  constructor(personal: Pick<PersonalReplica, 'get' | 'set' | 'keys'>, now: () => number) {
    this.#personal = personal;
    this.#now = now;
  }

  /** The newest star first. */
  all(): readonly StarredMessage[] {
    return this.#personal
      .keys('stars')
      .flatMap((id): StarredMessage[] => {
        const star = readStar(id, this.#personal.get('stars', id));
        return star ? [{ id, room: star.room, at: star.at, page: star.page ?? null }] : [];
      })
      .sort((a, b) => b.at - a.at || (a.id < b.id ? -1 : 1));
  }

  /** Resolves once it is on disk, or could not be put there. */
  async add(room: string, id: string, page: number | null): Promise<void> {
    await this.#personal.set('stars', id, { room, at: this.#now(), ...(page !== null && { page }) });
  }

  async remove(id: string): Promise<void> {
    await this.#personal.set('stars', id, null);
  }
}
