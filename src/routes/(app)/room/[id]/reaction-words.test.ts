import { expect, test } from 'vitest';
import type { PersonView } from '../../../../lib/model/person-view.ts';
import { reactionWords } from './reaction-words.ts';

const person = (name: string) => ({ id: name, name }) as PersonView;
const ann = person('Ann');

test('[REACT-1] a reaction says who: oneself first, of many only some by name', () => {
  expect(reactionWords({ people: [person('Bo')], own: false }, 'Ann')).toBe('Bo');
  expect(reactionWords({ people: [person('Bo'), ann], own: true }, 'Ann')).toBe('You and Bo');
  expect(reactionWords({ people: [person('Bo'), person('Cy'), ann], own: true }, 'Ann')).toBe('You, Bo and Cy');
  const many = Array.from({ length: 14 }, (_, index) => person(`P${index}`));
  expect(reactionWords({ people: many, own: false }, null)).toMatch(/^P0, .*P11 and 2 more$/);
  expect(reactionWords({ people: many.slice(0, 13), own: false }, null)).toMatch(/P11 and one more$/);
});
