// On which sides a row that is scrolled sideways goes on, in either direction of writing. Pure.

/** px; scaled screens round. */
const SLACK = 1;

/** `scrollLeft` counts from the right, below zero, where writing does. */
export function hiddenSides(row: Pick<Element, 'scrollLeft' | 'scrollWidth' | 'clientWidth'>, fromRight: boolean) {
  const most = row.scrollWidth - row.clientWidth;
  const left = fromRight ? most + row.scrollLeft : row.scrollLeft;
  return { left: left > SLACK, right: most - left > SLACK };
}
