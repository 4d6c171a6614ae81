// Colours for code: pieces of text with what they are, never markup. The highlighter is fetched when the first block of
// code that names its language is shown; the service worker has it for when there is no network.

export type CodeMark = 'keyword' | 'string' | 'number' | 'comment' | 'name' | 'inserted' | 'deleted';

export interface CodePiece {
  readonly text: string;
  readonly mark: CodeMark | null;
}

/** Beyond either, code stays in one colour: many grammars look through a line once for each of its characters. */
export const HIGHLIGHT_MAX_CHARS = 4_000;
export const HIGHLIGHT_LINE_MAX_CHARS = 200;

/** @returns null where the code stays as it is: too long, in no language that is known, or the highlighter is out of reach */
export async function highlight(code: string, language: string): Promise<readonly CodePiece[] | null> {
  if (language === '' || code.length > HIGHLIGHT_MAX_CHARS) return null;
  if (code.split('\n').some((line) => line.length > HIGHLIGHT_LINE_MAX_CHARS)) return null;
  const highlighter = await import('./highlighter.ts').catch(() => null);
  return highlighter?.codePieces(code, language.toLowerCase()) ?? null;
}
