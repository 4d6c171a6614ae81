import { expect, test } from 'vitest';
import { mayBeForOneUse } from './one-time-link.ts';

test('[PREVIEW-14] a link may be for one use where its query holds what looks like a token', () => {
  for (const url of [
    'https://a.example/reset?token=0123456789abcdef',
    'https://a.example/in?next=/home&key=Zm9vYmFyYmF6cXV4Cg==',
    'https://a.example/in?c=3f2504e0-4f89-11d3-9a0c-0305e82c3301',
    'https://a.example/in?jwt=eyJhbGciOi.eyJzdWIiOi.SflKxwRJSM',
    'https://a.example/verify?4f8911d39a0c0305e82c'
  ])
    expect(mayBeForOneUse(url), url).toBe(true);
  for (const url of [
    'https://a.example/4f8911d39a0c0305e82c4f8911d39a0c',
    'https://a.example/?q=how+to+read+the+tide+tables+of+2026',
    'https://a.example/watch?v=dQw4w9WgXcQ&list=PLrAXtmErZgOeiKm4sgNOknGvNjby9efdf',
    'https://youtu.example/x?si=AbCdEfGh12345678&utm_source=0123456789abcdefXY',
    'https://a.example/?id=1234567890123456789',
    'https://a.example/?page=a-very-long-name-of-a-page',
    'https://a.example/#token=0123456789abcdef'
  ])
    expect(mayBeForOneUse(url), url).toBe(false);
});
