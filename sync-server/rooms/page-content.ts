// Reads a page's Yjs bytes as a client would: its arrived entries, and the same page in fewer bytes. The one place
// where the server builds a Y.Doc: once a page, when it is sealed, and for tools.

import * as Y from 'yjs';
import type { ArrivedEntry } from '#protocol/api.ts';
import { ARRIVALS_ROOT, MESSAGES_ROOT } from '#protocol/arrival.ts';
import { readPage } from '#protocol/order.ts';

export interface PageContent {
  /** In arrival order. */
  readonly entries: readonly ArrivedEntry[];
  /** The same document; runs of one author, above all the arrivals, are one item each. */
  readonly update: Uint8Array;
}

/** @param update the whole page as one V1 update */
export function readPageContent(update: Uint8Array): PageContent {
  const doc = new Y.Doc();
  try {
    Y.applyUpdate(doc, update);
    const messages = doc.getArray(MESSAGES_ROOT).toArray();
    const { arrived } = readPage(messages, doc.getArray(ARRIVALS_ROOT).toArray());
    const entries = arrived.map(({ entry, arrival }) => ({ entry, at: arrival!.at, n: arrival!.n }));
    return { entries, update: Y.encodeStateAsUpdate(doc) };
  } finally {
    doc.destroy();
  }
}
