// The Yjs document behind a person's own document, on the server: with garbage collection, so that what was replaced or
// deleted leaves nothing but its place. Invariant: only judged updates are applied, so nothing in it ever waits.

import * as Y from 'yjs';
import { PERSONAL_MAX_BYTES } from '#protocol/limits.ts';
import { PERSONAL_ROOTS, readPrivacy, type PersonalRoot, type Privacy } from '#protocol/personal.ts';
import type { Id } from '../gate/update-decoder.ts';
import type { KnownDocument, PlaceName } from './causal-structs.ts';
import { judgePersonalUpdate } from './personal-update.ts';

export type Applied =
  /** `change`: what was new, as the server writes it; null: nothing. */
  | { readonly kind: 'applied'; readonly change: Uint8Array | null }
  | { readonly kind: 'gap' }
  | { readonly kind: 'malformed'; readonly reason: string }
  /** It would outgrow its bound; the document is as before. */
  | { readonly kind: 'too-large' };

export class PersonalContent implements KnownDocument {
  readonly #doc = new Y.Doc();
  readonly #roots = new Map<unknown, PersonalRoot>();
  /** At least as many bytes as the whole takes. */
  #bytesAtMost = 0;

  /** @param records what is stored of it, in order */
  constructor(records: readonly Uint8Array[]) {
    for (const root of PERSONAL_ROOTS) this.#roots.set(this.#doc.getMap(root), root);
    this.#doc.transact(() => {
      for (const record of records) Y.applyUpdate(this.#doc, record);
    });
    for (const record of records) this.#bytesAtMost += record.length;
  }

  value(root: PersonalRoot, key: string): unknown {
    return this.#doc.getMap(root).get(key);
  }

  get privacy(): Privacy {
    const preferences = this.#doc.getMap('preferences' satisfies PersonalRoot);
    return readPrivacy((key) => preferences.get(key));
  }

  get stateVector(): Uint8Array {
    return Y.encodeStateVector(this.#doc);
  }

  get whole(): Uint8Array {
    return Y.encodeStateAsUpdate(this.#doc);
  }

  /** What the far side lacks; null: that is no state vector. */
  beyond(stateVector: Uint8Array): Uint8Array | null {
    try {
      return Y.encodeStateAsUpdate(this.#doc, stateVector);
    } catch {
      return null;
    }
  }

  apply(update: Uint8Array): Applied {
    const judged = judgePersonalUpdate(update, this);
    if (judged.kind !== 'fits') return judged;
    if (this.#bytesAtMost + update.length > PERSONAL_MAX_BYTES && !this.#hasRoomFor(update))
      return { kind: 'too-large' };
    let change: Uint8Array | null = null;
    const listen = (bytes: Uint8Array): void => {
      change = bytes;
    };
    this.#doc.on('update', listen);
    Y.applyUpdate(this.#doc, update);
    this.#doc.off('update', listen);
    this.#bytesAtMost += update.length;
    return { kind: 'applied', change };
  }

  destroy(): void {
    this.#doc.destroy();
  }

  // KnownDocument

  next(client: number): number {
    return Y.getState(this.#doc.store, client);
  }

  placeOf({ client, clock }: Id): PlaceName {
    const item = Y.getItem(this.#doc.store, Y.createID(client, clock));
    return `${this.#roots.get(item.parent)!}/${item.parentSub!}`;
  }

  newestAt(place: PlaceName): Id | null {
    const slash = place.indexOf('/');
    const item = this.#doc.getMap(place.slice(0, slash))._map.get(place.slice(slash + 1));
    return item ? item.lastId : null;
  }

  /** Looks at a copy: what it replaces and deletes goes, and so may make room. */
  #hasRoomFor(update: Uint8Array): boolean {
    const copy = new Y.Doc();
    try {
      Y.applyUpdate(copy, this.whole);
      const before = Y.encodeStateAsUpdate(copy).length;
      Y.applyUpdate(copy, update);
      const after = Y.encodeStateAsUpdate(copy).length;
      this.#bytesAtMost = before;
      // Where it is over already, as after its bound was lowered, what makes it smaller is welcome.
      return after <= PERSONAL_MAX_BYTES || after < before;
    } finally {
      copy.destroy();
    }
  }
}
