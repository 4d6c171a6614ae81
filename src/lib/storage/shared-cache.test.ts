import { expect, test } from 'vitest';
import { FakeCaches } from './testing/fake-caches.ts';
import { dropShared, putShared, readShared } from './shared-cache.ts';

const BY_ANN = { now: 0, who: 'ann' };
const DAY = 24 * 60 * 60_000;

function form(parts: Readonly<Record<string, string | readonly File[]>>): FormData {
  const made = new FormData();
  for (const [name, value] of Object.entries(parts)) {
    if (typeof value === 'string') made.set(name, value);
    else for (const file of value) made.append(name, file);
  }
  return made;
}

test('[PWA-7] what was shared is there in its order, with names and types, until it is dropped', async () => {
  const caches = new FakeCaches();
  const files = Array.from({ length: 12 }, (_, n) => new File([`${n}`], `Fähre ${n}.txt`, { type: 'text/plain' }));
  await putShared(caches, form({ text: 'Look', files }), BY_ANN);
  const shared = (await readShared(caches, DAY, 'ann'))!;
  expect(shared.text).toBe('Look');
  expect(shared.files.map(({ name, type }) => [name, type])).toEqual(files.map(({ name }) => [name, 'text/plain']));
  expect(await Promise.all(shared.files.map((file) => file.text()))).toEqual(files.map((_, n) => `${n}`));
  await dropShared(caches, null);
  expect(await readShared(caches, DAY, 'ann')).toBeNull();
});

test('[PWA-7] a newer share takes the place of one that nobody wanted, and a day ends it', async () => {
  const caches = new FakeCaches();
  await putShared(caches, form({ text: 'Old', files: [new File(['a'], 'a.txt')] }), BY_ANN);
  await putShared(caches, form({ text: 'New', files: [new File([], 'empty.txt')] }), { now: 1, who: 'ann' });
  expect(await readShared(caches, 2, 'ann')).toEqual({ text: 'New', files: [], at: 1 });
  expect(await readShared(caches, DAY + 2, 'ann')).toBeNull();
  expect(await caches.has('roost-shared')).toBe(false);
});

test.for([
  [{ title: 'Tides', text: 'Low at six', url: 'https://tide.test/1' }, 'Tides\nLow at six\nhttps://tide.test/1'],
  [{ title: 'Tides', text: 'Tides https://tide.test/1', url: 'https://tide.test/1' }, 'Tides https://tide.test/1'],
  [{ text: ' https://tide.test/1 ', url: 'https://tide.test/1' }, 'https://tide.test/1'],
  [{ title: 'Tides' }, 'Tides'],
  [{}, '']
] as const)('[PWA-7] of %j it says each thing once', async ([parts, words]) => {
  const caches = new FakeCaches();
  await putShared(caches, form(parts), BY_ANN);
  expect((await readShared(caches, 0, 'ann'))!.text).toBe(words);
});

test('[PWA-7] it is there for who was signed in when it came, and for whoever signs in where nobody was', async () => {
  const caches = new FakeCaches();
  await putShared(caches, form({ text: 'For Ann' }), BY_ANN);
  expect(await readShared(caches, 1, 'bo')).toBeNull();
  expect(await caches.has('roost-shared')).toBe(false);
  await putShared(caches, form({ text: 'For whom?' }), { now: 0, who: null });
  expect(await readShared(caches, 1, 'bo')).toMatchObject({ text: 'For whom?' });
});

test('[PWA-7] who has put one share into a room drops no newer one, and none that is on its way', async () => {
  const caches = new FakeCaches();
  await putShared(caches, form({ text: 'New' }), { now: 5, who: 'ann' });
  await dropShared(caches, 4);
  expect(await readShared(caches, 5, 'ann')).toMatchObject({ text: 'New', at: 5 });
  await dropShared(caches, 5);
  expect(await caches.has('roost-shared')).toBe(false);
  await caches.open('roost-shared');
  expect(await readShared(caches, 5, 'ann')).toBeNull();
  expect(await caches.has('roost-shared')).toBe(true);
});

test.for([
  ['51 files', { files: Array.from({ length: 51 }, (_, n) => new File(['x'], `${n}`)) }],
  ['a book', { text: 'x'.repeat(200_001) }]
] as const)('[PWA-7] %s are refused, and what was there stays', async ([, parts]) => {
  const caches = new FakeCaches();
  await putShared(caches, form({ text: 'Old' }), BY_ANN);
  await expect(putShared(caches, form(parts), BY_ANN)).rejects.toThrow(RangeError);
  expect(await readShared(caches, 0, 'ann')).toMatchObject({ text: 'Old' });
});
