// What somebody wrote in a notification and could not send from there: it comes in the fragment of the address, which no
// server sees, and goes into the draft. Pure.

const MARK = '#write=';

/** null: there is none. '' is one too: somebody wants to write. */
export function keptReply(hash: string): string | null {
  if (!hash.startsWith(MARK)) return null;
  try {
    return decodeURIComponent(hash.slice(MARK.length));
  } catch {
    return '';
  }
}

/** Nothing that was typed before is lost. */
export const withReply = (draft: string, reply: string): string =>
  draft.trim() === '' ? reply : reply === '' ? draft : `${draft.trimEnd()}\n${reply}`;
