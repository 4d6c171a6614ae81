// A word that must be gone once what said it is erased, and the ways to look for it: in replicas, on sealed pages, on
// the disk.

import * as Y from 'yjs';
import type { SealedPage } from '#protocol/api/sealed-page.ts';
import type { Entry } from '#protocol/entry.ts';
import type { RoomId, UserId } from '#protocol/ids.ts';
import { PAGE_MAX_ENTRIES } from '#protocol/limits.ts';
import type { RoomsSetup } from './rooms-setup.ts';

export const CANARY = 'canary-pY7wQ2zK5mN8vB4x';

export const redaction = (setup: RoomsSetup, author: UserId, target: Entry): Entry =>
  setup.entry(author, { type: 'redaction', target: target.id, of: target.author });

/** Whether the canary's bytes lie anywhere: in a record, or as the remains of one. */
export const onDisk = (setup: RoomsSetup): boolean => setup.disk.holds(new TextEncoder().encode(CANARY));
export const holds = (doc: Y.Doc): boolean => Buffer.from(Y.encodeStateAsUpdate(doc)).includes(CANARY);

/** Fills the head page, so that it is sealed. */
export async function sealPage(setup: RoomsSetup, room: RoomId, author: UserId): Promise<void> {
  const client = await setup.client(author, room, (await setup.rooms.summary(author, room))!.head);
  await client.until(() => client.frames.length > 0);
  const left = PAGE_MAX_ENTRIES - client.view.arrived.length;
  client.append(...Array.from({ length: left }, (_, at) => setup.message(author, `filler ${at}`)));
  await client.until(() => client.view.sealedTo !== null);
  client.disconnect();
}

export const sealedPage = async (setup: RoomsSetup, user: UserId, room: RoomId, page = 0): Promise<SealedPage> => {
  const sealed = await setup.rooms.sealedPage(user, { room, page });
  if (sealed === null || sealed === 'not-sealed') throw new Error(`${page} is ${sealed}`);
  return sealed;
};

export const edit = (setup: RoomsSetup, author: UserId, target: Entry, body: string): Entry =>
  setup.entry(author, { type: 'edit', target: target.id, body });
