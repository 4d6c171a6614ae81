// Passkey ceremonies that are under way: the challenge that a browser was given, until its answer comes. In memory,
// since they last minutes; a restart means trying once more.
// Invariant: each is taken once, and their number is bounded.

import { randomBytes } from 'node:crypto';
import type { UserId } from '#protocol/ids.ts';

export const CEREMONY_LIFE_MS = 5 * 60_000;
const CEREMONIES_MAX = 5_000;

/** Who asks for the passkey: the page's origin, and its host, which passkeys are bound to. */
export interface RelyingParty {
  readonly origin: string;
  readonly id: string;
}

interface CeremonyBase {
  readonly challenge: string;
  readonly rp: RelyingParty;
}
export type Ceremony =
  | (CeremonyBase & { readonly kind: 'sign-in' })
  | (CeremonyBase & {
      readonly kind: 'sign-up';
      readonly user: UserId;
      readonly name: string;
      readonly invitation?: string;
    })
  | (CeremonyBase & { readonly kind: 'add'; readonly user: UserId });

export class Ceremonies {
  readonly #now: () => number;
  /** By id, oldest first. */
  readonly #open = new Map<string, { readonly ceremony: Ceremony; readonly endsAt: number }>();

  /** @param now epoch ms */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** @returns its id */
  begin(ceremony: Ceremony): string {
    for (const [id, { endsAt }] of this.#open) {
      if (endsAt > this.#now() && this.#open.size < CEREMONIES_MAX) break;
      this.#open.delete(id);
    }
    const id = randomBytes(16).toString('base64url');
    this.#open.set(id, { ceremony, endsAt: this.#now() + CEREMONY_LIFE_MS });
    return id;
  }

  /** Once. null: never begun, taken already, too old, or of another kind. */
  take<Kind extends Ceremony['kind']>(kind: Kind, id: string): Extract<Ceremony, { kind: Kind }> | null {
    const found = this.#open.get(id);
    this.#open.delete(id);
    if (!found || found.endsAt <= this.#now() || found.ceremony.kind !== kind) return null;
    return found.ceremony as Extract<Ceremony, { kind: Kind }>;
  }
}
