// What a field holds after marks were put around its selection, or taken from there. Pure.

export interface Replacement {
  readonly from: number;
  readonly to: number;
  readonly text: string;
  /** What is selected afterwards. */
  readonly selected: readonly [from: number, to: number];
}

export function withMarks(value: string, from: number, to: number, mark: string): Replacement {
  const words = value.slice(from, to);
  const { length } = mark;
  const outer = value.slice(0, from).endsWith(mark) && value.slice(to).startsWith(mark);
  // One star of the two of bold is not that of italics.
  const longer = mark.length === 1 && value[from - 2] === mark && value[from - 3] !== mark;
  if (outer && !longer)
    return { from: from - length, to: to + length, text: words, selected: [from - length, to - length] };
  // Marks hold no spaces at their inner edge.
  const start = from + (words.length - words.trimStart().length);
  const inner = words.trim();
  const end = start + inner.length;
  return inner === ''
    ? { from: to, to, text: mark + mark, selected: [to + length, to + length] }
    : { from: start, to: end, text: mark + inner + mark, selected: [start + length, end + length] };
}

/** Whether what is typed next stands in a block of code that is not closed yet. */
export function inOpenFence(before: string): boolean {
  const fences = before.match(/^ {0,3}```[^`\n]*$/gm)?.length ?? 0;
  return fences % 2 === 1;
}
