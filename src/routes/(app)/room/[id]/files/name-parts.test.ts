import { expect, test } from 'vitest';
import { nameParts } from './name-parts.ts';

test('[FILES-12] a long name is cut in its middle: its ending and what stands before that stay', () => {
  expect(nameParts('IMG_20240612_184233.jpg')).toEqual({ stem: 'IMG_20240612_18', end: '4233.jpg' });
  expect(nameParts('Minutes of the meeting.docx')).toEqual({ stem: 'Minutes of the mee', end: 'ting.docx' });
  expect(nameParts('README')).toEqual({ stem: 'RE', end: 'ADME' });
  expect(nameParts('a.b')).toEqual({ stem: '', end: 'a.b' });
  expect(nameParts('.profile')).toEqual({ stem: '.pro', end: 'file' });
  // No sign is cut in two.
  expect(nameParts('👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧.png')).toEqual({ stem: '👨‍👩‍👧', end: '👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧.png' });
  expect(nameParts('an ending. that is none at all')).toEqual({ stem: 'an ending. that is none at', end: ' all' });
});

test('[FILES-12] letters that join or run from right to left are not torn apart', () => {
  expect(nameParts('تقرير الاجتماع.pdf')).toEqual({ stem: 'تقرير الاجتماع', end: '.pdf' });
  expect(nameParts('סיכום הפגישה.docx')).toEqual({ stem: 'סיכום הפגישה', end: '.docx' });
  // Where digits or Latin words stand before the ending, their order is that of the whole.
  for (const name of ['تقرير 2024.pdf', 'סיכום photo.jpg', 'تقرير', 'photo.תמונה'])
    expect(nameParts(name)).toEqual({ stem: name, end: '' });
});
