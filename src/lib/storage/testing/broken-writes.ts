// Makes IndexedDB fail the way browsers do: the request is taken, then the transaction aborts. For tests.

interface FakeTransaction {
  _abort(reason: string): void;
}

/**
 * @param fails asked for each write, with the name of its database and store
 * @param reason name of the DOMException that the transaction aborts with
 * @returns the way back
 */
export function breakWrites(
  fails: (database: string, store: string) => boolean,
  reason: 'QuotaExceededError' | 'AbortError' | 'UnknownError' = 'QuotaExceededError'
): () => void {
  const { prototype } = IDBObjectStore;
  const whole = Object.getOwnPropertyDescriptors(prototype);
  for (const method of ['add', 'put'] as const) {
    prototype[method] = function (this: IDBObjectStore, ...args: Parameters<IDBObjectStore['put']>) {
      const request = whole[method].value!.apply(this, args);
      // fake-indexeddb has no quota; its own way to abort carries the reason as a browser's would.
      if (fails(this.transaction.db.name, this.name)) (this.transaction as unknown as FakeTransaction)._abort(reason);
      return request;
    };
  }
  return () => void Object.defineProperties(prototype, { add: whole.add, put: whole.put });
}
