// The part of an address behind #, which no server sees: invitations and the set-up link carry their secret there.

/** What it says; null where a cut or mistyped link left half a character. */
export function fragmentText(hash: string): string | null {
  try {
    return decodeURIComponent(hash.replace(/^#/, ''));
  } catch {
    return null;
  }
}
