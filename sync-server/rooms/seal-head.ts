// Seals a full head page and opens the next one, all within the commit that filled it.

import assert from 'node:assert/strict';
import { readPageContent } from './page-content.ts';
import type { CommitDraft } from './commit-draft.ts';
import { encodeBase } from './committed-page.ts';
import { baseKey, sealedKey } from './keys.ts';
import { RoomPage } from './room-page.ts';
import type { ServerClientIds } from '../gate/server-client-ids.ts';
import { snapshotEntry } from './snapshot-entry.ts';
import { encodeStored } from '../store/stored-json.ts';

/** Stores a sealed page whole: its bytes, and its entries as they are served. */
export function putSealed(page: RoomPage, draft: CommitDraft, position: number): void {
  const { entries, update } = readPageContent(page.staged());
  draft.records.put(baseKey(page.ref), encodeBase({ from: position + 1, update }));
  draft.records.put(sealedKey(page.ref), encodeStored({ entries }));
}

/**
 * @param position of the log record that this commit will be
 * @returns the new head, with its snapshot staged
 */
export function sealHead(
  head: RoomPage,
  draft: CommitDraft,
  ids: ServerClientIds,
  position: number,
  nowMs: number
): RoomPage {
  const state = draft.state;
  assert(state, 'only a room that exists fills a page');
  const next = head.ref.page + 1;
  head.flushArrivals(ids.arrivals);
  head.appendSeal(ids.arrivals, { sealed: next });
  putSealed(head, draft, position);

  const page = RoomPage.empty({ room: head.ref.room, page: next }, state);
  const snapshot = page.gate.appendEntries(ids.messages, [snapshotEntry(state, nowMs)]);
  page.stage(snapshot.update);
  for (const accepted of snapshot.accepted) page.stageArrival(draft.accept(next, accepted, nowMs));
  page.flushArrivals(ids.arrivals);
  draft.openHead(next);
  return page;
}
