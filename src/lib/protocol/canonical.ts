// One byte form of an entry, so that "same content" means the same on every side.

/**
 * Canonical JSON: keys sorted by UTF-16 code units, no white space (RFC 8785 without its number corner cases,
 * which JSON.stringify covers). Input must be plain JSON; entries are, once parsed.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const record = value as Record<string, unknown>;
    const members = Object.keys(record)
      .sort()
      .map((key) => `${JSON.stringify(key)}:${canonicalJson(record[key])}`);
    return `{${members.join(',')}}`;
  }
  return JSON.stringify(value);
}

/** Length of the canonical form in UTF-8 bytes. */
export const canonicalBytes = (value: unknown): number => new TextEncoder().encode(canonicalJson(value)).length;
