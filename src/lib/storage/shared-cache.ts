// What another app has shared with this one, from the moment it comes until it stands in a room's composer. The service
// worker puts it here, for the page that shows it is not there yet. Invariant: one share at a time, the newest, for who was
// signed in when it came, and nobody else; signing out drops it.

import type { Shared } from '../model/shared-model.ts';

/** Name of the Cache. */
const SHARED_CACHE = 'roost-shared';
/** What nobody put into a room within a day is not wanted any more. */
const KEPT_MS = 24 * 60 * 60_000;
/** Any page of the web can post such a form: more than this nobody shares. */
const FILES_MOST = 50;
const BYTES_MOST = 2 * 1024 ** 3;
const TEXT_MOST_CHARS = 200_000;
const WORDS = '/shared/words';
const FILE = '/shared/file/';
const NAME = 'x-name';

interface Words {
  readonly text: string;
  /** Epoch ms. */
  readonly at: number;
  /** Who was signed in. null: nobody was, or nobody knew. */
  readonly who: string | null;
}

/**
 * @param form as the manifest's `share_target` names its parts
 * @throws RangeError it is more than anybody shares
 */
export async function putShared(
  storage: CacheStorage,
  form: FormData,
  { now, who }: { readonly now: number; readonly who: string | null }
): Promise<void> {
  const files = form.getAll('files').filter((one): one is File => one instanceof File && one.size > 0);
  const text = wordsOf(form);
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  if (files.length > FILES_MOST || bytes > BYTES_MOST || text.length > TEXT_MOST_CHARS)
    throw new RangeError('too much is shared');
  await storage.delete(SHARED_CACHE);
  const cache = await storage.open(SHARED_CACHE);
  await Promise.all(
    files.map((file, place) =>
      cache.put(
        `${FILE}${String(place).padStart(3, '0')}`,
        new Response(file, { headers: { 'content-type': file.type, [NAME]: encodeURIComponent(file.name) } })
      )
    )
  );
  const words: Words = { text, at: now, who };
  // Last: without it there is nothing, so that half a share is none.
  await cache.put(WORDS, Response.json(words));
}

export async function readShared(storage: CacheStorage, now: number, me: string | null): Promise<Shared | null> {
  if (!(await storage.has(SHARED_CACHE))) return null;
  const cache = await storage.open(SHARED_CACHE);
  const kept = await cache.match(WORDS);
  // It may be being put there.
  if (!kept) return null;
  const words = (await kept.json()) as Words;
  if (now - words.at > KEPT_MS || (words.who !== null && words.who !== me)) {
    await dropShared(storage, words.at);
    return null;
  }
  const keys = (await cache.keys()).map(({ url }) => new URL(url).pathname).filter((path) => path.startsWith(FILE));
  const files = await Promise.all(
    keys.sort().map(async (path) => {
      const response = (await cache.match(path))!;
      const type = response.headers.get('content-type') ?? '';
      return new File([await response.blob()], decodeURIComponent(response.headers.get(NAME) ?? ''), { type });
    })
  );
  return { text: words.text, files, at: words.at };
}

/** @param at that share alone; null: whichever there is */
export async function dropShared(storage: CacheStorage, at: number | null): Promise<void> {
  if (!(await storage.has(SHARED_CACHE))) return;
  const kept = await (await storage.open(SHARED_CACHE)).match(WORDS);
  if (at !== null && (!kept || ((await kept.json()) as Words).at !== at)) return;
  await storage.delete(SHARED_CACHE);
}

/** Apps put an address into `url` or at the end of `text`, and a page's name into `title`: each is wanted once. */
function wordsOf(form: FormData): string {
  let words = '';
  for (const part of ['title', 'text', 'url']) {
    const value = form.get(part);
    const text = typeof value === 'string' ? value.trim() : '';
    if (text !== '' && !words.includes(text)) words = text.includes(words) ? text : `${words}\n${text}`;
  }
  return words;
}
