// Ann, Bo and Cy of one server, who upload files and name them in messages; what is said is said in their names, by the
// rooms themselves, so that an answer is the gate's. Disposes of itself.

import { access } from 'node:fs/promises';
import type { Entry } from '#protocol/entry.ts';
import { newEntryId } from '#protocol/ids.ts';
import { UPLOAD_KEPT_MS } from '#protocol/limits.ts';
import type { RefusalCode } from '#protocol/refusal-codes.ts';
import { FileClient, hashOf } from './file-client.ts';
import { setupHttp, type Person } from './http-fixture.ts';

export async function setupFiles() {
  const fixture = await setupHttp();
  const [ann, bo, cy] = [await fixture.setUp('Ann'), await fixture.signUp('Bo'), await fixture.signUp('Cy')];
  const clientOf = (person: Person) => new FileClient(fixture.origin, person);
  const { rooms, server } = fixture;
  let at = Date.now();
  /** Sends in the person's name. @returns why not */
  const say = (room: string, { me }: Person, more: object, id = newEntryId(at++)): Promise<RefusalCode | null> =>
    rooms.append({ id, author: me.id, sentAt: Date.now(), ...more } as Entry, room);
  const isKept = (bytes: Uint8Array): Promise<boolean> =>
    access(server.core.blobFolder.blobPath(hashOf(bytes))).then(
      () => true,
      () => false
    );
  const join = (room: string, person: Person) => say(room, person, { type: 'membership', action: 'joined' });
  return {
    ...{ ...fixture, ann, bo, cy, clientOf, say, join, isKept },
    ...{ anns: clientOf(ann), bos: clientOf(bo), cys: clientOf(cy) },
    /** Everything that was to go has gone. */
    swept: () => rooms.erasuresSettled(),
    /** What nobody has named for a day has gone. */
    nextDay: async () => {
      fixture.pass(UPLOAD_KEPT_MS + 1);
      await server.core.uploads.collect();
      await server.core.blobs.collect();
    }
  };
}
