// Reads the arrived entries out of a page's Yjs bytes. The one place where the server builds a Y.Doc, once a page.

import * as Y from 'yjs';
import type { ArrivedEntry } from '#protocol/api.ts';
import { ARRIVALS_ROOT, MESSAGES_ROOT } from '#protocol/arrival.ts';
import { readPage } from '#protocol/order.ts';

/** @param update the whole page as one V1 update @returns in arrival order */
export function arrivedEntries(update: Uint8Array): ArrivedEntry[] {
  const doc = new Y.Doc();
  try {
    Y.applyUpdate(doc, update);
    const messages = doc.getArray(MESSAGES_ROOT).toArray();
    const { arrived } = readPage(messages, doc.getArray(ARRIVALS_ROOT).toArray());
    return arrived.map(({ entry, arrival }) => ({ entry, at: arrival!.at, n: arrival!.n }));
  } finally {
    doc.destroy();
  }
}
