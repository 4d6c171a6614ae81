// Where an arrow key leads in a grid of several sections, each of full rows but the last: over the edge of one section
// into the next, in the same column as far as there is one.

export type GridKey = 'ArrowLeft' | 'ArrowRight' | 'ArrowUp' | 'ArrowDown' | 'Home' | 'End';

/**
 * @param sizes cells of each section, none of them empty
 * @param at index over all sections
 * @returns the index to go to; `at` where there is nothing further
 */
export function moveInGrid(sizes: readonly number[], columns: number, at: number, key: GridKey): number {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  switch (key) {
    case 'ArrowLeft':
      return Math.max(0, at - 1);
    case 'ArrowRight':
      return Math.min(total - 1, at + 1);
    case 'Home':
      return 0;
    case 'End':
      return total - 1;
    case 'ArrowUp':
    case 'ArrowDown':
      return moveByRow(sizes, columns, at, key === 'ArrowUp' ? -1 : 1);
  }
}

function moveByRow(sizes: readonly number[], columns: number, at: number, step: 1 | -1): number {
  let start = 0;
  let section = 0;
  while (section < sizes.length && at >= start + sizes[section]!) start += sizes[section++]!;
  const size = sizes[section]!;
  const column = (at - start) % columns;
  const row = Math.floor((at - start) / columns);
  const lastRow = Math.floor((size - 1) / columns);
  if (step === 1) {
    if (row < lastRow) return start + Math.min(size - 1, at - start + columns);
    const next = sizes[section + 1];
    return next === undefined ? at : start + size + Math.min(column, next - 1);
  }
  if (row > 0) return at - columns;
  const before = sizes[section - 1];
  if (before === undefined) return at;
  const lastRowStart = Math.floor((before - 1) / columns) * columns;
  return start - before + Math.min(before - 1, lastRowStart + column);
}
