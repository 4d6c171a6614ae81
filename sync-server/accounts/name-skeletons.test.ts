import { expect, test } from 'vitest';
import { isOfOneScript } from './name-script.ts';
import { NameSkeletons } from './name-skeletons.ts';

const skeletons = NameSkeletons.read();
const alike = (a: string, b: string): boolean => {
  const of = new Set(skeletons.of(a));
  return skeletons.of(b).some((skeleton) => of.has(skeleton));
};

test.each([
  ['Ann', 'ann'],
  ['paypal', 'pаypаl'],
  ['scope', 'ѕсоре'],
  ['Iris', 'lris'],
  ['Bill', 'BiII'],
  ['Otto', '0tto'],
  ['modern', 'rnodern'],
  ['ann1', 'annl'],
  ['Ωmega', 'Ωmega'],
  ['Ελενα', 'Eλενα']
])('[ACCT-14] %s and %s look alike', (a, b) => {
  expect(alike(a, b)).toBe(true);
  expect(alike(b, a)).toBe(true);
});

test.each([
  ['Ann', 'Anna'],
  ['Bo', 'Ro'],
  ['Zoë', 'Zoe'],
  ['ann1', 'ann2'],
  ['花子', '化子'],
  ['person 1', 'person 2']
])('[ACCT-14] %s and %s do not', (a, b) => {
  expect(alike(a, b)).toBe(false);
});

test.each([
  'Ann',
  'Zoë',
  'Ёлка',
  'Ελένη',
  'محمد',
  'שרה',
  '花子',
  '山田はなコ Hanako',
  '김철수 Kim',
  '王ㄨㄤ',
  '👩‍🚀 Ada',
  'राम',
  '42'
])('[ACCT-15] %s is written in one script, or in scripts that belong together', (name) =>
  expect(isOfOneScript(name)).toBe(true)
);

test.each(['pаypal', 'Ann Ёлка', 'Εlena', 'annא', 'はな김', '𐌀nn', 'ᚠᚢᚦ'])('[ACCT-15] %s is not', (name) =>
  expect(isOfOneScript(name)).toBe(false)
);
