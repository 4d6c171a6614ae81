// Reads a page's Yjs bytes as a client would: its arrived entries, and the same page in fewer bytes. The one place
// where the server builds a Y.Doc of a page: once, when it is sealed, when content is erased, and for tools.

import * as Y from 'yjs';
import type { ArrivedEntry } from '#protocol/api/sealed-page.ts';
import { ARRIVALS_ROOT, MESSAGES_ROOT, arrivedEntry } from '#protocol/arrival.ts';
import type { EntryId } from '#protocol/ids.ts';
import { readPage } from '#protocol/order.ts';

export interface PageContent {
  /** In arrival order. */
  readonly entries: readonly ArrivedEntry[];
  /** The same document; runs of one author, above all the arrivals, are one item each. */
  readonly update: Uint8Array;
}

/**
 * The page without the content of some entries: their places stay, as tombstones, and so does everything else.
 * Through a document, since merging updates keeps deleted bytes.
 * @param update the whole page as one V1 update
 */
export function withoutEntries(update: Uint8Array, ids: ReadonlySet<EntryId>): Uint8Array {
  const doc = new Y.Doc();
  try {
    Y.applyUpdate(doc, update);
    const messages = doc.getArray<{ id?: unknown }>(MESSAGES_ROOT);
    const found = messages.toArray().flatMap(({ id }, at) => (ids.has(id as EntryId) ? [at] : []));
    // From the end, so that places before stay what they are.
    doc.transact(() => {
      for (const at of found.toReversed()) messages.delete(at, 1);
    });
    return Y.encodeStateAsUpdate(doc);
  } finally {
    doc.destroy();
  }
}

/** @param update the whole page as one V1 update */
export function readPageContent(update: Uint8Array): PageContent {
  const doc = new Y.Doc();
  try {
    Y.applyUpdate(doc, update);
    const messages = doc.getArray(MESSAGES_ROOT).toArray();
    const { arrived } = readPage(messages, doc.getArray(ARRIVALS_ROOT).toArray());
    const entries = arrived.map(({ entry, arrival }) => arrivedEntry(entry, arrival!));
    return { entries, update: Y.encodeStateAsUpdate(doc) };
  } finally {
    doc.destroy();
  }
}
