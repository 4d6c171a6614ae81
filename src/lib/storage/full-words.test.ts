import { expect, test } from 'vitest';
import { fullWords, measureRoom, noRoomWords } from './full-words.ts';

const storage = (estimate: StorageEstimate) => ({ estimate: () => Promise.resolve(estimate) });

test('[SPACE-1] where the device is full one reads how much is kept there, how much is missing, and where some is freed', async () => {
  const room = await measureRoom(storage({ usage: 480e6, quota: 500e6 }))();
  expect(noRoomWords('film.mp4', 150e6, room)).toMatch(/“film.mp4”: 130 MB .* keeps 480 MB here.*Settings, Storage/);
  expect(fullWords(room)).toMatch(/no room left for Roost, which keeps 480 MB/);
});

test('[SPACE-1] what the browser does not tell, or contradicts, is not said', async () => {
  const refusing = { estimate: () => Promise.reject(new TypeError('private window')) };
  expect([await measureRoom(null)(), await measureRoom(refusing)(), await measureRoom(storage({}))()]).toEqual([
    null,
    null,
    null
  ]);
  const plain = noRoomWords('film.mp4', 10, null);
  expect(plain).toMatch(/no room left for “film.mp4”.*Settings, Storage/);
  expect(noRoomWords('film.mp4', 10, { used: 5, free: 20 })).toBe(plain);
  expect(fullWords(null)).toMatch(/no room left for Roost/);
});
