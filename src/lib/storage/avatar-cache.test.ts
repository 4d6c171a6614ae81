import { expect, test } from 'vitest';
import { isAvatarPath, keptAvatar } from './avatar-cache.ts';

/** Cache Storage as the standard has it, with one cache. */
class MemoryCaches {
  readonly entries = new Map<string, Response>();
  async open() {
    const { entries } = this;
    return {
      match: async ({ url }: Request) => entries.get(url)?.clone(),
      put: async ({ url }: Request, answer: Response) => void entries.set(url, answer),
      keys: async () => [...entries.keys()].map((url) => new Request(url)),
      delete: async ({ url }: Request) => entries.delete(url)
    };
  }
}

const picture = (): Response => new Response('webp', { headers: { 'content-type': 'image/webp' } });
const request = (number: number): Request =>
  new Request(`http://roost.test/api/avatars/${String(number).padStart(22, '0')}`);

test('[PEOPLE-4] a picture seen once is there without a network; the oldest go beyond 500', async () => {
  const storage = new MemoryCaches();
  const caches = storage as unknown as CacheStorage;
  await keptAvatar(request(0), caches, async () => picture());
  const offline = (): Promise<Response> => Promise.reject(new TypeError('offline'));
  expect(await (await keptAvatar(request(0), caches, offline)).text()).toBe('webp');
  await expect(keptAvatar(request(1), caches, offline)).rejects.toThrow('offline');
  for (let number = 1; number <= 501; number += 1) await keptAvatar(request(number), caches, async () => picture());
  expect(storage.entries.size).toBe(500);
  expect([...storage.entries.keys()][0]).toBe(request(2).url);
});

test('[PEOPLE-4] what is no picture is not kept', async () => {
  const storage = new MemoryCaches();
  const caches = storage as unknown as CacheStorage;
  const portal = new Response('sign in to the hotel', { headers: { 'content-type': 'text/html' } });
  await keptAvatar(request(0), caches, async () => portal);
  await keptAvatar(request(0), caches, async () => new Response('', { status: 404 }));
  expect(storage.entries.size).toBe(0);
  expect(isAvatarPath('/api/avatars/0123456789012345678901')).toBe(true);
  expect(isAvatarPath('/api/avatars/../me')).toBe(false);
});
