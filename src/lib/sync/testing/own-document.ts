// A person's own document on one device, without disk or line: what RoomMarks asks of it, over a Yjs document that can be
// brought in step with another one's at any time.

import * as Y from 'yjs';
import { PERSONAL_ROOTS, type PersonalRoot } from '#protocol/personal.ts';
import type { Stored } from '../../storage/storage-failure.ts';

export class OwnDocument {
  readonly doc = new Y.Doc();
  changed: (root: 'rooms' | 'preferences', keys: readonly string[]) => void = () => undefined;

  constructor() {
    for (const root of PERSONAL_ROOTS) {
      this.doc.getMap(root).observe(({ keysChanged }) => {
        if (root === 'rooms' || root === 'preferences')
          this.changed(
            root,
            [...keysChanged].filter((key) => key !== null)
          );
      });
    }
  }

  get(root: PersonalRoot, key: string): unknown {
    return this.doc.getMap(root).get(key);
  }
  keys(root: PersonalRoot): readonly string[] {
    return [...this.doc.getMap(root).keys()];
  }
  async set(root: PersonalRoot, key: string, value: unknown): Promise<Stored> {
    if (value === null) this.doc.getMap(root).delete(key);
    else this.doc.getMap(root).set(key, value);
    return { ok: true };
  }

  syncWith(other: OwnDocument): void {
    Y.applyUpdate(other.doc, Y.encodeStateAsUpdate(this.doc));
    Y.applyUpdate(this.doc, Y.encodeStateAsUpdate(other.doc));
  }
}
