import { expect, test } from 'vitest';
import { RoomDraft } from './room-draft.svelte.ts';

test('what was typed while there was no store is written as soon as there is one, and not taken for what lies there', async () => {
  const written: [string, string][] = [];
  const draft = new RoomDraft('room', () => undefined);
  draft.set('half a thought');
  draft.attach({
    draft: () => 'older',
    setDraft: async (of, text) => {
      written.push([of, text]);
    }
  });
  await expect.poll(() => written).toContainEqual(['room', 'half a thought']);
  expect(draft.text).toBe('half a thought');
});

test('a room that is opened shows what lies there, and writes nothing', () => {
  const written: string[] = [];
  const draft = new RoomDraft('room', () => undefined);
  draft.attach({
    draft: () => 'older',
    setDraft: async (_, text) => {
      written.push(text);
    }
  });
  expect(draft.text).toBe('older');
  expect(written).toEqual([]);
});
