import { expect, test } from 'vitest';
import { firstPicture } from './seen-picture.ts';

const of = { hash: 'h'.repeat(43), name: 'a', size: 3, width: 4, height: 3 };

test('[FILES-23] of several files the first that can be seen stands for them: a picture, or a film with a still', () => {
  const file = { ...of, type: 'application/pdf' };
  const drawing = { ...of, type: 'image/svg+xml' };
  const film = { ...of, type: 'video/mp4' };
  const picture = { ...of, type: 'image/webp' };
  const still = { ...film, thumbhash: 'abcd' };
  expect(firstPicture(undefined)).toBeNull();
  expect(firstPicture([file, drawing, film])).toBeNull();
  expect(firstPicture([file, film, picture, still])).toBe(picture);
  expect(firstPicture([film, still, picture])).toBe(still);
});
