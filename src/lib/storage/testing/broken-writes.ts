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
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with the store as `this` below
  const whole = { add: prototype.add, put: prototype.put };
  for (const method of ['add', 'put'] as const) {
    prototype[method] = function (this: IDBObjectStore, value: unknown, key?: IDBValidKey) {
      const request = key === undefined ? whole[method].call(this, value) : whole[method].call(this, value, key);
      // fake-indexeddb has no quota; its own way to abort carries the reason as a browser's would.
      if (fails(this.transaction.db.name, this.name)) (this.transaction as unknown as FakeTransaction)._abort(reason);
      return request;
    };
  }
  return () => Object.assign(prototype, whole);
}
