// The part of the browser's CacheStorage that is used here, in memory: bodies are read once per match, as in a browser.

const ORIGIN = 'https://chat.test';
const urlOf = (key: RequestInfo | URL): string =>
  new URL(key instanceof URL ? key.href : typeof key === 'string' ? key : key.url, ORIGIN).href;

class FakeCache {
  readonly #kept = new Map<string, Response>();

  async put(key: RequestInfo | URL, response: Response): Promise<void> {
    // What is put is read to its end.
    const body = await response.arrayBuffer();
    this.#kept.set(urlOf(key), new Response(body, { headers: response.headers, status: response.status }));
  }
  async match(key: RequestInfo | URL): Promise<Response | undefined> {
    return this.#kept.get(urlOf(key))?.clone();
  }
  async keys(): Promise<readonly Request[]> {
    return [...this.#kept.keys()].map((url) => new Request(url));
  }
  async delete(key: RequestInfo | URL): Promise<boolean> {
    return this.#kept.delete(urlOf(key));
  }
}

export class FakeCaches implements CacheStorage {
  readonly #caches = new Map<string, FakeCache>();

  async open(name: string): Promise<Cache> {
    const cache = this.#caches.get(name) ?? new FakeCache();
    this.#caches.set(name, cache);
    return cache as unknown as Cache;
  }
  async has(name: string): Promise<boolean> {
    return this.#caches.has(name);
  }
  async delete(name: string): Promise<boolean> {
    return this.#caches.delete(name);
  }
  async keys(): Promise<string[]> {
    return [...this.#caches.keys()];
  }
  async match(): Promise<Response | undefined> {
    throw new TypeError('ask a cache by its name');
  }
}
