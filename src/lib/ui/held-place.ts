// Where what is being read stands among rows that have changed: so that rows that come or go at either end move nothing.

interface Keyed {
  readonly key: string;
}

export interface RowChange {
  /** Rows that came (negative: went) before what is read, and after it. */
  readonly before: number;
  readonly after: number;
}

/**
 * @param seen from and to: indices in `rows` of what can be seen
 * @param holds whether a row may stand for what is read
 * @returns null when nothing that can be seen is left
 */
export function heldPlace<Row extends Keyed>(
  rows: readonly Row[],
  next: readonly Row[],
  seen: { readonly from: number; readonly to: number },
  holds: (row: Row) => boolean
): RowChange | null {
  const grown = next.length - rows.length;
  for (let index = seen.from; index <= seen.to && index < rows.length; index += 1) {
    const row = rows[index]!;
    if (!holds(row)) continue;
    const at = placeOf(next, row.key, [index, index + grown]);
    if (at !== -1) return { before: at - index, after: grown - (at - index) };
  }
  return null;
}

function placeOf(rows: readonly Keyed[], key: string, likely: readonly number[]): number {
  for (const index of likely) if (rows[index]?.key === key) return index;
  return rows.findIndex((row) => row.key === key);
}
