import { expect, test } from 'vitest';
import type { Entry } from '#protocol/entry.ts';
import type { RoomReplica } from '../sync/room-replica.ts';
import type { SyncClient } from '../sync/sync-client.ts';
import type { Composer } from './composer.ts';
import { RoomDraft } from './room-draft.svelte.ts';
import { RoomWriting } from './room-writing.ts';

const ROOM = 'r'.repeat(22);

/** A room with one message that failed, and a composer whose words take their time to the disk. */
function setup() {
  const entry = { id: 'm-1', type: 'message', author: 'me', sentAt: 1, body: 'Refused words' } as Entry;
  const outbox = new Map([[entry.id, { entry, state: 'failed' }]]);
  const client = {
    outbox: {
      get: (_room: string, id: string) => outbox.get(id),
      discard: (_room: string, id: string) => Promise.resolve(void outbox.delete(id))
    },
    files: { erased: () => undefined },
    hold: <Value>(writing: Promise<Value>) => writing
  };
  const onDisk = Promise.withResolvers<void>();
  const draft = new RoomDraft(ROOM, () => undefined);
  const composition = { putEditAside: () => undefined, replyTo: null };
  const composer = { draft, composition, flush: () => onDisk.promise };
  const writing = new RoomWriting({
    room: ROOM,
    now: Date.now,
    members: () => [],
    mentionsIn: () => ({ people: [], room: false })
  });
  writing.attach(client as unknown as SyncClient, { head: { has: () => false } } as unknown as RoomReplica);
  return { writing, composer: composer as unknown as Composer, draft, onDisk, outbox };
}

test('[FILES-11] what failed stands in the composer once, however often it is taken up, and goes where it was after that', async () => {
  const { writing, composer, draft, onDisk, outbox } = setup();
  draft.set('A thought of meanwhile');
  const taken = [writing.takeUp('m-1', composer), writing.takeUp('m-1', composer)];
  expect(outbox.size).toBe(1);
  onDisk.resolve();
  await Promise.all(taken);
  expect(draft.text).toBe('Refused words\nA thought of meanwhile');
  expect(outbox.size).toBe(0);
});
