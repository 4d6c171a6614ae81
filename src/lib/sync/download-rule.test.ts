import { expect, test } from 'vitest';
import { effectiveRule, fetchesItself, NOT_CHOSEN, type DownloadRule, type LineCost } from './download-rule.ts';

const thumbnail = { hash: 't', type: 'image/webp', size: 9_000, width: 480, height: 360 };
const FILES = {
  photo: { type: 'image/webp', size: 900_000, thumbnail },
  icon: { type: 'image/png', size: 20_000 },
  scan: { type: 'image/png', size: 900_000 },
  film: { type: 'video/mp4', size: 20_000_000, thumbnail },
  clip: { type: 'video/mp4', size: 4_000_000, thumbnail },
  plan: { type: 'application/pdf', size: 900_000 },
  song: { type: 'audio/mpeg', size: 6_000_000 },
  voice: { type: 'audio/webm', size: 6_000_000, voice: true as const }
};
const ALWAYS = ['icon', 'voice'];
const LINES: Record<string, LineCost> = {
  untold: { saves: false, metered: null },
  wifi: { saves: false, metered: false },
  mobile: { saves: false, metered: true },
  saver: { saves: true, metered: null },
  'saver on wifi': { saves: true, metered: false }
};
const rule = (pictures: DownloadRule['pictures'], filesMostBytes: number | null): DownloadRule => ({
  pictures,
  filesMostBytes
});

test.each<readonly [rule: DownloadRule, lines: string, fetched: readonly string[]]>([
  [NOT_CHOSEN, 'untold wifi mobile', ['photo', 'scan', 'clip', 'plan']],
  [NOT_CHOSEN, 'saver', []],
  [NOT_CHOSEN, 'saver on wifi', []],
  [rule('never', 0), 'untold wifi mobile saver', []],
  [rule('always', 0), 'untold wifi mobile saver', ['photo', 'scan']],
  [rule('always', null), 'saver', ['photo', 'scan']],
  [rule('unmetered', 0), 'wifi', ['photo', 'scan']],
  [rule('unmetered', 0), 'saver on wifi', ['photo', 'scan']],
  [rule('unmetered', 0), 'mobile untold saver', []],
  [rule('never', 5_000_000), 'untold mobile', ['clip', 'plan']],
  [rule('never', 25_000_000), 'untold mobile saver', ['film', 'clip', 'plan', 'song']]
])('[DOWNLOAD-1] %j on %s', (chosen, lines, fetched) => {
  for (const line of lines in LINES ? [lines] : lines.split(' ')) {
    const names = Object.entries(FILES).flatMap(([name, of]) =>
      fetchesItself(of, chosen, LINES[line]!) ? [name] : []
    );
    expect(names.toSorted(), line).toEqual([...ALWAYS, ...fetched].toSorted());
  }
});

test('[DOWNLOAD-1] what was not chosen is as the browser saves data', () => {
  expect(effectiveRule(NOT_CHOSEN, LINES['untold']!)).toEqual({ pictures: 'always', filesMostBytes: 5_000_000 });
  expect(effectiveRule(NOT_CHOSEN, LINES['saver']!)).toEqual({ pictures: 'never', filesMostBytes: 0 });
});
