// What a screen reader says of messages that have just come: the words of a few, of many how many and the newest.
// Invariant: nothing of one's own, of people one has blocked, or of what was taken away.

import type { TimelineItem } from '#lib/model/timeline-item.ts';
import { lineWords } from '#lib/model/attachment-words.ts';
import { plainMarkdown } from '#protocol/markdown/markdown.ts';
import { m } from '#lib/words/generated/messages.js';

export interface ArrivalLine {
  readonly id: string;
  readonly text: string;
}

/** Said one by one; more are summed up. */
const LINES_MAX = 3;

export function arrivalLines(came: readonly TimelineItem[]): readonly ArrivalLine[] {
  const said = came.filter(isSaid);
  const newest = said.at(-1);
  if (said.length <= LINES_MAX || !newest) return said.map(lineOf);
  return [{ id: `sum-${newest.id}`, text: m.timeline_arrivals({ n: said.length }) }, lineOf(newest)];
}

const isSaid = (item: TimelineItem): boolean =>
  !item.own && (item.kind === 'system' || (item.redacted === null && !item.author.blocked));

const lineOf = (item: TimelineItem): ArrivalLine => ({
  id: item.id,
  text:
    item.kind === 'system' ? item.text : `${item.author.name}: ${lineWords(plainMarkdown(item.body), item.attachments)}`
});
