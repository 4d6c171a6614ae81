// Pictures of people, kept by the service worker so that they are there without a network. An avatar's address names its
// content, so what is kept never gets old. Invariant: no more than AVATARS_MAX of them; signing out drops them all.

/** Name of the Cache. */
export const AVATAR_CACHE = 'roost-avatars';
const AVATARS_MAX = 500;

const AVATAR_PATH = /^\/api\/avatars\/[A-Za-z0-9_-]{22}$/;
export const isAvatarPath = (path: string): boolean => AVATAR_PATH.test(path);

/** The picture from the cache, else from the server, and kept then. */
export async function keptAvatar(
  request: Request,
  storage: CacheStorage,
  fetchIt: (request: Request) => Promise<Response>
): Promise<Response> {
  const cache = await storage.open(AVATAR_CACHE);
  const kept = await cache.match(request);
  if (kept) return kept;
  const answer = await fetchIt(request);
  // Only the picture itself: neither a refusal nor a proxy's word.
  if (answer.status === 200 && answer.headers.get('content-type') === 'image/webp') {
    await cache.put(request, answer.clone()).catch(() => undefined);
    const keys = await cache.keys();
    // Oldest first, as they were put in.
    await Promise.all(keys.slice(0, Math.max(0, keys.length - AVATARS_MAX)).map((key) => cache.delete(key)));
  }
  return answer;
}
