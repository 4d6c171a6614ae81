// One or two letters for a name: first letters of the first and last word; one character for Han and Kana,
// the first two letters of a single word in other scripts' joined writing (Arabic, Hebrew).

const letter = /[\p{L}\p{N}]/u;
const ideograph = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;
const joined = /[\p{Script=Arabic}\p{Script=Hebrew}]/u;

export function initialsOf(name: string): string {
  const words = name
    .normalize('NFC')
    .split(/[\s\-–—_./&+]+/u)
    .map((word) => [...word].filter((character) => letter.test(character)))
    .filter((word) => word.length > 0);
  const [first] = words;
  if (!first?.[0]) return firstGrapheme(name.trim()) || '?';
  if (ideograph.test(first[0])) return first[0];
  if (joined.test(first[0])) return first.slice(0, 2).join('');
  const last = words.length > 1 ? words.at(-1)?.[0] : undefined;
  const second = last && !ideograph.test(last) && !joined.test(last) ? last : '';
  return (first[0] + second).toLocaleUpperCase();
}

function firstGrapheme(text: string): string {
  const [segment] = new Intl.Segmenter().segment(text);
  return segment?.segment ?? '';
}
