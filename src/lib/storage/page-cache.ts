// WebKit puts a page that one leaves away with its transactions open, and all pages that ask the same database wait for them
// until it is dropped: the app does not start any more (seen in WebKitGTK; Chromium and Firefox let them finish).
// Invariant: there, a page that was put away holds no transaction open; one that comes back without what it was about to
// write begins anew.

import { openDB, unwrap, type DBSchema, type IDBPDatabase, type OpenDBCallbacks } from 'idb';

const open = new Set<IDBTransaction>();
let isAway = false;
let isCutOff = false;

/** As openDB of idb, for a page. */
export async function openDatabase<Schema extends DBSchema>(
  name: string,
  version: number,
  callbacks: OpenDBCallbacks<Schema>
): Promise<IDBPDatabase<Schema>> {
  const db = await openDB<Schema>(name, version, callbacks);
  const raw = unwrap(db);
  const begin = raw.transaction.bind(raw);
  raw.transaction = (...wanted) => {
    const transaction = begin(...wanted);
    open.add(transaction);
    for (const end of ['complete', 'abort']) transaction.addEventListener(end, () => open.delete(transaction));
    // Once its requests are made: these fail with it.
    if (isAway) queueMicrotask(cutOff);
    return transaction;
  };
  return db;
}

/** @param page the window */
export function endTransactionsWhenAway(
  page: EventTarget,
  engine: { readonly vendor: string },
  reload: () => void
): void {
  if (!engine.vendor.startsWith('Apple')) return;
  page.addEventListener('pagehide', (event) => {
    // Otherwise it ends, and they with it.
    isAway = (event as Event & { readonly persisted: boolean }).persisted;
    if (isAway) cutOff();
  });
  page.addEventListener('pageshow', () => {
    if (isCutOff) reload();
    isAway = false;
    isCutOff = false;
  });
}

function cutOff(): void {
  for (const transaction of open) {
    try {
      transaction.abort();
      isCutOff = true;
    } catch {
      // It is being written to the end by now, without this page.
    }
  }
  open.clear();
}
