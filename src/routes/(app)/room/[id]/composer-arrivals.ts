// What comes into a composer from outside of it: words written in a notification, and what another app shared. Invariant:
// it goes into the draft and beside it, never into a message that is being edited; a share waits on until all of it was taken.

import type { RoomModel } from '#lib/model/room-model.ts';
import type { SharedModel } from '#lib/model/shared-model.ts';
import { withReply } from './kept-reply.ts';

type Into = Pick<RoomModel, 'draft' | 'setDraft'>;

export const takeReply = (room: Into, reply: string): void => room.setDraft(withReply(room.draft, reply));

/**
 * @param addFiles into the composer, on disk when it resolves
 * @returns what is to be said of files that could not be taken; null: nothing was shared
 */
export async function takeShared(
  room: Into,
  shared: SharedModel,
  addFiles: (files: readonly File[]) => Promise<readonly string[]>
): Promise<readonly string[] | null> {
  const share = await shared.read();
  if (!share) return null;
  // What was not taken whole may be taken once more.
  if (share.text !== '' && !room.draft.endsWith(share.text)) takeReply(room, share.text);
  const problems = share.files.length > 0 ? await addFiles(share.files) : [];
  if (problems.length === 0) await shared.drop(share.at);
  return problems;
}
