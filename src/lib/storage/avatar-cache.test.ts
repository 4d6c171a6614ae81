import { expect, test } from 'vitest';
import { AVATAR_CACHE, isAvatarPath, keptAvatar } from './avatar-cache.ts';
import { FakeCaches } from './testing/fake-caches.ts';

const keysOf = async (caches: FakeCaches): Promise<readonly string[]> =>
  (await (await caches.open(AVATAR_CACHE)).keys()).map(({ url }) => url);
const picture = (): Response => new Response('webp', { headers: { 'content-type': 'image/webp' } });
const request = (number: number): Request =>
  new Request(`http://roost.test/api/avatars/${String(number).padStart(22, '0')}`);

test('[PEOPLE-4] a picture seen once is there without a network; the oldest go beyond 500', async () => {
  const caches = new FakeCaches();
  await keptAvatar(request(0), caches, async () => picture());
  const offline = (): Promise<Response> => Promise.reject(new TypeError('offline'));
  expect(await (await keptAvatar(request(0), caches, offline)).text()).toBe('webp');
  await expect(keptAvatar(request(1), caches, offline)).rejects.toThrow('offline');
  for (let number = 1; number <= 501; number += 1) await keptAvatar(request(number), caches, async () => picture());
  const kept = await keysOf(caches);
  expect(kept).toHaveLength(500);
  expect(kept[0]).toBe(request(2).url);
});

test('[PEOPLE-4] what is no picture is not kept', async () => {
  const caches = new FakeCaches();
  const portal = new Response('sign in to the hotel', { headers: { 'content-type': 'text/html' } });
  await keptAvatar(request(0), caches, async () => portal);
  await keptAvatar(request(0), caches, async () => new Response('', { status: 404 }));
  expect(await keysOf(caches)).toEqual([]);
  expect(isAvatarPath('/api/avatars/0123456789012345678901')).toBe(true);
  expect(isAvatarPath('/api/avatars/../me')).toBe(false);
});
