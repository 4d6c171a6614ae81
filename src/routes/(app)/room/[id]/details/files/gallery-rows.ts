// The rows of a gallery: files by month, pictures so many in a row. Pure. Invariant: a row keeps its key while files come
// before or after those in it, so that what is looked at stays where it is.

import type { GalleryFile } from '#lib/model/room-gallery.ts';
import { shownAt } from '#lib/model/room-gallery.ts';

export type GalleryRow =
  | { readonly key: string; readonly kind: 'month'; readonly label: string }
  | { readonly key: string; readonly kind: 'files'; readonly files: readonly GalleryFile[]; readonly month: string };

export class MonthLabels {
  readonly #month: Intl.DateTimeFormat;
  readonly #monthYear: Intl.DateTimeFormat;

  constructor(locale?: string) {
    this.#month = new Intl.DateTimeFormat(locale, { month: 'long' });
    this.#monthYear = new Intl.DateTimeFormat(locale, { month: 'long', year: 'numeric' });
  }

  /** "November", "October 2025". */
  of(at: number, now: number): string {
    const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
    return (sameYear ? this.#month : this.#monthYear).format(at);
  }
}

/** @param across files in a row */
export function galleryRows(
  files: readonly GalleryFile[],
  across: number,
  now: number,
  labels: MonthLabels
): readonly GalleryRow[] {
  const rows: GalleryRow[] = [];
  for (let from = 0; from < files.length;) {
    const at = shownAt(files[from]!);
    const month = monthKey(at);
    let to = from + 1;
    while (to < files.length && monthKey(shownAt(files[to]!)) === month) to += 1;
    // What came late stands where it arrived, and may be of a month that was there before.
    const key = rows.some((row) => row.key === month) ? `${month} ${files[from]!.key}` : month;
    const label = labels.of(at, now);
    rows.push({ key, kind: 'month', label });
    for (let first = from; first < to; first += across)
      rows.push({
        ...{ key: `${key} ${(first - from) / across}`, kind: 'files', month: label },
        files: files.slice(first, Math.min(to, first + across))
      });
    from = to;
  }
  return rows;
}

function monthKey(at: number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${date.getMonth() + 1}`;
}

export type GalleryMove = 'before' | 'after' | 'above' | 'below' | 'first' | 'last';

/** Where the focus goes from a file by a key: as a grid of several rows, months between them not counted. */
export function fileBeside(rows: readonly GalleryRow[], key: string | null, move: GalleryMove): GalleryFile | null {
  const lines = rows.flatMap((row) => (row.kind === 'files' ? [row.files] : []));
  const all = lines.flat();
  const at = all.findIndex((file) => file.key === key);
  if (at === -1) return all[0] ?? null;
  if (move === 'first') return all[0]!;
  if (move === 'last') return all.at(-1)!;
  if (move === 'before' || move === 'after') return all[at + (move === 'after' ? 1 : -1)] ?? all[at]!;
  const line = lines.findIndex((files) => files.some((file) => file.key === key));
  const column = lines[line]!.findIndex((file) => file.key === key);
  const next = lines[line + (move === 'below' ? 1 : -1)];
  return next?.[Math.min(column, next.length - 1)] ?? all[at]!;
}
