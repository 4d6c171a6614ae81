// Whether a name that one signs in with stands at a place in a text: whole, whatever its case. Pure.

const WORD = /^[\p{L}\p{N}_]/u;
/** What Markdown, or its addresses, would take for marks. */
const MARKS = /[*_~`[\]\\<]/;

export function isNameAt(text: string, at: number, name: string): boolean {
  const there = text.slice(at, at + name.length);
  return there.toLowerCase() === name.toLowerCase() && !WORD.test(text.slice(at + name.length));
}

/** Those of the names that Markdown would take apart. */
export const namesWithMarks = (people: readonly { readonly userName: string }[]): readonly string[] =>
  people.flatMap(({ userName }) => (MARKS.test(userName) ? [userName] : []));
