import { expect, onTestFinished, test, vi } from 'vitest';
import { FakeApi } from '../session/testing/fake-api.ts';
import { PeoplePresence } from './people-presence.svelte.ts';

const [ANN, BO, CY] = ['a', 'b', 'c'].map((letter) => `u${letter.repeat(22)}`) as [string, string, string];

function setup() {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const api = new FakeApi();
  const page = { visible: true, changed: (): void => undefined };
  const present = { here: [ANN], away: [BO] };
  const asked: string[] = [];
  const answer = (users: string) => {
    const path = `/api/present?users=${users}`;
    api.on(`GET ${path}`, () => {
      asked.push(users);
      return { body: present };
    });
  };
  for (const users of [ANN, `${ANN},${BO}`, `${ANN},${BO},${CY}`, `${BO},${CY},${ANN}`]) answer(users);
  const presence = new PeoplePresence(api.client, {
    visible: () => page.visible,
    onVisibility: (listener) => {
      page.changed = listener;
      return () => (page.changed = () => undefined);
    }
  });
  onTestFinished(() => presence.close());
  return { presence, page, present, asked };
}

test('[PRES-10] who is shown is asked for, all at once, and again now and then; without a line nothing is known', async () => {
  const { presence, present, asked } = setup();
  expect([ANN, BO, CY].map((id) => presence.of(id))).toEqual([null, null, null]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked, 'no line yet').toEqual([]);
  presence.lineUp();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(asked).toEqual([`${ANN},${BO},${CY}`]);
  expect([ANN, BO, CY].map((id) => presence.of(id))).toEqual(['here', 'away', 'gone']);
  present.here = [];
  await vi.advanceTimersByTimeAsync(30_000);
  expect(asked).toHaveLength(2);
  expect(presence.of(ANN)).toBe('gone');
  presence.lineDown();
  expect(presence.of(ANN)).toBeNull();
  await vi.advanceTimersByTimeAsync(120_000);
  expect(asked).toHaveLength(2);
});

test('[PRES-10] a hidden page does not ask; one that shows again does at once', async () => {
  const { presence, page, asked } = setup();
  presence.lineUp();
  presence.of(ANN);
  await vi.advanceTimersByTimeAsync(1_000);
  page.visible = false;
  await vi.advanceTimersByTimeAsync(300_000);
  expect(asked).toHaveLength(1);
  page.visible = true;
  page.changed();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(asked).toHaveLength(2);
  presence.of(BO);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(asked.at(-1)).toBe(`${ANN},${BO}`);
});
