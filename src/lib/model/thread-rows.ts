// What a device keeps of those threads of a room that are one's own, for the list over all rooms: where they are, how much
// is in them, what of it came since one's own last words. Pure. Invariant: no words and no names, so nothing of what is
// erased stays here; a reply counts once, whichever pages are loaded, and all do once the root's page was.

import { standing, repliesOf, rootOf, type ThreadElement } from './thread-elements.ts';
import { arrivedAt, isOwnThread, newsOf, ownAtOf, type OwnThreadSource, type ThreadNews } from './own-thread.ts';
import { threadOf } from '#protocol/entry.ts';

/** Beyond so many the oldest of a room are not kept. */
const THREAD_ROWS_MAX = 200;
/** Nobody counts further. */
export const THREAD_NEWS_MAX = 100;

export interface ThreadRow {
  readonly root: string;
  /** The page that the root was on when last seen; null: it was not. */
  readonly page: number | null;
  /** All of the thread was read once, so that `replies` is right. */
  readonly whole: boolean;
  readonly replies: number;
  /** Epoch ms of the newest reply. */
  readonly at: number;
  /** Epoch ms of the newest arrival that was read. */
  readonly upTo: number;
  /** Id of the newest reply. */
  readonly last: string;
  /** Epoch ms of one's own newest reply; 0: there is none. */
  readonly ownAt: number;
  /** Replies of others after that, the newest last, at most THREAD_NEWS_MAX. */
  readonly news: readonly ThreadNews[];
}

export interface ThreadRowsSource extends OwnThreadSource {
  readonly roots: ReadonlySet<string>;
  readonly pageOf: (id: string) => number | null;
}

/** @param before what was kept so far: of a thread whose root is not loaded, what is read now comes to that */
export function threadRows(source: ThreadRowsSource, before: readonly ThreadRow[]): readonly ThreadRow[] {
  const known = new Map(before.map((row) => [row.root, row]));
  const waiting = source.pending.flatMap(({ entry }) => threadOf(entry) ?? []);
  const rows: ThreadRow[] = [];
  for (const root of new Set([...known.keys(), ...source.roots, ...waiting])) {
    const elements = repliesOf(root, source);
    const row = known.get(root);
    if (!row && !isOwnThread(root, elements, source)) continue;
    const next = rootOf(root, source) ? wholeRow(root, elements, source, row) : partialRow(root, elements, source, row);
    if (next) rows.push(next);
  }
  return rows.sort((a, b) => b.at - a.at || (a.root < b.root ? -1 : 1)).slice(0, THREAD_ROWS_MAX);
}

function wholeRow(
  root: string,
  elements: readonly ThreadElement[],
  source: ThreadRowsSource,
  known: ThreadRow | undefined
): ThreadRow | null {
  const there = standing(elements, source);
  const last = there.at(-1);
  if (!last) return null;
  return {
    ...{ root, page: known?.page ?? source.pageOf(root), whole: true, replies: there.length },
    at: arrivedAt(last) ?? last.entry.sentAt,
    upTo: newestOf(there),
    last: last.entry.id,
    ownAt: ownAtOf(elements, source.me),
    news: newsOf(elements, source).slice(-THREAD_NEWS_MAX)
  };
}

/** The root lies elsewhere: what is loaded may be a part of what is known already, or more. */
function partialRow(
  root: string,
  elements: readonly ThreadElement[],
  source: ThreadRowsSource,
  known: ThreadRow | undefined
): ThreadRow | null {
  const there = standing(elements, source).filter((element) => arrivedAt(element) !== null);
  const row: ThreadRow = known ?? {
    ...{ root, page: null, whole: false, replies: 0, at: 0, upTo: 0, last: '', ownAt: 0, news: [] }
  };
  const more = there.filter((element) => arrivedAt(element)! > row.upTo);
  const ownAt = Math.max(row.ownAt, ownAtOf(there, source.me));
  // Of what was counted some may have been taken away since.
  const standingIds = new Set(there.map(({ entry }) => entry.id));
  const gone = new Set(elements.map(({ entry }) => entry.id).filter((id) => !standingIds.has(id)));
  const newsById = new Map([...row.news, ...newsOf(there, source)].map((news) => [news.id, news]));
  const news = [...newsById.values()].filter(({ id, at }) => at > ownAt && !gone.has(id));
  const last = more.at(-1);
  const replies = row.replies + more.length - row.news.filter(({ id }) => gone.has(id)).length;
  if (replies <= 0) return null;
  return {
    ...{ root, page: row.page, whole: row.whole, replies, ownAt },
    at: last ? arrivedAt(last)! : row.at,
    upTo: Math.max(row.upTo, newestOf(there)),
    last: last ? last.entry.id : row.last,
    news: news.sort((a, b) => a.at - b.at).slice(-THREAD_NEWS_MAX)
  };
}

const newestOf = (elements: readonly ThreadElement[]): number =>
  elements.reduce((newest, element) => Math.max(newest, arrivedAt(element) ?? 0), 0);

/** What of a row is new to who has seen the thread up to this time. */
export function unseen({ ownAt, news }: ThreadRow, seen: number | null): readonly ThreadNews[] {
  const from = Math.max(ownAt, seen ?? 0);
  return news.filter(({ at }) => at > from);
}
