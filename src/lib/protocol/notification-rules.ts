// Of what a person hears at once, by what they have set for a room and for all: asked by the app before it tells, and by the
// server before it pushes. Pure. Invariant: reading never throws; what does not fit is as if it were not set.

import * as v from 'valibot';
import type { RoomKind } from './entry-fields.ts';
import { KEYWORD_MAX_CHARS, KEYWORDS_MAX } from './limits.ts';
import {
  NOTIFICATION_LEVEL,
  readNotificationLevel,
  readRoomMark,
  roomMarkKey,
  type NotificationLevel,
  type PersonalRoot,
  type RoomMarks
} from './personal.ts';
import type { RoomId } from './ids.ts';

/** Keys of `preferences`. */
export const KEYWORDS = 'keywords';
export const QUIET_HOURS = 'quiet-hours';

/** Where nothing is said. */
const DEFAULT_LEVEL: NotificationLevel = 'mentions';
const DAY_MIN = 24 * 60;
const ZONE_MAX_CHARS = 64;

const minuteOfDay = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(DAY_MIN - 1));
const quietHours = v.object({
  /** Minutes of the day. `to` may lie on the next one; the same as `from`: the whole day. */
  from: minuteOfDay,
  to: minuteOfDay,
  /** IANA name of the time zone that they are meant in. */
  zone: v.pipe(v.string(), v.maxLength(ZONE_MAX_CHARS))
});
export type QuietHours = v.InferOutput<typeof quietHours>;

/** What holds in all rooms. */
export interface NotificationRules {
  readonly level: NotificationLevel;
  /** Words that one wants to hear of as if one were mentioned. */
  readonly keywords: readonly string[];
  readonly quiet: QuietHours | null;
}

export const NO_RULES: NotificationRules = { level: DEFAULT_LEVEL, keywords: [], quiet: null };

/** What a room says of itself. */
export type RoomLoudness = { readonly [Mark in 'muted' | 'archived' | 'level']: RoomMarks[Mark] | null };

/** A value of one's own document. */
export type PersonalLookup = (root: PersonalRoot, key: string) => unknown;

export function readNotificationRules(look: PersonalLookup): NotificationRules {
  return {
    level: readNotificationLevel(look('preferences', NOTIFICATION_LEVEL)) ?? DEFAULT_LEVEL,
    keywords: readKeywords(look('preferences', KEYWORDS)),
    quiet: readQuietHours(look('preferences', QUIET_HOURS))
  };
}

export function readRoomLoudness(look: PersonalLookup, room: RoomId): RoomLoudness {
  const mark = <Mark extends keyof RoomLoudness>(name: Mark) =>
    readRoomMark(name, look('rooms', roomMarkKey(room, name)));
  return { muted: mark('muted'), archived: mark('archived'), level: mark('level') };
}

/** Without blanks around them, each once whatever its case, as many as are kept. */
export function tidyKeywords(words: readonly string[]): readonly string[] {
  const tidy = new Map<string, string>();
  for (const word of words) {
    if (tidy.size === KEYWORDS_MAX) break;
    // Blanks are many to whoever wrote them by other means than ours.
    if (word.length > 4 * KEYWORD_MAX_CHARS) continue;
    const trimmed = word.normalize('NFC').replace(/\s+/gu, ' ').trim();
    const key = trimmed.toLowerCase();
    if (trimmed !== '' && trimmed.length <= KEYWORD_MAX_CHARS && !tidy.has(key)) tidy.set(key, trimmed);
  }
  return [...tidy.values()];
}

const readKeywords = (value: unknown): readonly string[] =>
  Array.isArray(value) ? tidyKeywords(value.filter((word) => typeof word === 'string')) : [];

function readQuietHours(value: unknown): QuietHours | null {
  const result = v.safeParse(quietHours, value);
  return result.success && minuteIn(result.output.zone, 0) !== null ? result.output : null;
}

/** What has come, as far as it matters to whether one is told. */
export interface Told {
  readonly mentioned: boolean;
  /** Without marks. */
  readonly text: string;
}

/** Whether a person is told at once. @param nowMs epoch ms */
export function isTold(
  { mentioned, text }: Told,
  kind: RoomKind,
  { muted, archived, level }: RoomLoudness,
  rules: NotificationRules,
  nowMs: number
): boolean {
  if (muted || isQuiet(rules.quiet, nowMs)) return false;
  const called = mentioned || hasKeyword(text, rules.keywords);
  if (archived !== null && !called) return false;
  switch (level ?? rules.level) {
    case 'none':
      return false;
    case 'all':
      return true;
    case 'mentions':
      // Between people all is meant for each of them, unless they have said otherwise of this very room.
      return called || (level === null && (kind === 'direct' || kind === 'group'));
  }
}

/** Whole words, whatever their case. */
export function hasKeyword(text: string, keywords: readonly string[]): boolean {
  if (keywords.length === 0) return false;
  const said = folded(text);
  return keywords.some((word) => stands(folded(word), said));
}

/** Searched for rather than matched: to make a pattern of each word of each person takes a thousand times as long. */
function stands(word: string, said: string): boolean {
  let at = said.indexOf(word);
  if (WITHOUT_SPACES.test(word)) return at !== -1;
  for (let places = 0; at !== -1 && places < PLACES_MAX; places += 1, at = said.indexOf(word, at + 1)) {
    const end = at + word.length;
    if (!ENDS_IN_WORD.test(said.slice(Math.max(0, at - 2), at)) && !BEGINS_IN_WORD.test(said.slice(end, end + 2)))
      return true;
  }
  return false;
}
/** A word that stands within others so often in one message is looked for no further: each place costs the server time. */
const PLACES_MAX = 1_000;

/** The last letter of a Greek word is written otherwise. */
const folded = (text: string): string => text.normalize('NFC').toLowerCase().replaceAll('ς', 'σ');

/** Written without spaces between words: there a word is found anywhere. */
const WITHOUT_SPACES =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const ENDS_IN_WORD = /[\p{L}\p{M}\p{N}_]$/u;
const BEGINS_IN_WORD = /^[\p{L}\p{M}\p{N}_]/u;

export function isQuiet(quiet: QuietHours | null, nowMs: number): boolean {
  if (!quiet) return false;
  const now = minuteIn(quiet.zone, nowMs);
  if (now === null) return false;
  const { from, to } = quiet;
  if (from === to) return true;
  return from < to ? now >= from && now < to : now >= from || now < to;
}

/** Minutes of the day there; null: there is no such zone. */
function minuteIn(zone: string, nowMs: number): number | null {
  try {
    const parts = new Intl.DateTimeFormat('en-GB', {
      ...{ timeZone: zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }
    }).formatToParts(nowMs);
    const part = (type: string): number => Number(parts.find((one) => one.type === type)?.value);
    return part('hour') * 60 + part('minute');
  } catch {
    return null;
  }
}
