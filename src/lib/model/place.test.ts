import { expect, test } from 'vitest';
import { LastPlace } from './place.ts';

class Memory {
  readonly kept = new Map<string, unknown>();
  broken = false;
  async meta<Value>(key: string): Promise<Value | undefined> {
    if (this.broken) throw new DOMException('full', 'QuotaExceededError');
    return this.kept.get(key) as Value | undefined;
  }
  async putMeta(key: string, value: unknown): Promise<void> {
    if (this.broken) throw new DOMException('full', 'QuotaExceededError');
    this.kept.set(key, value);
  }
}

test('[PWA-8] the last place is remembered, by whom it is and for as long as their data', async () => {
  const memory = new Memory();
  const place = new LastPlace(
    () => memory as never,
    () => 7
  );
  place.note('/room/a');
  place.note('/room/b');
  expect(await place.last()).toEqual({ path: '/room/b', at: 7 });
  expect(
    await new LastPlace(
      () => new Memory() as never,
      () => 8
    ).last()
  ).toBeNull();
});

test('[PWA-8] where it cannot be kept the app opens at its first screen', async () => {
  const memory = Object.assign(new Memory(), { broken: true });
  const place = new LastPlace(
    () => memory as never,
    () => 7
  );
  place.note('/room/a');
  expect(await place.last()).toBeNull();
  expect(
    await new LastPlace(
      () => null,
      () => 7
    ).last()
  ).toBeNull();
});
