// What a person prefers on all devices, out of their own document. Invariant: it stands at once, offline too.

import {
  DENSITY,
  LINK_PREVIEWS,
  readDensity,
  readLinkPreviews,
  readPrivacy,
  type Density,
  type Privacy,
  type PrivacyKey
} from '#protocol/personal.ts';
import type { PersonalReplica } from './personal-replica.ts';

export class OwnPreferences {
  readonly #personal: Pick<PersonalReplica, 'get' | 'set'>;

  constructor(personal: Pick<PersonalReplica, 'get' | 'set'>) {
    this.#personal = personal;
  }

  get density(): Density {
    return readDensity(this.#personal.get('preferences', DENSITY));
  }

  async setDensity(density: Density): Promise<void> {
    await this.#personal.set('preferences', DENSITY, density);
  }

  get linkPreviews(): boolean {
    return readLinkPreviews(this.#personal.get('preferences', LINK_PREVIEWS));
  }

  async setLinkPreviews(on: boolean): Promise<void> {
    await this.#personal.set('preferences', LINK_PREVIEWS, on);
  }

  get privacy(): Privacy {
    return readPrivacy((key) => this.#personal.get('preferences', key));
  }

  /** Resolves once it is on disk, or could not be put there. */
  async setPrivacy(key: PrivacyKey, shared: boolean): Promise<void> {
    await this.#personal.set('preferences', key, shared);
  }
}
