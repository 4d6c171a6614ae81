import { expect, test } from 'vitest';
import { People } from './people.svelte.ts';
import { othersOf, titleOf } from './room-title.ts';

const ids = ['Ann', 'Bo', 'Cy', 'Di', 'Ed', 'Flo', 'Gil'].map((name, at) => ({
  name,
  id: `u${String(at).repeat(22)}`
}));

function setup() {
  const people = new People();
  for (const { id, name } of ids) people.rename(id, name);
  return (count: number) => ids.slice(0, count).map(({ id }) => people.person(id));
}

test('[DIRECT-3] a conversation is called by the others in it, and a long list is cut', () => {
  const others = setup();
  expect([1, 2, 3, 7].map((count) => titleOf(others(count)))).toEqual([
    'Ann',
    'Ann and Bo',
    'Ann, Bo and Cy',
    'Ann, Bo, Cy, Di and 3 more'
  ]);
  expect(titleOf([])).toBe('Only you');
});

test('[DIRECT-3] oneself is not among the others', () => {
  const people = new People();
  const me = ids[1]!.id;
  expect(
    othersOf(
      ids.map(({ id }) => id),
      me,
      (id) => people.person(id)
    ).map(({ id }) => id)
  ).not.toContain(me);
});
