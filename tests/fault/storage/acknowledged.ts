// The books of a storage fault test: what a writer was told is on disk, against what is there.

import { Store } from '../../../sync-server/store/store.ts';
import type { Ack } from './writer-process.ts';
import { nameOf, projectionKey, recordOf, ROOMS } from './writer-records.ts';

export class Acknowledged {
  /** Room and position → the name of the record there. */
  readonly #names = new Map<string, string>();

  get size(): number {
    return this.#names.size;
  }

  add(acks: readonly Ack[], mark: string): void {
    for (const { room, position } of acks) this.#names.set(`${room}:${position}`, `${room}:${position}:${mark}`);
  }

  /**
   * Opens the folder and names all that is wrong with it: acknowledged records that are lost or replaced, records
   * whose bytes are not those written, and projections that do not belong to the last record. A gap throws.
   */
  async faults(dataDir: string): Promise<string[]> {
    const faults: string[] = [];
    const lost = new Map(this.#names);
    const store = await Store.open({ dataDir });
    try {
      for (const room of ROOMS) {
        let last: string | undefined;
        for await (const { position, record } of store.log.read(room, 0)) {
          last = nameOf(record);
          const [, , mark] = last.split(':') as [string, string, string];
          if (!Buffer.from(recordOf(room, position, mark).record).equals(record)) {
            faults.push(`${room} ${position} has other bytes than were written`);
          }
          if (lost.get(`${room}:${position}`) === last) lost.delete(`${room}:${position}`);
        }
        const projection = await store.kv.get(projectionKey(room));
        const projected = projection && Buffer.from(projection).toString();
        if (projected !== last) faults.push(`the projection of ${room} is ${projected}, its last record ${last}`);
      }
    } finally {
      await store.close();
    }
    return [...faults, ...[...lost.values()].map((name) => `${name} was acknowledged and is lost`)];
  }
}
