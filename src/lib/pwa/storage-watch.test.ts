import { expect, test } from 'vitest';
import { eventually } from '../../../tests/eventually.ts';
import { StorageWatch } from './storage-watch.svelte.ts';

const MB = 1024 * 1024;
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

class World {
  now = 10 * DAY;
  quota = 1_000 * MB;
  usage = 100 * MB;
  isPersistent = false;
  asked = 0;
  readonly watch = new StorageWatch(
    {
      estimate: async () => {
        this.asked += 1;
        return { quota: this.quota, usage: this.usage };
      },
      persisted: async () => this.isPersistent
    } as StorageManager,
    () => this.now
  );

  async look(count: number, waitedMs = 0): Promise<string | null> {
    this.now += 6 * MINUTE;
    const { asked } = this;
    this.watch.look({ count, since: count === 0 ? null : this.now - waitedMs });
    await eventually(() => expect(this.asked).toBe(asked + 1));
    // The answer of `persisted` comes after that of `estimate`.
    await new Promise((resolve) => setTimeout(resolve));
    return this.watch.words;
  }
}

test('[PWA-9] space that runs short is said, with how many messages are on this device alone', async () => {
  const world = new World();
  expect(await world.look(3)).toBeNull();
  world.usage = 950 * MB;
  expect(await world.look(0)).toMatch(/^Space on this device runs short/);
  expect(await world.look(1)).toMatch(/^1 message exists only on this device/);
  expect(await world.look(3)).toMatch(/^3 messages exist only on this device/);
  world.usage = 500 * MB;
  expect(await world.look(3)).toBeNull();
});

test('[PWA-9] what is hidden stays so until there is more of it', async () => {
  const world = Object.assign(new World(), { usage: 990 * MB });
  await world.look(2);
  world.watch.hide();
  expect(await world.look(2)).toBeNull();
  expect(await world.look(3)).toMatch(/^3 messages/);
});

test('[PWA-9] what was hidden, and is over, is said again the next time, of fewer messages too', async () => {
  const world = new World();
  await world.look(3, DAY + MINUTE);
  world.watch.hide();
  expect(world.watch.words).toBeNull();
  world.watch.look({ count: 0, since: null });
  expect(await world.look(1, DAY + MINUTE)).toMatch(/^1 message exists only on this device/);
});

test('[PWA-9] messages that wait for a day where the browser may clear them are told of', async () => {
  const world = new World();
  expect(await world.look(2, DAY - MINUTE)).toBeNull();
  expect(await world.look(2, DAY + MINUTE)).toMatch(/^2 messages exist only on this device/);
  world.watch.look({ count: 0, since: null });
  expect(world.watch.words).toBeNull();
  world.isPersistent = true;
  expect(await world.look(2, DAY + MINUTE)).toBeNull();
});

test('[PWA-9] that the browser has cleared all is said until it is hidden', async () => {
  const world = new World();
  world.watch.wasCleared();
  world.watch.look({ count: 0, since: null });
  expect(world.watch.words).toMatch(/^The browser has cleared/);
  world.watch.hide();
  expect(world.watch.words).toBeNull();
  expect(await world.look(0)).toBeNull();
});

test('[PWA-9] the browser is asked every few minutes at most, and one that tells nothing warns of nothing', async () => {
  const world = new World();
  await world.look(1);
  world.watch.look({ count: 2, since: 0 });
  expect(world.asked).toBe(1);
  const silent = new StorageWatch(null, () => 0);
  silent.look({ count: 2, since: 0 });
  expect(silent.words).toBeNull();
});

test('[PWA-9] whoever signs in next is not told of what the one before had lost, or had waiting', async () => {
  const world = new World();
  world.watch.wasCleared();
  world.watch.end();
  expect(world.watch.words).toBeNull();
  expect(await world.look(2, DAY + MINUTE)).toMatch(/^2 messages/);
  world.watch.end();
  expect(world.watch.words).toBeNull();
});
